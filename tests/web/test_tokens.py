"""Tokens for programs: their page, what of them is kept, and what they may do."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.pages import said
from webapp.accounts import tokens
from webapp.accounts.models import ApiToken, User

pytestmark = pytest.mark.django_db


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


@pytest.fixture
def logged_in(client: Client, alice: User) -> Client:
    """Alice, who has just entered her password."""
    client.force_login(alice)
    client.post("/accounts/reauthenticate/", {"password": "alices own password"})
    return client


def test_it_is_shown_once_and_only_its_hash_is_kept(logged_in: Client, alice: User) -> None:
    response = logged_in.post("/accounts/tokens/", {"name": "A script", "read_only": "on"})
    assert response.status_code == 200
    secret = response.context["secret"]
    assert secret.startswith("understudy_") and f'value="{secret}"' in said(response)
    assert 'data-copy="secret"' in said(response)
    token = ApiToken.objects.get()
    assert (token.owner, token.name, token.read_only) == (alice, "A script", True)
    assert not any(secret in str(value) or secret[15:] in str(value) for value in vars(token).values())
    page = said(logged_in.get("/accounts/tokens/"))
    assert secret not in page and "A script" in page and "only reads" in page and "never used" in page
    assert logged_in.get("/api/v1/account", headers=bearer(secret)).json()["name"] == "alice"
    assert "used now" in said(logged_in.get("/accounts/tokens/"))


def test_a_session_alone_makes_none(client: Client, alice: User) -> None:
    client.force_login(alice)
    response = client.post("/accounts/tokens/", {"name": "A thief's"})
    assert response.status_code == 302 and "reauthenticate" in response["Location"]
    assert not ApiToken.objects.exists()


def test_one_without_a_name_is_not_made(logged_in: Client) -> None:
    assert logged_in.post("/accounts/tokens/", {"name": " \u200b"}).status_code == 422
    assert not ApiToken.objects.exists()


def test_a_person_has_so_many_at_most(logged_in: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "MOST", 1)
    tokens.make(alice, "First", False)
    response = logged_in.post("/accounts/tokens/", {"name": "Second"})
    assert response.status_code == 422 and "Revoke one that you no longer need." in said(response)


def test_a_revoked_one_opens_nothing(client: Client, alice: User) -> None:
    token, secret = tokens.make(alice, "A script", False)
    client.force_login(alice)
    client.post(f"/accounts/tokens/{token.pk}/revoke/")
    response = Client().get("/api/v1/account", headers=bearer(secret))
    assert response.status_code == 401 and response["WWW-Authenticate"] == "Bearer"


def test_one_that_only_reads_changes_nothing(client: Client, alice: User) -> None:
    _token, secret = tokens.make(alice, "A reader", True)
    assert client.get("/api/v1/corpora", headers=bearer(secret)).status_code == 200
    response = client.post("/api/v1/corpora/sample", headers=bearer(secret))
    assert response.status_code == 403 and response["Content-Type"] == "application/problem+json"
    assert "This token may only read." in response.json()["detail"]
    assert not alice.corpora.exists()


def test_that_of_somebody_who_may_no_longer_log_in_opens_nothing(client: Client, alice: User) -> None:
    _token, secret = tokens.make(alice, "A script", False)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert client.get("/api/v1/account", headers=bearer(secret)).status_code == 401


def test_its_use_is_written_at_most_once_a_minute(client: Client, alice: User) -> None:
    token, secret = tokens.make(alice, "A script", False)
    before = timezone.now() - timedelta(seconds=30)
    ApiToken.objects.update(last_used=before)
    client.get("/api/v1/account", headers=bearer(secret))
    token.refresh_from_db()
    assert token.last_used == before
    ApiToken.objects.update(last_used=before - timedelta(minutes=1))
    client.get("/api/v1/account", headers=bearer(secret))
    token.refresh_from_db()
    assert token.last_used and token.last_used > before


def test_a_session_needs_the_pages_csrf_token_for_what_changes_something(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.get("/api/v1/account").status_code == 200
    response = browser.post("/api/v1/corpora/sample")
    assert response.status_code == 403 and response["Content-Type"] == "application/problem+json"
    browser.get("/accounts/tokens/")
    headers = {"X-CSRFToken": browser.cookies["csrftoken"].value}
    assert browser.post("/api/v1/corpora/sample", headers=headers).status_code == 201
