"""Every route of the site, asked for by the owner, by somebody else and without log-in. Each needs an example."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from tests.support import model_files
from tests.support.factory import a_corpus, a_look, a_memory, a_model, a_request
from webapp.accounts import tokens
from webapp.accounts.models import Invitation, User
from webapp.corpora import services as corpora
from webapp.groups import services as groups
from webapp.groups.models import GroupLink
from webapp.inside.models import Course
from webapp.passages.models import Passage
from webapp.queue.models import Job

pytestmark = pytest.mark.django_db

#: pages that anybody may see, and their status without log-in
PUBLIC = {
    "home": 200,
    "health": 200,
    "health_ready": 200,
    "health_live": 200,
    "account_login": 200,
    "login": 200,
    "account_signup": 200,
    "account_reset_password": 200,
    "account_reset_password_done": 200,
    "account_reset_password_from_key": 200,
    "account_reset_password_from_key_done": 200,
    "account_confirm_email": 200,
    "account_email_verification_sent": 200,
    "account_inactive": 200,
    "account_deleted": 200,
    "account_confirm_login_code": 302,
    "account_logout": 302,
    "logout": 302,
    "account_reauthenticate": 302,
    "mfa_authenticate": 302,
    "invited": 404,
    "api_docs": 200,
    "api_nothing": 404,
    "shared": 200,  # anybody who has the key may read it: see tests/web/test_passage_share.py
    "inside:shared": 200,  # and this: see tests/web/test_inside_course.py
    "inside:shared_look": 200,
    "inside:shared_array": 200,
}

#: pages of the visitor: their addresses name no object
PERSONAL = {
    "account",
    "account_tokens",
    "account_change_password",
    "account_delete",
    "account_email",
    "account_set_password",
    "mfa_index",
    "mfa_activate_totp",
    "mfa_generate_recovery_codes",
    "mfa_reauthenticate",
    "usersessions_list",
    "corpora:list",
    "corpora:create",
    "corpora:sample",
    "studies:list",
    "studies:compare",
    "studies:upload",
    "passages:list",
    "passages:compare",
    "passages:compare_voices",
    "inside:courses",
    "inside:memories",
    "inside:sample",
    "groups:list",
    "groups:join",  # whoever has the key may join: see tests/web/test_groups.py
}

#: pages of a visitor who has a second factor, and no pages for others: see tests/web/test_second_factor.py
WITH_SECOND_FACTOR = {"mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_download_recovery_codes"}

#: pages of an object, with the kind of object to which the first number in the address belongs
OWNED = {
    "account_revoke_token": "token",
    "corpora:detail": "corpus",
    "corpora:edit": "corpus",
    "delete_corpus": "corpus",
    "delete_document": "document",
    "corpora:add": "corpus",
    "corpora:put_away": "corpus",
    "corpora:document": "document",
    "corpora:doctor": "corpus",
    "corpora:document_doctor": "document",
    "corpora:document_encoding": "document",
    "corpora:look": "document",
    "corpora:look_at_all": "corpus",
    "corpora:original": "document",
    "corpora:edit_document": "document",
    "corpora:extract": "document",
    "corpora:remove": "place",
    "corpora:arrange": "corpus",
    "corpora:download": "corpus",
    "corpora:take": "corpus",
    "corpora:extraction": "extraction",
    "corpora:extraction_state": "extraction",
    "corpora:extraction_stop": "extraction",
    "corpora:extraction_forget": "extraction",
    "studies:create": "corpus",
    "studies:cells": "corpus",
    "studies:detail": "study",
    "studies:status": "study",
    "studies:history": "study",
    "studies:history_csv": "study",
    "studies:source": "study",
    "studies:timeline": "study",
    "studies:changes": "study",
    "studies:edit": "study",
    "studies:stop": "study",
    "studies:pause": "study",
    "studies:resume": "study",
    "studies:further": "study",
    "studies:again": "study",
    "studies:another_text": "study",
    "studies:delete": "study",
    "studies:download": "study",
    "passages:write": "study",
    "passages:opening": "study",
    "passages:request": "job",
    "passages:stop": "job",
    "passages:detail": "passage",
    "passages:text": "passage",
    "passages:trace": "passage",
    "passages:download": "passage",
    "passages:again": "passage",
    "passages:star": "passage",
    "passages:share": "passage",
    "passages:unshare": "passage",
    "passages:edit": "passage",
    "passages:delete": "passage",
    "inside:gates": "study",
    "inside:units": "study",
    "inside:touch": "study",
    "inside:course": "study",
    "inside:share": "study",
    "inside:unshare": "study",
    "inside:memory": "study",
    "inside:look": "look",
    "inside:result_csv": "made",
    "inside:array": "look",
    "inside:array_csv": "look",
    "inside:next_csv": "look",
    "inside:table": "look",
    "inside:attribution": "look",
    **{f"groups:{name}": "group" for name in ("detail", "share", "invite", "leave", "delete")},
    **{"groups:unshare": "share", "groups:withdraw": "link", "groups:remove": "member"},
}

#: pages of single sign-on, which are no pages where settings name no provider: see tests/web/test_single_sign_on.py
SIGN_ON = {
    *("openid_connect_login", "openid_connect_callback", "sign_on_callback"),
    *("socialaccount_connections", "socialaccount_signup"),
    *("socialaccount_login_cancelled", "socialaccount_login_error"),
}

#: pages of whoever runs the site, which are no pages for everybody else: see tests/web/test_operator.py
OPERATORS = {
    *("operator", "operator_job", "operator_cancel", "operator_requeue", "operator_invite", "operator_withdraw"),
    "metrics",
}

_WITHOUT_NUMBER = {"operator", "operator_invite", "metrics"}

POST_ONLY = {
    "account_revoke_token",
    *(
        "corpora:sample",
        "corpora:put_away",
        "corpora:extract",
        "studies:cells",
        "corpora:extraction_stop",
        "corpora:extraction_forget",
        "corpora:document_encoding",
        "corpora:look",
        "corpora:look_at_all",
        "studies:stop",
        "studies:pause",
        "studies:resume",
        "passages:stop",
    ),
    *("inside:attribution", "inside:share", "inside:unshare", "inside:sample"),
    *("groups:share", "groups:invite", "groups:leave", "groups:unshare", "groups:withdraw", "groups:remove"),
    *("passages:again", "passages:star", "passages:share", "passages:unshare"),
}
FOR_PROGRAMS = "api:"  # see tests/web/test_api.py
SHARE_KEY = "k" * 43
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
#: the other arguments of an address
ARGUMENTS: dict[str, list[Any]] = {
    "studies:source": [0],
    "inside:array": [0],
    "inside:array_csv": [0],
    "studies:changes": [0],
    "account_confirm_email": ["no-such-key"],
    "account_reset_password_from_key": ["1", "no-such-key"],
    "invited": ["no-such-key"],
    "shared": [SHARE_KEY],
    "inside:shared": [SHARE_KEY],
    "inside:shared_look": [SHARE_KEY],
    "inside:shared_array": [SHARE_KEY, 0],
    "api_nothing": ["nothing"],
    "groups:join": [SHARE_KEY],
    "operator_job": [1],
}


@dataclass(frozen=True)
class Things:
    """One of everything that alice owns."""

    numbers: dict[str, int]

    def address(self, name: str) -> str:
        numbers = [self.numbers[OWNED[name]]] if name in OWNED else []
        return reverse(name, args=numbers + ARGUMENTS.get(name, []))

    def posted(self, name: str) -> dict[str, Any]:
        """Return the form that a button sends, if it is refused without one."""
        forms = {"groups:invite": {"places": 1, "days": 1}, "groups:share": {"corpus": self.numbers["corpus"]}}
        return forms.get(name, {})


@pytest.fixture
def things(alice: User) -> Things:
    return things_of(alice)


def things_of(alice: User) -> Things:
    corpus = a_corpus(alice)
    study = a_model(alice, corpus=corpus)
    model_files.store(study.model_key)
    job: Job = a_request(alice, study)
    document, passage = corpus.documents.get(), job.passages.get()
    Passage.objects.update(share_key=SHARE_KEY)
    token, _secret = tokens.make(alice, "Macbeth's", False)
    place = corpus.places.get()
    found = {"corpus": corpus, "document": document, "place": place, "study": study, "job": job, "passage": passage}
    found["extraction"] = corpora.queue_corpus(alice, "Macbeth", [("macbeth.docx", b"PK\3\4")], False, [], None)
    look = a_look(alice, study)
    found |= {"look": look, "made": a_memory(alice, study)}
    Course.objects.create(owner=alice, study=study, gates=look, share_key=SHARE_KEY)
    found["token"] = token
    group = groups.make(alice, "Macbeth's")
    member = User.objects.create_user("macduff")
    link = GroupLink.objects.create(group=group, key=SHARE_KEY, places=9, expires=timezone.now() + timedelta(days=1))
    groups.join(member, link.key)
    found |= {"group": group, "member": group.memberships.get(person=member), "link": link}
    found["invitation"] = Invitation.objects.create(places=1, expires=link.expires)
    found["share"] = groups.share(group, corpus, may_edit=True)
    return Things({name: thing.pk for name, thing in found.items()})


def names(patterns: list[URLPattern | URLResolver], space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else space)
        else:
            yield f"{space}{pattern.name}"


def go(client: Client, things: Things, name: str) -> Any:
    address = things.address(name)
    response = client.post(address, things.posted(name)) if name in POST_ONLY else client.get(address)
    if response.streaming:
        response.getvalue()  # otherwise its file stays open
    return response


def without_token(response: Any) -> str:
    """Return the page without its CSRF token, which is different each time."""
    return re.sub(r'"X-CSRFToken": "\w+"', "", response.content.decode())


def test_every_route_has_an_example() -> None:
    routes = [name for name in names(get_resolver().url_patterns) if not name.startswith(FOR_PROGRAMS)]
    assert set(routes) == set(PUBLIC) | PERSONAL | set(OWNED) | OPERATORS | WITH_SECOND_FACTOR | SIGN_ON
    assert len(routes) == len(set(routes))


def test_its_owner_gets_it(client: Client, alice: User, things: Things) -> None:
    client.force_login(alice)
    found = {name: go(client, things, name).status_code for name in (PERSONAL | set(OWNED)) - POST_ONLY}
    assert {name: status for name, status in found.items() if status not in (200, 204, 302)} == {}


@pytest.mark.parametrize("name", sorted(POST_ONLY))
def test_its_owner_may_do_it(client: Client, alice: User, things: Things, name: str) -> None:
    client.force_login(alice)
    assert go(client, things, name).status_code in (200, 204, 302)


def test_somebody_else_gets_a_404_that_tells_nothing(client: Client, bob: User, things: Things) -> None:
    client.force_login(bob)
    for method in METHODS:
        found = {name: client.generic(method, things.address(name)) for name in OWNED}
        answers = {name: page.status_code for name, page in found.items() if page.status_code not in (404, 405)}
        assert answers == {}, method
        assert [name for name, page in found.items() if "Macbeth" in page.content.decode()] == []


def test_what_is_not_there_is_the_same_404(client: Client, bob: User, things: Things) -> None:
    client.force_login(bob)
    nothing = Things(dict.fromkeys(things.numbers, 999_999))
    pairs = {name: (go(client, things, name), go(client, nothing, name)) for name in OWNED}
    statuses = {name: (theirs.status_code, missing.status_code) for name, (theirs, missing) in pairs.items()}
    assert statuses == dict.fromkeys(OWNED, (404, 404))
    assert [name for name, pages in pairs.items() if len({*map(without_token, pages)}) > 1] == []


def test_nobody_is_asked_to_log_in(client: Client, things: Things) -> None:
    login = reverse("account_login")
    for name, method in itertools.product(sorted(PERSONAL | set(OWNED)), METHODS):
        response = client.generic(method, things.address(name))
        assert (response.status_code, response["Location"].startswith(login)) == (302, True), (name, method)


def test_nobody_sees_what_is_public(client: Client, things: Things) -> None:
    assert {name: go(client, things, name).status_code for name in PUBLIC} == PUBLIC


def operators_address(name: str, things: Things) -> str:
    of_job = {f"operator_{what}" for what in ("job", "cancel", "requeue")}
    numbers = [things.numbers["job" if name in of_job else "invitation"]] if name not in _WITHOUT_NUMBER else []
    return reverse(name, args=numbers)


def test_what_whoever_runs_the_site_does_is_a_404_for_others_by_every_method(
    client: Client, bob: User, things: Things
) -> None:
    client.force_login(bob)
    for name, method in itertools.product(sorted(OPERATORS), METHODS):
        status = client.generic(method, operators_address(name, things)).status_code
        assert status == 404 or (name == "metrics" and status == 405), (name, method)


def test_what_whoever_runs_the_site_does_asks_nobody_in(client: Client, things: Things) -> None:
    login = reverse("account_login")
    for name, method in itertools.product(sorted(OPERATORS - {"metrics"}), METHODS):
        response = client.generic(method, operators_address(name, things))
        assert (response.status_code, response["Location"].startswith(login)) == (302, True), (name, method)


@pytest.mark.parametrize("page", ["corpora:list", "studies:list", "passages:list", "passages:compare", "home"])
def test_lists_show_nothing_of_somebody_else(client: Client, bob: User, things: Things, page: str) -> None:
    client.force_login(bob)
    response = client.get(reverse(page)).content.decode()
    assert "Macbeth" not in response and "Banquo" not in response and "Out, " not in response
