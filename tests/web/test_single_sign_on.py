"""Single sign-on by OpenID Connect, with a real provider: who gets which account, and who gets none."""

import sys
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.support.environment import run
from tests.support.oidc_provider import CLIENT, SECRET, Provider, a_strange_one, provider
from webapp.accounts.models import Invitation, User

pytestmark = pytest.mark.django_db

LOGIN = reverse("openid_connect_login", args=["sso"])
HERMIA = {"sub": "h-1", "preferred_username": "hermia", "email": "hermia@athens.example", "email_verified": True}


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with provider() as server:
        yield server


@pytest.fixture
def globe(running: Provider, settings: Any) -> Provider:
    """A provider that the site's settings name."""
    running.person = dict(HERMIA)
    settings.OIDC, settings.OIDC_NAME, settings.OIDC_REGISTRATION = True, "the Globe", True
    app = {"client_id": CLIENT, "secret": SECRET, "provider_id": "sso", "name": "the Globe"}
    app["settings"] = {"server_url": running.discovery}  # type: ignore[assignment]
    settings.SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [app]}}
    return running


def come_back(client: Client, process: str = "") -> str:
    """Press the button, be logged in at the provider, and return the address to which that leads."""
    led = client.post(LOGIN + process)
    assert led.status_code == 302
    answer = requests.get(led.headers["Location"], allow_redirects=False, timeout=10)
    assert answer.status_code == 302, answer.text
    parts = urlsplit(answer.headers["Location"])
    return f"{parts.path}?{parts.query}"


def who(client: Client) -> str:
    """Return the name of whoever is logged in."""
    number = client.session.get("_auth_user_id")
    return User.objects.get(pk=number).username if number else ""


def test_a_new_person_gets_an_account_and_finds_it_again(client: Client, globe: Provider) -> None:
    assert "Continue with the Globe" in client.get(reverse("account_login")).content.decode()
    assert client.get(come_back(client)).headers["Location"] == reverse("home")
    assert who(client) == "hermia"
    assert not User.objects.get().has_usable_password()
    again = Client()
    globe.person = {**HERMIA, "preferred_username": "renamed", "email": "another@athens.example"}
    again.get(come_back(again))
    assert who(again) == "hermia"
    assert User.objects.count() == 1


def test_the_name_of_somebody_here_leads_not_into_their_account(client: Client, globe: Provider, alice: User) -> None:
    globe.person = {"sub": "h-2", "preferred_username": "Alice"}
    client.get(come_back(client))
    assert who(client) not in ("", "alice")
    assert User.objects.count() == 2


@pytest.mark.parametrize("is_verified", [False, True])
def test_the_address_of_somebody_here_leads_not_into_their_account(
    client: Client, globe: Provider, alice: User, is_verified: bool
) -> None:
    EmailAddress.objects.create(user=alice, email=HERMIA["email"], verified=is_verified)
    assert client.get(come_back(client)).headers["Location"] == reverse("socialaccount_signup")
    assert who(client) == ""
    page = client.get(reverse("socialaccount_signup")).content.decode()
    assert "Choose how you are called here" in page
    taken = client.post(reverse("socialaccount_signup"), {"username": "hermia", "email": HERMIA["email"]})
    assert (taken.status_code, who(client)) == (200, "")
    client.post(reverse("socialaccount_signup"), {"username": "hermia", "email": ""})
    assert who(client) == "hermia"
    assert not SocialAccount.objects.filter(user=alice).exists()


def test_an_account_is_connected_and_disconnected(client: Client, globe: Provider, alice: User) -> None:
    connections = reverse("socialaccount_connections")
    client.post(reverse("account_login"), {"login": "alice", "password": "alices own password"})
    assert "Connect the Globe" in client.get(connections).content.decode()
    asked = client.get(come_back(client, "?process=connect"))
    assert asked.headers["Location"] == reverse("account_reauthenticate")  # a session alone connects nothing
    client.post(reverse("account_reauthenticate"), {"password": "alices own password"})
    account = SocialAccount.objects.filter(user=alice).get()
    client.logout()
    client.get(come_back(client))
    assert who(client) == "alice"
    client.post(reverse("account_reauthenticate"), {"password": "alices own password"})
    assert "Disconnect" in client.get(connections).content.decode()
    client.post(connections, {"account": account.pk})
    assert not SocialAccount.objects.filter(user=alice).exists()


