"""The changes that a treatment proposes, and the text with them."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from io import StringIO
from itertools import islice
from operator import itemgetter
from typing import NamedTuple

BLANKS = " \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"  # for a class in a regular expression
_AT_ONCE = 4096  # pieces


class Change(NamedTuple):
    """A place of a text, from `start` to before `end`, and what is to stand there."""

    start: int
    end: int
    new: str


class Replacements:
    """Changes in which it depends on the old piece alone what is to stand there. They can be counted without each."""

    def __init__(self, text: str, pattern: re.Pattern[str], new: Callable[[str], str]) -> None:
        """Replace each piece of a text that a pattern finds, if it becomes another one."""
        self._text, self._pattern, self._new = text, pattern, new

    def __iter__(self) -> Iterator[Change]:
        return self._changes(self._pattern.finditer(self._text))

    def survey(self, most: int) -> tuple[int, int, list[Change]] | None:
        """Return how many changes there are, by how many characters the text gets shorter, and some of them.

        These are the first one and those that are a power of two apart, `most` at most. None: a piece stays as it is.
        """
        count, step, pieces = 0, 1, Counter[str]()
        kept: list[re.Match[str]] = []
        found = self._pattern.finditer(self._text)
        while some := list(islice(found, _AT_ONCE)):
            pieces.update(map(itemgetter(0), some))
            kept += some[-count % step :: step]
            count += len(some)
            while len(kept) > most:
                kept, step = kept[::2], 2 * step
        shorter = 0
        for old, times in pieces.items():
            if (new := self._new(old)) == old:
                return None
            shorter += times * (len(old) - len(new))
        return count, shorter, list(self._changes(kept))

    def _changes(self, found: Iterable[re.Match[str]]) -> Iterator[Change]:
        for one in found:
            if (new := self._new(old := one[0])) != old:
                yield Change(start := one.start(), start + len(old), new)


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
