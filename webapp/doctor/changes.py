"""The changes that a treatment proposes, and the text with them."""

from collections.abc import Iterable
from io import StringIO
from typing import NamedTuple

BLANKS = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # for a class in a regular expression


class Change(NamedTuple):
    """A place of a text, from `start` to before `end`, and what is to stand there."""

    start: int
    end: int
    new: str


def applied(text: str, changes: Iterable[Change]) -> str:
    """Return a text with changes, which are in its order and do not overlap."""
    new = StringIO()  # which takes less memory than a list of pieces, where there are millions
    end = 0
    for change in changes:
        new.write(text[end : change.start])
        new.write(change.new)
        end = change.end
    if not end:
        return text
    new.write(text[end:])
    return new.getvalue()


def before_blanks(text: str, place: int) -> int:
    """Return the end of the last word before a place: the place without the blanks and line ends before it."""
    while place and text[place - 1].isspace():
        place -= 1
    return place


def after_blank_lines(text: str, place: int) -> int:
    """Return the beginning of the first line with something in it, at or after a place that begins a line."""
    at = place
    while at < len(text) and text[at].isspace():
        at += 1
        if text[at - 1] == "\n":
            place = at
    return at if at == len(text) else place
