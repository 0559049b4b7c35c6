"""Blank lines: lines on which nothing can be seen, whatever stands on them. Pure Python: the web process imports it."""

import re

#: For a class in a regular expression: what can't be seen. All white space but the line feed, and what Unicode calls
#: default ignorable (zero-width spaces, marks of direction, fillers).
UNSEEN = (
    "\t\x0b-\r\x1c- \x85\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)

#: A pattern: the end of a line that has a blank line behind it, and that line.
PARAGRAPH_END = f"\n[{UNSEEN}]*\n"

_BLANK_LINE = re.compile(f"\n(?=[{UNSEEN}]*\n)")
_LEADING = re.compile(f"[{UNSEEN}\n]*")


def count_blank_lines(text: str) -> int:
    """Return how many blank lines stand between the lines of a text."""
    return len(_BLANK_LINE.findall(text))


def without_leading(text: str) -> str:
    """Return a text from the first character on that can be seen."""
    return _LEADING.sub("", text, count=1)
