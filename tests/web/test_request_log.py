"""The context of log records, their JSON form, and the id of a request."""

import contextvars
import json
import logging
import sys
import threading
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from webapp import env, log_context, logs


def _written(message: str, name: str = "webapp.test", **about: Any) -> dict[str, Any]:
    """Return the JSON object of a record. While an exception is handled, the record has it."""
    error = sys.exc_info() if sys.exc_info()[0] else None
    record = logging.getLogger(name).makeRecord(name, logging.INFO, __file__, 1, message, (), error, extra=about)
    log_context.AddContext().filter(record)
    line = logs.OneObject().format(record)
    assert "\n" not in line and line.isascii()
    written: dict[str, Any] = json.loads(line)
    return written


def test_a_record_has_what_it_is_about() -> None:
    with log_context.about(request_id="r1"), log_context.about(job=7):
        assert _written("two\nlines \u202e") | {"time": "", "process": 0} == {
            **{"time": "", "level": "INFO", "logger": "webapp.test", "process": 0},
            **{"message": "two\nlines \u202e", "request_id": "r1", "job": 7},
        }
        assert _written("another's", job=8)["job"] == 8
    assert "job" not in _written("afterwards")


def test_what_is_added_ends_with_its_block() -> None:
    log_context.add(job=9)
    with log_context.about(request_id="r1"):
        log_context.add(job=7)
        assert _written("inside")["job"] == 7
    assert "job" not in _written("outside")


def test_a_thread_in_a_copy_of_the_context_has_it_too() -> None:
    found: list[str] = []
    with log_context.about(request_id="r1"):
        context = contextvars.copy_context()
        thread = threading.Thread(target=context.run, args=(lambda: found.append(log_context.request_id()),))
        thread.start()
        thread.join()
    assert found == ["r1"]


def test_what_a_visitor_has_caused_is_short_and_has_no_traceback() -> None:
    try:
        raise ValueError("inside")
    except ValueError:
        ours, theirs = _written("x" * 1_000), _written("x" * 1_000, "understudy.security")
    assert (len(ours["message"]), "inside" in ours["exc_info"]) == (1_000, True)
    assert (len(theirs["message"]), "exc_info" in theirs) == (500, False)


def test_a_form_that_there_is_not_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_FORMAT", "xml")
    with pytest.raises(ImproperlyConfigured, match="LOG_FORMAT must be one of line, json"):
        env.choice("LOG_FORMAT", logs.FORMS)


@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [(0, "of-the-visitor", False), (1, "of-the-proxy", True), (1, "short", False), (1, "two words of it", False)],
)
def test_only_a_trusted_proxy_names_a_request(
    client: Client, settings: Any, proxies: int, given: str, is_taken: bool
) -> None:
    settings.TRUSTED_PROXIES = proxies
    answer = client.get(reverse("health_live"), headers={"X-Request-ID": given})
    assert (answer.headers["X-Request-ID"] == given) is is_taken
    assert len(answer.headers["X-Request-ID"]) >= 8
