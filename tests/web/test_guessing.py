"""The limit on guessing the keys of links and tokens: by network address, also behind a proxy."""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from tests.support.factory import a_request
from webapp.accounts import tokens
from webapp.accounts.models import Invitation, User
from webapp.groups import services as groups
from webapp.groups.models import GroupLink
from webapp.passages import services as passages

pytestmark = pytest.mark.django_db

PROXY, VISITOR, LIE = "10.0.0.1", "203.0.113.7", "198.51.100.9"
WRONG = "a-key-that-opens-nothing"
LINKS = {
    "a passage": "/shared/{}/",
    "a course": "/shared/course/{}/",
    "a look of a course": "/shared/course/{}/look/",
    "an array of a course": "/shared/course/{}/arrays/0/",
    "an invitation": "/accounts/invited/{}/",
    "a group": "/groups/join/{}/",
}


@pytest.fixture(autouse=True)
def _few(settings: Any) -> None:
    settings.GUESS_LIMIT = 3


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("what", LINKS)
def test_the_keys_of_links_are_tried_a_few_times_only(client: Client, alice: User, what: str) -> None:
    client.force_login(alice)
    if what == "an invitation":
        client.logout()  # who is logged in needs none
    answers = [client.get(LINKS[what].format(f"{WRONG}-{n}")).status_code for n in range(5)]
    assert answers == [404, 404, 404, 429, 429]


def test_the_right_key_is_refused_too_until_a_minute_has_passed(client: Client, alice: User) -> None:
    passage = a_request(alice).passages.get()
    passages.share(passage)
    passage.refresh_from_db()
    right = f"/shared/{passage.share_key}/"
    for n in range(3):
        assert client.get(right).status_code == 200, "right keys do not count"
        client.get(f"/shared/{WRONG}-{n}/")
    refused = client.get(right)
    assert refused.status_code == 429 and "Too many tries." in refused.content.decode()
    cache.clear()  # as the minute's end does
    assert client.get(right).status_code == 200


def test_tokens_are_tried_a_few_times_only(client: Client, alice: User) -> None:
    _token, secret = tokens.make(alice, "A script", False)
    for n in range(3):
        assert client.get("/api/v1/account", headers=bearer(secret)).status_code == 200
        assert client.get("/api/v1/account", headers=bearer(f"understudy_{n}")).status_code == 401
    for tried in (secret, "understudy_4"):
        refused = client.get("/api/v1/account", headers=bearer(tried))
        assert refused.status_code == 429 and refused["Content-Type"] == "application/problem+json"
        assert refused.json()["detail"] == "Too many wrong keys came from your network. Wait a minute, and try again."


def test_programs_try_the_keys_of_groups_a_few_times_only(client: Client, alice: User, bob: User) -> None:
    link = GroupLink.objects.create(group=groups.make(alice, "Class"), places=1, expires="2100-01-01T00:00Z")
    _token, secret = tokens.make(bob, "A script", False)

    def joins(key: str) -> int:
        return client.post("/api/v1/groups/join", {"key": key}, "application/json", headers=bearer(secret)).status_code

    assert [joins(WRONG) for _ in range(3)] == [404, 404, 404]
    assert joins(link.key) == 429
    cache.clear()
    assert joins(link.key) == 200


def test_the_figures_are_asked_for_with_few_wrong_tokens(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "a token of many characters"
    assert [client.get("/metrics", headers=bearer(f"{n}")).status_code for n in range(4)] == [404, 404, 404, 429]


def visit(visitor: str, lie: str = "") -> int:
    told: Any = {"HTTP_X_FORWARDED_FOR": f"{lie}, {visitor}" if lie else visitor}
    return Client().get(f"/shared/{WRONG}/", REMOTE_ADDR=PROXY, **told).status_code


@pytest.mark.parametrize("is_lying", [False, True], ids=["honest", "lying"])
def test_behind_a_proxy_each_visitor_is_counted_alone(settings: Any, is_lying: bool) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    answers = [visit(VISITOR, f"192.0.2.{n}" if is_lying else "") for n in range(4)]
    assert answers == [404, 404, 404, 429]
    assert visit("203.0.113.8") == 404


def test_a_household_counts_as_one_also_with_many_addresses(settings: Any) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert [visit(f"2001:db8::{n}") for n in range(1, 5)] == [404, 404, 404, 429]
    assert visit("2001:db8:0:1::1") == 404


def test_without_a_limit_all_are_answered(client: Client, settings: Any) -> None:
    settings.GUESS_LIMIT = 0
    assert {client.get(f"/shared/{WRONG}/").status_code for _ in range(5)} == {404}


def test_what_is_over_counts_as_any_wrong_key(client: Client) -> None:
    over = Invitation.objects.create(places=1, used=1, expires="2100-01-01T00:00Z")
    address = reverse("invited", args=[over.key])
    assert [client.get(address).status_code for _ in range(4)] == [404, 404, 404, 429]
