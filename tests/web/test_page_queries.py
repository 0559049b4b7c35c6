"""The number of database queries of each page: fixed, and the same however much somebody has."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.support.plenty import much_more
from tests.web.test_every_url_is_the_owners import OWNED, PERSONAL, POST_ONLY, Things, things_of
from webapp import polls
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db

#: pages whose queries are allauth's and not ours
_ALLAUTHS = {name for name in PERSONAL if name.startswith(("account_", "mfa_", "usersessions_"))} - {"account_tokens"}
_PLAIN = {"home", "operator"}  # pages whose addresses name nothing
#: session and person, which every page asks for, are two of them
QUERIES = {
    "account": 7,
    "account_tokens": 3,
    "corpora:add": 4,
    "corpora:arrange": 7,
    "corpora:create": 3,
    "corpora:detail": 9,
    "corpora:doctor": 4,
    "corpora:document": 5,
    "corpora:document_doctor": 4,
    "corpora:download": 4,
    "corpora:edit": 4,
    "corpora:edit_document": 4,
    "corpora:extraction": 7,
    "corpora:extraction_state": 7,
    "corpora:list": 7,
    "corpora:original": 3,
    "corpora:remove": 4,
    "corpora:take": 6,
    "delete_corpus": 12,
    "delete_document": 10,
    "groups:delete": 3,
    "groups:detail": 8,
    "groups:join": 4,
    "groups:list": 3,
    "home": 6,
    "inside:array": 3,
    "inside:array_csv": 3,
    "inside:next_csv": 3,
    "inside:course": 4,
    "inside:courses": 3,
    "inside:gates": 6,
    "inside:look": 4,
    "inside:memories": 2,
    "inside:memory": 6,
    "inside:result_csv": 3,
    "inside:table": 3,
    "inside:touch": 3,
    "inside:units": 4,
    "operator": 10,
    "passages:compare": 8,
    "passages:compare_voices": 2,
    "passages:delete": 3,
    "passages:detail": 5,
    "passages:download": 3,
    "passages:edit": 3,
    "passages:list": 5,
    "passages:opening": 3,
    "passages:request": 7,
    "passages:text": 3,
    "passages:trace": 4,
    "passages:write": 3,
    "studies:again": 7,
    "studies:another_text": 4,
    "studies:changes": 6,
    "studies:compare": 3,
    "studies:create": 10,
    "studies:delete": 6,
    "studies:detail": 8,
    "studies:download": 6,
    "studies:edit": 3,
    "studies:further": 4,
    "studies:history": 6,
    "studies:history_csv": 4,
    "studies:list": 5,
    "studies:source": 3,
    "studies:status": 11,
    "studies:timeline": 7,
    "studies:upload": 2,
}


def pages() -> list[str]:
    """Return the names of the pages that are asked for with GET and belong to the site's own code."""
    return sorted((PERSONAL | set(OWNED) | _PLAIN) - POST_ONLY - _ALLAUTHS)


def counted(client: Client, things: Things) -> dict[str, int]:
    polls.forget()  # what all pages that show a state have in common is made by the first one that asks
    client.get(things.address("corpora:doctor"))  # after a first look it is asked whether the texts are still there
    found = {}
    for name in pages():
        address = reverse(name) if name in _PLAIN else things.address(name)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            response = client.get(address)
            if response.streaming:
                response.getvalue()
        assert response.status_code in (200, 204, 302), name
        found[name] = len(queries)
    return found


def more(owner: User, things: Things) -> None:
    much_more(owner, *(things.numbers[kind] for kind in ("corpus", "study", "group")))


def test_each_page_has_its_number_of_queries_however_much_there_is(client: Client, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_staff=True)
    client.force_login(alice)
    things = things_of(alice)
    more(alice, things)
    assert counted(client, things) == QUERIES
    more(alice, things)
    assert counted(client, things) == QUERIES
