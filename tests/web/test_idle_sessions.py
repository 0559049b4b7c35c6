"""The end of a session by idleness: each use moves it on, up to two weeks after the log-in."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.support.factory import a_study, begin
from webapp.accounts.models import User
from webapp.accounts.sessions import SessionStore

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def mine(client: Client, alice: User, settings: Any) -> Client:
    """Alice's browser, a moment after she has logged in with a password."""
    settings.SESSION_IDLE_HOURS = 72
    client.post("/accounts/login/", {"login": "alice", "password": "alices own password"})
    return client


def hours_left() -> int:
    return round((Session.objects.get().expire_date - timezone.now()) / HOUR)


def let_pass(hours: int) -> None:
    """Let the session's end be so much nearer, and the log-in so much longer ago."""
    row = Session.objects.get()
    data = row.get_decoded()
    data["logged_in_at"] -= hours * 3600
    Session.objects.update(expire_date=row.expire_date - hours * HOUR, session_data=SessionStore().encode(data))


def test_it_ends_after_the_idle_time(mine: Client) -> None:
    assert hours_left() == 72
    let_pass(73)
    assert mine.get("/accounts/").status_code == 302


def test_each_use_moves_its_end_on(mine: Client) -> None:
    for _ in range(3):
        let_pass(71)
        assert mine.get("/accounts/").status_code == 200
        assert hours_left() == 72


def test_it_ends_two_weeks_after_the_log_in_at_the_latest(mine: Client) -> None:
    for _ in range(5):
        let_pass(66)
        mine.get("/accounts/")
    assert hours_left() == 14 * 24 - 5 * 66
    let_pass(hours_left() + 1)
    assert mine.get("/accounts/").status_code == 302


def test_whoever_watches_a_training_uses_it(mine: Client, alice: User) -> None:
    study = a_study(alice)
    begin(study)
    let_pass(71)
    assert mine.get(f"/models/{study.pk}/status/?seen=of-before").status_code == 200
    assert hours_left() == 72


def test_a_use_soon_after_another_writes_nothing(mine: Client, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3) as queries:
        mine.get("/accounts/tokens/")
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]


def test_without_an_idle_time_the_two_weeks_count_alone(client: Client, alice: User, settings: Any) -> None:
    settings.SESSION_IDLE_HOURS = 0
    client.post("/accounts/login/", {"login": "alice", "password": "alices own password"})
    assert hours_left() == 14 * 24
    let_pass(100)
    client.get("/accounts/")
    assert hours_left() == 14 * 24 - 100


def test_a_log_in_outlives_a_change_of_the_secret_key_by_its_fallbacks(
    client: Client, alice: User, settings: Any
) -> None:
    client.post("/accounts/login/", {"login": "alice", "password": "alices own password"})
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another key, of forty characters or more"
    settings.SECRET_KEY_FALLBACKS = [before]
    assert client.get("/accounts/").status_code == 200
    settings.SECRET_KEY_FALLBACKS = []
    assert client.get("/accounts/").status_code == 200, "its first use has signed it anew"
    other = Client()
    other.post("/accounts/login/", {"login": "alice", "password": "alices own password"})
    other.post("/accounts/sessions/")  # log out everywhere else
    assert client.get("/accounts/").status_code == 302


def test_without_its_fallback_a_change_of_the_secret_key_ends_it(client: Client, alice: User, settings: Any) -> None:
    client.force_login(alice)
    settings.SECRET_KEY = "another key, of forty characters or more"
    assert client.get("/accounts/").status_code == 302