def test_who_has_no_password_keeps_the_connection(client: Client, globe: Provider) -> None:
    client.get(come_back(client))
    account = SocialAccount.objects.get()
    answer = client.post(reverse("socialaccount_connections"), {"account": account.pk})
    assert "errorlist" in answer.content.decode()
    assert SocialAccount.objects.exists()


def test_a_closed_site_takes_those_with_an_invitation(client: Client, globe: Provider, settings: Any) -> None:
    settings.OIDC_REGISTRATION = settings.REGISTRATION_OPEN = False
    assert "The house is full" in client.get(come_back(client)).content.decode()
    assert not User.objects.exists()
    invitation = Invitation.objects.create(places=1, expires=timezone.now() + timedelta(days=1))
    client.get(reverse("invited", args=[invitation.key]))
    client.get(come_back(client))
    assert who(client) == "hermia"
    late = Client()
    late.get(reverse("invited", args=[invitation.key]))
    globe.person = {"sub": "h-9", "preferred_username": "late"}
    assert "The house is full" in late.get(come_back(late)).content.decode()


def test_who_breaks_off_or_comes_from_nowhere_is_told_so(client: Client, globe: Provider) -> None:
    globe.person = None
    answer = client.get(come_back(client), follow=True)
    assert "The log-in was broken off at the other site" in answer.content.decode()
    callback = reverse("openid_connect_callback", args=["sso"])
    forged = client.get(f"{callback}?code=guessed&state=guessed")
    assert forged.status_code == 401
    assert "The other site did not answer as it should" in forged.content.decode()
    assert who(client) == ""


def test_a_code_is_good_in_the_browser_that_asked_for_it_alone(client: Client, globe: Provider) -> None:
    stranger = Client()
    assert stranger.get(come_back(client)).status_code == 401
    assert who(stranger) == ""


@pytest.mark.parametrize(
    "lie",
    [
        {"key": a_strange_one},
        {"key": None, "algorithm": "none"},
        {"key": SECRET, "algorithm": "HS256"},
        {"nonce": "of another log-in"},
        {"nonce": ""},
        {"sub": "of somebody else"},
        {"aud": "another site"},
        {"iss": "https://elsewhere.example"},
        {"exp": 1_000_000_000},
    ],
    ids=["a strange key", "no key", "the client's secret", "nonce", "no nonce", "sub", "aud", "iss", "exp"],
)
def test_an_id_token_that_is_not_right_lets_nobody_in(client: Client, globe: Provider, lie: dict[str, Any]) -> None:
    globe.lie(**lie)
    answer = client.get(come_back(client))
    globe.lie()
    assert (answer.status_code, who(client)) == (401, "")
    assert "The other site did not answer as it should" in answer.content.decode()
    assert not User.objects.exists()


def test_without_a_provider_there_is_no_such_page(client: Client, alice: User) -> None:
    assert "Continue with" not in client.get(reverse("account_login")).content.decode()
    assert client.post(LOGIN).status_code == 404
    client.force_login(alice)
    for name in ("socialaccount_connections", "socialaccount_signup", "socialaccount_login_error"):
        assert client.get(reverse(name)).status_code == 404


@pytest.mark.parametrize(
    ("url", "secret", "sentence"),
    [
        ("https://id.example.org", "", "set all three"),
        ("", "secret", "set all three"),
        ("http://id.example.org", "secret", "must begin with https://"),
    ],
)
def test_half_a_provider_stops_the_start(url: str, secret: str, sentence: str) -> None:
    given = {"OIDC_DISCOVERY_URL": url, "OIDC_CLIENT_ID": "understudy", "OIDC_CLIENT_SECRET": secret}
    done = run(sys.executable, "-c", "import webapp.settings", **given)
    assert done.returncode != 0
    assert sentence in done.stderr
