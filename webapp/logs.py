"""The configuration of logging. Each record is one line, whatever a visitor has put into it."""

import copy
import logging
import unicodedata
from pathlib import Path
from typing import Any

_CAUSED_BY_VISITORS = ("django.security", "understudy.security")
_LONGEST = 500  # characters of a record that a visitor has caused
_BREAKING = ("Cc", "Cf", "Zl", "Zp")  # ends a line, moves the cursor, or turns the reading direction


def configuration(folder: Path, level: str) -> dict[str, Any]:
    """Return Django's LOGGING: security records go to a file in the folder, all others to the console."""
    of_each_message = ("celery.app.trace", "celery.worker.strategy")
    of_each_refusal_or_wait = ("django.request", "waitress.queue")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {"()": "webapp.logs.OneLine", "format": "{asctime} {levelname} {name}: {message}", "style": "{"}
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": "line"},
            "security": {
                "class": "logging.handlers.WatchedFileHandler",
                "filename": folder / "security.log",
                "delay": True,
                "formatter": "line",
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
        if not record.name.startswith(_CAUSED_BY_VISITORS):
            return super().format(record)
        line = copy.copy(record)
        line.exc_info = line.exc_text = None
        line.msg, line.args = record.getMessage()[:_LONGEST], None
        return super().format(line)

    def formatMessage(self, record: logging.LogRecord) -> str:
        return "".join(map(_shown, super().formatMessage(record)))


def _shown(character: str) -> str:
    if unicodedata.category(character) in _BREAKING:
        return character.encode("unicode_escape").decode()
    return character
