"""The site with a dead or frozen broker: every button works, limits of log-ins hold, and nobody waits long."""

import json
import pickle
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.support import model_files
from tests.support.environment import broker_dead, broker_frozen
from tests.support.factory import TEXT, a_corpus, a_model, a_request, a_study
from tests.web.test_every_url_is_the_owners import FOR_PROGRAMS, SIGN_ON, names, things_of
from webapp.accounts import tokens
from webapp.accounts.models import Invitation, User
from webapp.broker import Breaker, breaker
from webapp.cache import JsonSerializer
from webapp.corpora import services as corpora
from webapp.groups import services as groups
from webapp.groups.models import GroupLink
from webapp.inside import services as inside
from webapp.inside.models import LookKind
from webapp.queue import wake_up
from webapp.queue.models import Kind

pytestmark = pytest.mark.django_db(transaction=True)  # so that wake-up messages are sent
PASSWORD = "alices own password"
NEW = {"password1": "correct horse battery", "password2": "correct horse battery"}
CHOICES = {"prompt": "Out, ", "length": "100", "unit": "characters", "temperature": "0.8", "passages": "1"}
CHOICES |= {"seed": "7", "top_k": "0", "top_p": "1", "penalty": "0"}
TOUCHED = {
    "held-TOTAL_FORMS": "1",
    "held-INITIAL_FORMS": "1",
    "held-0-layer": "1",
    "held-0-unit": "1",
    "held-0-value": "0",
    "prompt": "Out, ",
    "length": "100",
    "temperature": "0.8",
    "seed": "7",
}
STRANGERS = {"account_login", "account_reset_password", "account_signup"}
AWAY = {"dead": broker_dead, "frozen": broker_frozen}


@pytest.fixture(autouse=True)
def fresh_breaker() -> Iterator[None]:
    """Reset the breaker before and after each test, so that each test itself finds the broker away."""
    yield
    breaker.answered()
    cache.clear()
    cache._local.clear()  # type: ignore[attr-defined]


@pytest.fixture(params=sorted(AWAY))
def away(request: pytest.FixtureRequest) -> AbstractContextManager[None]:
    return AWAY[request.param]()


class Everything:
    """One object of alice for each kind of button."""

    def __init__(self, alice: User) -> None:
        self.corpus = a_corpus(alice)
        self.document, self.place = self.corpus.documents.get(), self.corpus.places.get()
        self.other_corpus = a_corpus(alice, name="Another")
        self.other_document = a_corpus(alice, "Is this a dagger? " * 100, "A third").documents.get()
        self.study = a_model(alice, corpus=self.corpus)
        self.job = a_request(alice, self.study)
        self.passage = self.job.passages.get()
        self.other = a_model(alice, corpus=self.corpus)
        self.look = inside.look(alice, self.study, inside.Wanted(LookKind.GATES, "Out, out"))
        self.waiting = a_study(alice, corpus=self.corpus)
        self.running = a_study(alice, corpus=self.corpus).jobs.get()
        self.token, _secret = tokens.make(alice, "A script", False)
        self.extraction = corpora.queue_corpus(alice, "Macbeth", [("macbeth.docx", b"PK\3\4")], False, [], None)
        self.invitation = Invitation.objects.create(places=1, expires=timezone.now() + timedelta(days=1))
        self.group = groups.make(alice, "4b")
        tomorrow = timezone.now() + timedelta(days=1)
        self.link, self.old_link = (
            GroupLink.objects.create(group=self.group, places=9, expires=tomorrow) for _ in "12"
        )
        groups.join(User.objects.create_user("malcolm"), self.link.key)
        self.member = self.group.memberships.exclude(person=alice).get()
        self.shared = groups.share(self.group, self.other, may_edit=True)
        User.objects.filter(pk=alice.pk).update(is_staff=True)  # the operator's buttons are alice's too


Forms = dict[str, tuple[list[Any], dict[str, Any]]]  # the numbers in the address, and what the form holds


def posts(one: Everything) -> dict[str, tuple[str, dict[str, Any]]]:
    """Return the form data for every address that takes a form, in an order in which all of them can be sent."""
    forms = _of_texts(one) | _of_people(one) | _of_models(one) | _of_passages(one) | _that_end_things(one)
    return {name: (reverse(name, args=numbers), form) for name, (numbers, form) in forms.items()}


def _of_texts(one: Everything) -> Forms:
    """Return the forms of the account's page, and of corpora and documents."""
    corpus = one.corpus.pk
    email = {"email": "alice@example.org", "action_add": ""}
    return {
        "account_reauthenticate": ([], {"password": PASSWORD}),
        "account_email": ([], email),
        "account_tokens": ([], {"name": "Another script"}),
        "account_revoke_token": ([one.token.pk], {}),
        "corpora:create": ([], {"pasted": TEXT, "name": "Pasted"}),
        "corpora:sample": ([], {}),
        "corpora:edit": ([corpus], {"name": "Renamed"}),
        "corpora:add": ([corpus], {"pasted": TEXT}),
        "corpora:put_away": ([corpus], {}),
        "corpora:extract": ([one.document.pk], {}),
        "corpora:edit_document": ([one.document.pk], {"text": TEXT * 2, "seen": one.document.sha256, "save": "on"}),
        "corpora:document_encoding": ([one.document.pk], {"encoding": "cp1252"}),
        "corpora:look": ([one.document.pk], {}),
        "corpora:look_at_all": ([corpus], {}),
        "corpora:doctor": ([corpus], {"switch": "quotes"}),
        "corpora:document_doctor": ([one.document.pk], {"switch": "blanks"}),
        "studies:upload": ([], {"archive": SimpleUploadedFile("model.zip", model_files.archive(model_files.files()))}),
    }


