"""The excerpts of a study's frozen texts, each around a place in a text."""

from dataclasses import dataclass
from typing import Any

from webapp import files

_CHARACTERS = 8_000  # on a page
_AROUND = 1_500  # characters before a marked place, and the least number of characters after it
_LONGEST = 100_000  # characters that are marked


@dataclass(frozen=True)
class Excerpt:
    """One page of a document that has `of` characters. Places are code points."""

    before: str
    marked: str
    after: str
    start: int
    end: int
    of: int

    @property
    def earlier(self) -> int | None:
        """The place where the previous page begins; None on the first page."""
        return max(0, self.start - _CHARACTERS) if self.start else None

    @property
    def later(self) -> int | None:
        return self.end if self.end < self.of else None


def excerpt(document: dict[str, Any], at: int, length: int) -> Excerpt:
    """Return the page of a frozen document on which a place is marked. With length 0 the page begins at the place.

    A place after the document's end means its beginning.
    """
    whole = document["characters"]
    if at >= whole:
        at = length = 0
    length = min(length, whole - at, _LONGEST)
    start = max(0, at - _AROUND) if length else at
    end = min(whole, max(start + _CHARACTERS, at + length + _AROUND))
    text = files.read_text(document["key"], start, end - start)
    mark = slice(at - start, at - start + length)
    return Excerpt(text[: mark.start], text[mark], text[mark.stop :], start, end, whole)
