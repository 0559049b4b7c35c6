"""How a record is written to a log: on one line, whatever a stranger put into it."""

import copy
import logging
import unicodedata

_OF_STRANGERS = ("django.security", "understudy.security")
_LONGEST = 500  # characters of what a stranger causes
_BREAKING = ("Cc", "Cf", "Zl", "Zp")  # ends a line, moves the cursor, or turns the reading direction


class OneLine(logging.Formatter):
    """Control characters are written as escapes. What strangers cause has no traceback, and is cut."""

    def format(self, record: logging.LogRecord) -> str:
        if not record.name.startswith(_OF_STRANGERS):
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
