"""The trust in proxies: only trusted ones decide the visitor's address, and whether the request came by HTTPS."""

import sys
from typing import Any

import pytest
from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from tests.support.environment import run
from webapp.accounts.models import User

PROXY, VISITOR, LIE = "10.0.0.1", "203.0.113.7", "198.51.100.9"
ADDRESSES = [
    (0, None, PROXY),
    (0, VISITOR, PROXY),
    (0, f"{LIE}, {VISITOR}", PROXY),
    (1, VISITOR, VISITOR),
    (1, f"{LIE}, {VISITOR}", VISITOR),
    (1, f"{LIE},{LIE} , {VISITOR}:4711", VISITOR),
    (2, f"{VISITOR}, 10.0.0.2", VISITOR),
    (2, f"{LIE}, {VISITOR}, 10.0.0.2", VISITOR),
    # requests that did not pass all proxies, or name no address
    (1, None, PROXY),
    (1, "", PROXY),
    (1, "unknown", PROXY),
    (1, f"{VISITOR}, ' OR 1=1", PROXY),
    (2, VISITOR, PROXY),
    (2, ", ,", PROXY),
    (1, "2001:db8::7", "2001:db8::7"),
    (1, "[2001:db8::7]:443", "2001:db8::7"),
    (1, f"::ffff:{VISITOR}", VISITOR),
]


@pytest.mark.parametrize(("proxies", "forwarded", "found"), ADDRESSES)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(
    rf: RequestFactory, settings: Any, proxies: int, forwarded: str | None, found: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    told: dict[str, Any] = {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    assert get_adapter().get_client_ip(rf.get("/", REMOTE_ADDR=PROXY, **told)) == found


def guess(visitor: str, lie: str = "") -> int:
    """Send a wrong password from behind one proxy, each time for another person, to avoid the lock of one account."""
    forwarded = f"{lie}, {visitor}" if lie else visitor
    data = {"login": f"person {guess.number}", "password": "wrong"}  # type: ignore[attr-defined]
    guess.number += 1  # type: ignore[attr-defined]
    told: dict[str, Any] = {"HTTP_X_FORWARDED_FOR": forwarded}
    return Client().post(reverse("account_login"), data, REMOTE_ADDR=PROXY, **told).status_code


guess.number = 0  # type: ignore[attr-defined]


@pytest.mark.django_db
@pytest.mark.parametrize("is_lying", [False, True])
def test_whoever_guesses_locks_out_only_themselves(settings: Any, alice: User, is_lying: bool) -> None:
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    answers = [guess(VISITOR, f"192.0.2.{n}" if is_lying else "") for n in range(40)]
    assert 429 in answers
    assert guess("203.0.113.8") == 200
    cache.clear()


@pytest.mark.django_db
def test_nobody_evades_the_limit_by_a_header_where_no_proxy_is_trusted(settings: Any) -> None:
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 0
    assert 429 in [guess(f"192.0.2.{n}") for n in range(40)]
    cache.clear()


def said_of_https(**environment: str) -> str:
    """Return whether Django, in a new process, trusts a request that claims to have come by HTTPS."""
    code = (
        "import django; django.setup(); from django.test import RequestFactory;"
        "print(RequestFactory().get('/', HTTP_X_FORWARDED_PROTO='https').is_secure())"
    )
    done = run(sys.executable, "-c", code, DJANGO_SETTINGS_MODULE="webapp.settings", **environment)
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_a_word_for_https_is_taken_of_a_proxy_only() -> None:
    assert said_of_https() == "False"
    assert said_of_https(TRUSTED_PROXIES="1") == "False"
    assert said_of_https(TRUSTED_PROXIES="1", HTTPS="true") == "True"
    assert "set TRUSTED_PROXIES" in said_of_https(HTTPS="true")


def test_over_https_browsers_come_back_by_it_for_a_year_and_programs_are_refused_without_it() -> None:
    code = (
        "import django; django.setup(); from django.test import Client;"
        "c = Client(); there = {'HTTP_X_FORWARDED_PROTO': 'https', 'HTTP_HOST': 'localhost'};"
        "print(c.get('/accounts/login/', **there).headers['Strict-Transport-Security']);"
        "print(c.get('/', HTTP_HOST='localhost').headers['Location']);"
        "program = c.get('/api/v1/account', HTTP_HOST='localhost', HTTP_AUTHORIZATION='Bearer understudy_x');"
        "print(program.status_code, program.headers['Content-Type']);"
        "print(c.get('/api/v1/documentation/', HTTP_HOST='localhost').status_code);"
        "print(*(c.get(path, HTTP_HOST='localhost').status_code for path in ('/health/live/', '/metrics')))"
    )
    known = {"DJANGO_SETTINGS_MODULE": "webapp.settings", "TRUSTED_PROXIES": "1", "HTTPS": "true"}
    done = run(sys.executable, "-c", code, **known)
    told = ["max-age=31536000", "https://localhost/", "403", "application/problem+json", "301", "200", "404"]
    assert done.stdout.split() == told, done.stderr