def _of_people(one: Everything) -> Forms:
    """Return the forms of the operator and of groups."""
    corpus = one.corpus.pk
    return {
        "operator_invite": ([], {"note": "", "places": "3", "days": "3"}),
        "operator_withdraw": ([one.invitation.pk], {}),
        "operator_cancel": ([one.running.pk], {}),
        "operator_requeue": ([one.running.pk], {}),
        "groups:list": ([], {"name": "A group"}),
        "groups:share": ([one.group.pk], {"corpus": str(corpus)}),
        "groups:unshare": ([one.shared.pk], {}),
        "groups:invite": ([one.group.pk], {"places": "3", "days": "3"}),
        "groups:withdraw": ([one.old_link.pk], {}),
        "groups:join": ([one.link.key], {}),
        "groups:remove": ([one.member.pk], {}),
        "groups:leave": ([one.group.pk], {}),
        "groups:delete": ([one.group.pk], {}),
    }


def _of_models(one: Everything) -> Forms:
    """Return the forms of trainings, and of looks inside models."""
    corpus, study = one.corpus.pk, one.study.pk
    return {
        "studies:cells": ([corpus], {}),
        "studies:create": ([corpus], {"recipe": "quick"}),
        "studies:again": ([study], {"recipe": "quick"}),
        "studies:edit": ([study], {"name": "Renamed"}),
        "studies:further": ([study], {"amount": "1", "unit": "minutes"}),
        "studies:pause": ([one.waiting.pk], {}),
        "studies:stop": ([one.waiting.pk], {}),
        "studies:resume": ([one.waiting.pk], {}),
        "inside:gates": ([study], {"text": "Out, out"}),
        "inside:attribution": ([one.look.pk], {"place": "3"}),
        "inside:units": ([study], {}),
        "inside:memory": ([study], {}),
        "inside:memories": ([], {}),
        "inside:touch": ([study], TOUCHED),
        "inside:course": ([study], {"text": "Out, out"}),
        "inside:share": ([study], {}),
        "inside:unshare": ([study], {}),
        "inside:sample": ([], {}),
    }


def _of_passages(one: Everything) -> Forms:
    """Return the forms of passages."""
    study, passage, job = one.study.pk, one.passage.pk, one.job.pk
    return {
        "passages:write": ([study], CHOICES),
        "passages:compare": ([], CHOICES | {"a": str(study), "b": str(one.other.pk)}),
        "passages:again": ([passage], {}),
        "passages:star": ([passage], {}),
        "passages:share": ([passage], {}),
        "passages:unshare": ([passage], {}),
        "passages:edit": ([passage], {"title": "Renamed"}),
        "passages:stop": ([job], {}),
    }


def _that_end_things(one: Everything) -> Forms:
    """Return the forms after which something is gone, and those of the account itself."""
    corpus, study, passage = one.corpus.pk, one.study.pk, one.passage.pk
    arranged = {f"{one.place.pk}-number": "1", f"{one.place.pk}-weight": "2"}
    return {
        "passages:delete": ([passage], {}),
        "studies:delete": ([study], {}),
        "corpora:arrange": ([corpus], arranged),
        "corpora:take": ([one.other_corpus.pk], {"documents": [one.document.pk]}),
        "corpora:extraction_stop": ([one.extraction.pk], {}),
        "corpora:extraction_forget": ([one.extraction.pk], {}),
        "usersessions_list": ([], {}),
        "delete_document": ([one.other_document.pk], {"with_models": "on"}),
        "corpora:remove": ([one.place.pk], {}),
        "delete_corpus": ([corpus], {}),
        "account_change_password": ([], {"oldpassword": PASSWORD, **NEW}),
        "account_logout": ([], {}),
        "account_login": ([], {"login": "alice", "password": NEW["password1"]}),
        "account_reset_password": ([], {"email": "alice@example.org"}),
        "account_signup": ([], {"username": "dora", "password1": NEW["password1"]}),
        "account_delete": ([], {"password": NEW["password1"]}),
    }


