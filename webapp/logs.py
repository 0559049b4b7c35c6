"""The configuration of logging. Each record is one line, of text or of JSON, whatever a visitor has put into it."""

import copy
import logging
import unicodedata
from pathlib import Path
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

FORMS = ("line", "json")
_CAUSED_BY_VISITORS = ("django.security", "understudy.security")
_LONGEST = 500  # characters of a record that a visitor has caused
_BREAKING = ("Cc", "Cf", "Zl", "Zp")  # ends a line, moves the cursor, or turns the reading direction


def configuration(folder: Path, level: str, form: str = "line") -> dict[str, Any]:
    """Return Django's LOGGING: security records go to a file in the folder, all others to the console.

    `form` is one of FORMS: lines for people, or JSON objects, one a line, for programs.
    """
    of_each_message = ("celery.app.trace", "celery.worker.strategy")
    of_each_refusal_or_wait = ("django.request", "waitress.queue")
    written = {"formatter": form, "filters": ["context"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"context": {"()": "webapp.log_context.AddContext"}},
        "formatters": {
            "line": {"()": "webapp.logs.OneLine", "format": "{asctime} {levelname} {name}: {message}", "style": "{"},
            "json": {"()": "webapp.logs.OneObject"},
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", **written},
            "security": {
                "class": "logging.handlers.WatchedFileHandler",
                "filename": folder / "security.log",
                "delay": True,
                **written,
            },
        },
        "loggers": {
            **{name: {"level": "WARNING"} for name in of_each_message},
            **{name: {"level": "ERROR"} for name in of_each_refusal_or_wait},
            **{name: {"handlers": ["security"], "propagate": False} for name in _CAUSED_BY_VISITORS},
        },
        "root": {"handlers": ["console"], "level": level},
    }


class OneLine(logging.Formatter):
    """Writes control characters as escapes. A record that a visitor has caused has no traceback, and is cut."""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_without_surprises(record))

    def formatMessage(self, record: logging.LogRecord) -> str:
        return "".join(map(_shown, super().formatMessage(record)))


class OneObject(JsonFormatter):
    """Writes a record as one JSON object, with the job and the request that it is about. It is ASCII: all else is
    escaped. A record that a visitor has caused has no traceback, and is cut."""

    def __init__(self) -> None:
        super().__init__(
            "{levelname}{name}{process}{message}",
            style="{",
            timestamp="time",
            rename_fields={"levelname": "level", "name": "logger"},
            # what Django, Celery and gunicorn add for handlers of their own
            reserved_attrs=[*RESERVED_ATTRS, "request", "data", "color_message"],
        )

    def format(self, record: logging.LogRecord) -> str:
        return super().format(_without_surprises(record))


def _without_surprises(record: logging.LogRecord) -> logging.LogRecord:
    """Return the record, or a copy without traceback and of limited length if a visitor has caused it."""
    if not record.name.startswith(_CAUSED_BY_VISITORS):
        return record
    line = copy.copy(record)
    line.exc_info = line.exc_text = None
    line.msg, line.args = record.getMessage()[:_LONGEST], None
    return line


def _shown(character: str) -> str:
    if unicodedata.category(character) in _BREAKING:
        return character.encode("unicode_escape").decode()
    return character
