"""The security log: exactly one line for each log-in and each refusal."""

import logging
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from tests.web.test_refusals import visitor as visitor  # a fixture
from tests.web.test_second_factor import enter
from tests.web.test_second_factor import secret as secret  # a fixture
from webapp.accounts.models import User
from webapp.logs import OneLine

pytestmark = pytest.mark.django_db


class Log:
    """The lines that were written since this object was made."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._begin = file.stat().st_size if file.exists() else 0

    @property
    def lines(self) -> list[str]:
        return self._file.read_bytes()[self._begin :].decode().splitlines() if self._file.exists() else []


@pytest.fixture
def log(settings: Any) -> Log:
    return Log(settings.LOG_DIR / "security.log")


def log_in(client: Client, name: str, password: str) -> None:
    client.post(reverse("account_login"), {"login": name, "password": password})


def test_who_logs_in_and_out(client: Client, alice: User, log: Log) -> None:
    log_in(client, "alice", "alices own password")
    client.post(reverse("account_logout"))
    assert "alice logged in, from 127.0.0.1" in log.lines[0]
    assert "alice logged out, from 127.0.0.1" in log.lines[1]
    assert len(log.lines) == 2


def test_whose_password_is_guessed_and_never_the_password(client: Client, alice: User, log: Log) -> None:
    log_in(client, "alice", "guessed")
    log_in(client, "my secret in the wrong field", "guessed")
    assert "log-in failed for alice, from 127.0.0.1" in log.lines[0]
    assert "log-in failed for an unknown name" in log.lines[1]
    assert "guessed" not in str(log.lines) and "secret" not in str(log.lines)


def test_who_signs_up(client: Client, log: Log) -> None:
    client.post(reverse("account_signup"), {"username": "dora", "password1": "a long password of dora"})
    assert any("dora signed up" in line for line in log.lines)


@pytest.mark.django_db(transaction=True)  # it is logged once it is certain
def test_whose_second_factor_is_set_up_guessed_and_removed(log: Log, client: Client, secret: str) -> None:
    assert "alice set up a second factor (totp), from 127.0.0.1" in str(log.lines)
    assert "alice set up a second factor (recovery_codes), from 127.0.0.1" in str(log.lines)
    log_in(client, "alice", "alices own password")
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert "a wrong code of the second factor for alice, from 127.0.0.1" in log.lines[-1]
    enter(client, secret)
    client.post(reverse("mfa_generate_recovery_codes"))
    assert "alice made anew a second factor (recovery_codes), from 127.0.0.1" in log.lines[-1]
    client.post(reverse("mfa_deactivate_totp"))
    assert "alice removed a second factor (totp), from 127.0.0.1" in str(log.lines)
    assert not [line for line in log.lines if secret in line]


def test_somebody_elses_object(client: Client, bob: User, log: Log) -> None:
    client.force_login(bob)
    client.get("/corpora/999999/")
    assert "refused 404 GET /corpora/999999/ to bob, from 127.0.0.1" in log.lines[-1]


def test_no_key_of_a_link(client: Client, bob: User, log: Log, caplog: pytest.LogCaptureFixture) -> None:
    client.force_login(bob)
    with caplog.at_level(logging.INFO, "webapp.requests"):
        client.post("/groups/join/a-key-that-opens/")
        client.get("/shared/a-key-that-opens/")
        client.get("/accounts/password/reset/key/1-a-key-that-opens/")
    refusals = [line.partition("refused ")[2] for line in log.lines if "refused" in line]
    assert refusals == [f"404 {what}/…/ to bob, from 127.0.0.1" for what in ("POST /groups/join", "GET /shared")]
    assert "POST /groups/join/…/: 404" in caplog.messages
    assert "a-key" not in str(log.lines) and "a-key" not in caplog.text


@pytest.mark.parametrize("path", ["/forbidden/", "/no-such-page/%0a2026-01-01 INFO alice logged in/%1b[2J"])
def test_a_refusal_is_one_line(visitor: Client, log: Log, path: str) -> None:
    visitor.get(path)
    (line,) = log.lines
    assert "refused 40" in line and "\x1b" not in line


def test_no_stranger_causes_a_traceback(visitor: Client, log: Log, caplog: pytest.LogCaptureFixture) -> None:
    visitor.get("/", headers={"host": "elsewhere.example"})
    visitor.get("/", headers={"host": "a b\u2028c"})
    visitor.post("/corpora/sample/")
    visitor.post("/accounts/login/", b"x", content_type="multipart/form-data")
    visitor.post("/accounts/login/", {f"field{n}": "" for n in range(2_000)})
    assert any("Invalid HTTP_HOST header" in line for line in log.lines)
    assert any("CSRF" in line for line in log.lines)
    assert not [line for line in log.lines if "Traceback" in line or line.startswith(" ")]
    assert not [record for record in caplog.records if "\n" in OneLine().format(record)]


def test_our_own_mistake_has_its_traceback(visitor: Client, log: Log, caplog: pytest.LogCaptureFixture) -> None:
    visitor.get("/broken/")
    (record,) = [record for record in caplog.records if record.exc_info]
    assert "ZeroDivisionError" in OneLine().format(record)


@given(st.text(), st.sampled_from(["understudy.security", "django.security.DisallowedHost", "webapp.studies"]))
def test_whatever_is_logged_is_one_line(words: str, name: str) -> None:
    line = OneLine().format(logging.LogRecord(name, logging.INFO, "", 0, words, None, None))
    assert len(line.splitlines()) <= 1
    assert line.isprintable() or " " in line or "\xa0" in line or not line.isascii()