def test_every_button_works_without_the_broker(client: Client, alice: User, away: AbstractContextManager[None]) -> None:
    sent = posts(Everything(alice))
    client.force_login(alice)
    with away:
        for name, (address, form) in sent.items():
            if SESSION_KEY not in client.session:  # the button has logged alice out
                client.force_login(User.objects.get(pk=alice.pk))
            breaker.answered()  # as if the broker had just gone away
            begun = time.monotonic()
            answer = (Client() if name in STRANGERS else client).post(address, form)
            assert answer.status_code in (200, 204, 302), (name, answer.status_code)
            assert time.monotonic() - begun < 20, name  # each call to the broker that times out takes 0.5 s
    assert User.objects.filter(username="dora").exists()
    assert not User.objects.filter(pk=alice.pk).exists()  # so the new password was accepted


#: addresses without a form, or whose form needs a link from a mail
TAKES_NONE = {"account_inactive", "account_confirm_email", "account_confirm_login_code", "account_set_password"}
TAKES_NONE |= {"mfa_activate_totp", "mfa_authenticate", "mfa_deactivate_totp", "mfa_generate_recovery_codes"}
TAKES_NONE |= {"mfa_reauthenticate", "mfa_view_recovery_codes", "mfa_download_recovery_codes"}  # need an app's code
TAKES_NONE |= {"api_nothing"}  # what is for programs is in tests/web/test_api.py
TAKES_NONE |= SIGN_ON  # needs a provider: see tests/web/test_single_sign_on.py
TAKES_NONE |= {"account_reset_password_from_key", "login", "logout"}  # the last two are listed twice


def test_every_address_that_takes_a_form_was_tried(client: Client, alice: User) -> None:
    client.force_login(alice)
    things = things_of(alice)
    pages = {name for name in names(get_resolver().url_patterns) if not name.startswith(FOR_PROGRAMS)}
    others = pages - set(posts(Everything(alice))) - TAKES_NONE
    assert {name for name in others if client.post(things.address(name)).status_code != 405} == set()


def test_guessing_a_password_is_slowed_down_all_the_same(
    client: Client, alice: User, away: AbstractContextManager[None], settings: Any
) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/5m/key"}
    with away:
        said = [
            client.post("/accounts/login/", {"login": "alice", "password": f"guess {n}"}).content.decode()
            for n in range(5)
        ]
    assert ["Too many failed login attempts" in page for page in said] == [False, False, False, True, True]


def test_a_frozen_broker_is_waited_for_once_and_not_at_each_call() -> None:
    with broker_frozen():
        begun = time.monotonic()
        for number in range(200):
            cache.add(f"a-limit-{number}", 1)
            wake_up.send(Kind.TRAIN)
        assert time.monotonic() - begun < 150  # with a timeout of 0.5 s for each it would be 200 s
    assert cache.get("a-limit-199") == 1


def test_one_caller_in_a_while_finds_out_that_the_broker_is_back() -> None:
    door = Breaker(pause=0.05)
    door.failed(OSError("away"))
    assert not door.is_worth_asking()
    while not door.is_worth_asking():
        time.sleep(0.01)
    assert Breaker(pause=3600).is_worth_asking()
    slow = Breaker(pause=3600)
    slow.failed(OSError("away"))
    slow._next_try = 0.0  # as if the pause were over
    assert [slow.is_worth_asking() for _ in range(3)] == [True, False, False]
    slow.answered()
    assert all(slow.is_worth_asking() for _ in range(3))


def test_what_is_counted_is_in_the_broker_again_once_it_is_back() -> None:
    with broker_dead():
        cache.set("a-limit", [1.5])
    breaker._next_try = 0.0
    cache.set("a-limit", [2.5])
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        assert json.loads(client.get(cache.make_key("a-limit"))) == [2.5]


class Bomb:
    """A pickle that somebody with access to the broker could leave there."""

    def __reduce__(self) -> tuple[Any, ...]:
        return (pytest.fail, ("code from the cache was run",))


@pytest.mark.parametrize("left", [pickle.dumps(Bomb()), pickle.dumps([1.5]), b"", b"[" * 100_000, b"\xff"])
def test_nothing_in_the_cache_can_run_code_and_what_cannot_be_read_is_not_there(left: bytes) -> None:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.set(cache.make_key("a-limit"), left)
    assert cache.get("a-limit", []) == []
    cache.set("a-limit", [3.5])
    assert cache.get("a-limit") == [3.5]


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values)
def test_what_is_kept_comes_back_as_it_was(value: Any) -> None:
    serializer = JsonSerializer()
    assert serializer.loads(serializer.dumps(value).encode()) == value


@pytest.mark.parametrize("how", ["here", "dead"])
def test_counters_count(how: str) -> None:
    with broker_dead() if how == "dead" else nullcontext():
        assert cache.add("counter", 1, timeout=60)
        assert not cache.add("counter", 1, timeout=60)
        assert (cache.incr("counter"), cache.incr("counter", 5), cache.get("counter")) == (2, 7, 7)
        assert cache.touch("counter", 60) and cache.delete("counter") and not cache.touch("counter", 60)


def test_the_health_page_says_that_the_broker_is_away(client: Client, away: AbstractContextManager[None]) -> None:
    with away:
        assert client.get("/health/").json() == {"database": True, "broker": False}
    assert client.get("/health/").status_code == 200
