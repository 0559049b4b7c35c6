"""The second factor and the list of log-ins: switched on with an app's code, asked for, replaced, ended."""

import re
import time
from typing import Any

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client
from django.urls import reverse

from webapp.accounts.models import User
from webapp.accounts.templatetags.browsers import browser_name

pytestmark = pytest.mark.django_db

PASSWORD = "alices own password"


def code_of(secret: str) -> str:
    """Return the code that an app shows now."""
    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30)))


def log_in(client: Client) -> Any:
    return client.post(reverse("account_login"), {"login": "alice", "password": PASSWORD}, follow=True)


@pytest.fixture
def secret(client: Client, alice: User) -> str:
    """Let alice switch her second factor on, and return its secret."""
    log_in(client)
    asked = client.get(reverse("mfa_activate_totp")).headers["Location"]  # whether it is still alice
    page = client.post(asked, {"password": PASSWORD}, follow=True).content.decode()
    found = re.search(r'class="secret" id="secret">(\w+)</code>', page)
    assert found and "<svg" in page
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(found[1])}, follow=True)
    assert answer.status_code == 200
    assert "It is on." in client.get(reverse("mfa_index")).content.decode()
    client.logout()
    return found[1]


def test_the_password_alone_is_not_enough(client: Client, secret: str) -> None:
    page = log_in(client)
    assert "Your second factor" in page.content.decode()
    assert client.get(reverse("account")).status_code == 302
    wrong = client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert wrong.status_code == 200
    assert client.get(reverse("account")).status_code == 302


def test_a_code_for_a_lost_phone_logs_in_once(client: Client, secret: str, alice: User) -> None:
    from allauth.mfa.models import Authenticator

    codes = Authenticator.objects.get(user=alice, type="recovery_codes").wrap().get_unused_codes()
    for code, expected in ((codes[0], 200), (codes[0], 302)):
        log_in(client)
        client.post(reverse("mfa_authenticate"), {"code": code})
        assert client.get(reverse("account")).status_code == expected
        client.post(reverse("account_logout"))


def test_log_ins_elsewhere_are_listed_and_ended(client: Client, alice: User) -> None:
    other = Client(headers={"user-agent": "A browser in the library"})
    for one in (client, other):
        log_in(one)
    assert "A browser in the library" in client.get(reverse("usersessions_list")).content.decode()
    client.post(reverse("usersessions_list"))
    assert client.get(reverse("account")).status_code == 200
    assert other.get(reverse("account")).status_code == 302


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:131.0) Gecko/20100101 Firefox/131.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_6 like Mac OS X) Mobile/15E Safari/604.1",
            "Safari on iPhone",
        ),
        ("curl/8.5.0", "curl/8.5.0"),
        ("", "an unknown browser"),
    ],
)
def test_a_browser_is_named_as_people_know_it(told: str, shown: str) -> None:
    assert browser_name(told) == shown
