"""Runs of blanks and blank lines."""

import re
from collections.abc import Iterator

from webapp.doctor.changes import BLANKS, Change

_MOST_LINE_ENDS = 3  # in a row: two blank lines part chapters
# The first class makes the search fast; what it has found decides which of the two it is.
_RUN = re.compile(rf"[\n{BLANKS}](?:(?<=\n)(?:[{BLANKS}]*\n){{{_MOST_LINE_ENDS},}}|(?<!\n)(?:[{BLANKS}]+|(?=\n|\Z)))")


def changes(text: str) -> Iterator[Change]:
    """Make one blank of several inside a line, and two blank lines of more; remove blanks at line ends.

    Blanks at the beginning of a line stay: they indent it.
    """
    for found in _RUN.finditer(text):
        start, end = found.span()
        if text[start] == "\n":
            yield Change(start, end, "\n" * _MOST_LINE_ENDS)
        elif end == len(text) or text[end] == "\n":
            yield Change(start, end, "")
        elif start and text[start - 1] != "\n":
            yield Change(start, end, " ")
