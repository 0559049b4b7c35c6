"""Blank lines: lines that show nothing, even if they contain spaces or invisible characters.

Pure Python: the web process imports this module.
"""

import re

#: The invisible characters, for a class in a regular expression: all white space except the line feed, and the
#: characters that Unicode calls default ignorable (zero-width spaces, marks of direction, fillers).
UNSEEN = (
    "\t\x0b-\r\x1c- \x85\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f\u2000-\u200f\u2028-\u202f"
    "\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)

#: A pattern that matches the end of a line and the blank line after it.
PARAGRAPH_END = f"\n[{UNSEEN}]*\n"

_BLANK_LINE = re.compile(f"\n(?=[{UNSEEN}]*\n)")
_LEADING = re.compile(f"[{UNSEEN}\n]*")


def count_blank_lines(text: str) -> int:
    """Return how many blank lines there are between the lines of a text."""
    return len(_BLANK_LINE.findall(text))


def without_leading(text: str) -> str:
    """Return a text without the invisible characters and line feeds at its beginning."""
    return _LEADING.sub("", text, count=1)
