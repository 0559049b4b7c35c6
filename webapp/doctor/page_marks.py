"""Page numbers and running heads, which a book's text has where its pages were scanned or printed."""

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from webapp.doctor.changes import Change, after_blank_lines, before_blanks

_FEWEST = 5  # pages
_PAGE = 300, 8_000  # characters from one page's mark to the next one's
_MOST_STEPS = 3  # pages between two marks that were found
_REGULAR = 0.7  # of the distances are near the median
_NEAR = 0.35
_LONGEST_HEAD = 80
_SHORTEST_LINES = 10  # characters of a line, on the average: no book has shorter ones
_NUMBER = re.compile(
    r"^[ \t]*+(?:(?:page|pg\.?|p\.|seite|s\.|página|pág\.?|pagina|стр\.?|страница)[ \t]*+)?[-–—\[(|*]*+[ \t]*+(\d{1,4})"
    r"[ \t]*+[-–—\])|*]*+[ \t]*+$",
    re.MULTILINE | re.IGNORECASE,
)
_HEAD = re.compile(rf"^[ \t]*(\S[^\n]{{0,{_LONGEST_HEAD - 1}}})$", re.MULTILINE)
_CHAPTER = re.compile(  # headings whose numbers rise as those of pages do
    r"\W*+(?:chapter|book|part|act|scene|canto|letter|section|chapitre|livre|partie|acte|scène|kapitel|buch|teil|akt|szene"
    r"|capítulo|libro|parte|capitolo|hoofdstuk|deel|rozdział|kapitola|глава|часть|розділ)[^\w#]*+#\W*+",
    re.IGNORECASE,
)
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"[^\W\d_]{2}")
_ENDS = '.!?…:;"”»’)]'


class _Line(NamedTuple):
    start: int
    end: int
    number: int  # of the page; -1 for a head without one


def changes(text: str) -> Iterator[Change]:
    """Cut lines that are page numbers or running heads, with the blank lines that the page's end has around them."""
    found = {line.start: line for line in [*_numbers(text), *_heads(text)]}
    end = 0
    for line in (found[start] for start in sorted(found)):
        if line.start >= end:
            change = _cut(text, line, found)
            end = change.end
            yield change


def _cut(text: str, line: _Line, lines: dict[int, _Line]) -> Change:
    start = before_blanks(text, line.start)
    end = after_blank_lines(text, min(len(text), line.end + 1))
    while end in lines and end < len(text):  # the head of the next page
        end = after_blank_lines(text, min(len(text), lines[end].end + 1))
    if start == 0:
        return Change(0, end, "")
    if end >= len(text):
        return Change(start, len(text), "\n")
    goes_on = text[start - 1] not in _ENDS and text[end].islower()
    has_blank_lines = text.count("\n", start, end) > 2
    return Change(start, end, "\n\n" if has_blank_lines and not goes_on else "\n")


def _numbers(text: str) -> list[_Line]:
    lines = [_Line(found.start(), found.end(), int(found[1])) for found in _NUMBER.finditer(text)]
    return _of_pages(lines)


def _heads(text: str) -> Iterator[_Line]:
    if text.count("\n") * _SHORTEST_LINES > len(text):
        return
    alike: dict[str, list[_Line]] = defaultdict(list)
    for found in _HEAD.finditer(text):
        line = found[1].rstrip()
        digits = _DIGITS.findall(line)
        number = int(digits[0]) if len(digits) == 1 and len(digits[0]) < 5 else -1
        alike[_DIGITS.sub("#", line).casefold()].append(_Line(found.start(), found.end(), number))
    for shape, lines in alike.items():
        if len(lines) >= _FEWEST and _WORD.search(shape) and not _CHAPTER.fullmatch(shape):
            yield from _of_pages(lines) if "#" in shape else _regular(lines)


def _of_pages(lines: Sequence[_Line]) -> list[_Line]:
    """Return the lines whose numbers count pages: they rise, and are as far from each other as pages are."""
    good = set()
    for first, second in pairwise(lines):
        steps = second.number - first.number
        apart = second.start - first.start
        if 0 < steps <= _MOST_STEPS and _PAGE[0] <= apart <= _PAGE[1] * steps:
            good |= {first, second}
    counted = [line for line in lines if line in good]
    return counted if len(counted) >= _FEWEST and len(counted) * 2 > len(lines) else []


def _regular(lines: Sequence[_Line]) -> Sequence[_Line]:
    """Return lines that stand at regular distances, such as heads of pages. A speaker's name in a play does not."""
    distances = sorted(second.start - first.start for first, second in pairwise(lines))
    middle = median(distances)
    near = bisect_left(distances, middle * (1 + _NEAR)) - bisect_left(distances, middle * (1 - _NEAR))
    is_regular = _PAGE[0] <= middle <= 2 * _PAGE[1] and near >= _REGULAR * len(distances)
    return lines if is_regular else []
