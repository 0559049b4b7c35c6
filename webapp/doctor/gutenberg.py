"""Project Gutenberg's header and licence, which stand around each of its books."""

import re
from collections.abc import Iterator

from webapp.doctor.changes import Change, after_blank_lines, before_blanks

_MARK = re.compile(
    r"^[ \t]*\*{3}[ \t]*(?P<kind>START|END)[ \t]+OF[ \t]+(?:(?:THE|THIS)[ \t]+)?PROJECT[ \t]+GUTENBERG"
    r"(?:[^*]{0,300}\*{3})?[^\n]*"
    r"|^[ \t]*\*END\*?[ \t]*(?P<small>THE SMALL PRINT)[^\n]*"  # books from before 2003
    r"|^[ \t]*(?P<last>End of (?:the |this )?Project Gutenberg)[^\n]*",
    re.MULTILINE | re.IGNORECASE,
)
_CREDITS = re.compile(
    r"(?:E-?text prepared|Produced|Transcribed|This e-?(?:text|book) was (?:produced|prepared)) (?:by|from)\b"
    r"[^\n]*+(?:\n[^\S\n]*+\S[^\n]*+)*+\n",
    re.IGNORECASE,
)


def changes(text: str) -> Iterator[Change]:
    """Cut what stands before the mark at a book's beginning and after the one at its end; also of several books."""
    outside: int | None = None  # where the part begins that belongs to no book
    is_first = True
    for mark in _MARK.finditer(text):
        is_start = mark["small"] is not None or (mark["kind"] or "").upper() == "START"
        if is_start:
            start = 0 if is_first else mark.start() if outside is None else outside
            yield Change(start, _beginning(text, mark.end()), "\n\n\n" if start else "")
            outside = None
        elif outside is None:
            outside = before_blanks(text, mark.start())
        is_first = False
    if outside is not None:
        yield Change(outside, len(text), "\n" if outside else "")


def _beginning(text: str, place: int) -> int:
    """Return where a book begins after its mark: behind the lines that say who typed it."""
    place = after_blank_lines(text, place)
    credits = _CREDITS.match(text, place)
    return after_blank_lines(text, credits.end()) if credits else place
