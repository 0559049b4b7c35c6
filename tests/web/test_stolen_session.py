"""A stolen session: it does not give the account to the thief, since important changes ask for the password."""

import time
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from webapp.accounts.models import User

pytestmark = pytest.mark.django_db
PASSWORD = "alices own password"
NEW = {"password1": "correct horse battery", "password2": "correct horse battery"}
OLD, THIEFS = "alice@example.org", "thief@example.net"


@pytest.fixture
def thief(alice: User) -> Client:
    """Return a client with alice's session, which she began with her password."""
    client = Client()
    assert client.post("/accounts/login/", {"login": "alice", "password": PASSWORD}).status_code == 302
    return client


def have(alice: User, verified: bool) -> None:
    EmailAddress.objects.create(user=alice, email=OLD, verified=verified, primary=verified)


def addresses(alice: User) -> list[str]:
    return sorted(EmailAddress.objects.filter(user=alice).values_list("email", flat=True))


def prove(client: Client, password: str, **rest: str) -> Any:
    return client.post("/accounts/reauthenticate/", {"password": password, **rest})


@pytest.mark.parametrize("verified", [False, True])
@pytest.mark.parametrize(
    "form",
    [
        {"email": THIEFS, "action_add": ""},
        {"email": OLD, "action_remove": ""},
        {"email": "ALICE@example.org", "action_remove": ""},
    ],
)
def test_the_address_stays_without_the_password(
    thief: Client, alice: User, form: dict[str, str], verified: bool
) -> None:
    have(alice, verified)
    answer = thief.post("/accounts/email/", form, follow=True)
    thief.post("/accounts/email/", form)
    assert addresses(alice) == [OLD]
    assert "Is it you?" in answer.content.decode()
    Client().post("/accounts/password/reset/", {"email": THIEFS})
    assert not [letter for letter in mail.outbox if letter.to == [THIEFS] and "reset/key" in letter.body]


def test_a_wrong_password_proves_nothing_and_is_not_guessed(thief: Client, alice: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "3/m/user"}
    said = [prove(thief, f"guess {n}") for n in range(5)]
    assert [answer.status_code for answer in said[-2:]] == [429, 429]
    thief.post("/accounts/email/", {"email": THIEFS, "action_add": ""})
    assert addresses(alice) == []


def test_the_password_is_not_changed_without_the_old_one(thief: Client, alice: User) -> None:
    for old in ("", "a guess"):
        thief.post("/accounts/password/change/", {"oldpassword": old, **NEW})
    thief.post("/accounts/password/set/", NEW)
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_who_proves_it_gets_what_was_asked_for_and_not_for_long(
    thief: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    have(alice, verified=False)
    asked = thief.post("/accounts/email/", {"email": "new@example.org", "action_add": ""})
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    prove(thief, PASSWORD, next="/accounts/email/")
    assert addresses(alice) == ["new@example.org"]
    later = time.time() + 181
    monkeypatch.setattr("allauth.account.internal.flows.reauthentication.time.time", lambda: later)
    thief.post("/accounts/email/", {"email": THIEFS, "action_add": ""})
    assert addresses(alice) == ["new@example.org"]


def told(words: str) -> list[str]:
    return [letter.to[0] for letter in mail.outbox if words in letter.body]


def test_an_old_address_that_was_never_confirmed_is_told_at_once(thief: Client, alice: User) -> None:
    have(alice, verified=False)
    prove(thief, PASSWORD)
    thief.post("/accounts/email/", {"email": THIEFS, "action_add": ""})
    assert told(f"changed from {OLD} to {THIEFS}") == [OLD]


def test_an_old_address_that_was_confirmed_stays_until_the_new_one_is_and_is_told(thief: Client, alice: User) -> None:
    have(alice, verified=True)
    prove(thief, PASSWORD)
    thief.post("/accounts/email/", {"email": THIEFS, "action_add": ""})
    assert addresses(alice) == [OLD, THIEFS] and told("changed from") == []
    link = mail.outbox[-1].body.partition("http://testserver")[2].split()[0]
    thief.post(link)
    assert addresses(alice) == [THIEFS]
    assert told(f"changed from {OLD} to {THIEFS}") == [OLD]


def test_an_address_that_is_taken_away_is_told(thief: Client, alice: User) -> None:
    have(alice, verified=False)
    prove(thief, PASSWORD)
    thief.post("/accounts/email/", {"email": OLD, "action_remove": ""})
    assert (addresses(alice), told("removed")) == ([], [OLD])


@pytest.mark.parametrize("verified", [False, True])
def test_a_new_password_is_told_and_ends_other_sessions(thief: Client, alice: User, verified: bool) -> None:
    have(alice, verified)
    owner = Client()
    owner.force_login(alice)
    owner.post("/accounts/password/change/", {"oldpassword": PASSWORD, **NEW})
    assert told("Your password has been changed.") == [OLD]
    assert owner.get("/accounts/").status_code == 200
    assert thief.get("/accounts/").status_code == 302
