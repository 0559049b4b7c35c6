"""Combining marks: a limit for their number after a letter, and Unicode's composed form (NFC).

Normalisation sorts the marks after a letter. Its time grows with the square of their number: 200,000 marks keep a
process busy for half a minute. Unicode's stream-safe form (annex 15, section 13) allows 30 marks and puts a separator
after them. We remove all marks after the 30th instead, so that no symbol and no line can grow without limit.

Only the standard library: the web process imports this module.
"""

import re
import unicodedata
from functools import cache
from typing import Literal

Form = Literal["NFC", "NFD", "NFKC", "NFKD"]
LONGEST = 30
_AFTER_EMOJI = 0x20000  # all marks are below this code point; a test checks it
_BEYOND_BMP = re.compile("[\U00010000-\U0001efff]")  # rarer scripts have their marks in this range; emoji are not in it


def normalised(text: str, form: Form = "NFC") -> str:
    """Return a text in a normal form, with at most 30 combining marks in a row. The time is linear in its length.

    The limit is applied twice, because composing can turn one mark into two (U+0344). The marks that the second pass
    removes are the last of their row, so the rest stays normalised.
    """
    return bounded(unicodedata.normalize(form, bounded(text)))


def bounded(text: str) -> str:
    """Return a text without the combining marks after the 30th of a row. It can then be normalised to any form fast."""
    if text.isascii():
        return text
    return _too_many(bool(_BEYOND_BMP.search(text))).sub(lambda run: run[0][:LONGEST], text)


def surplus(text: str) -> int:
    """Return how many combining marks `bounded` removes from a text."""
    return len(text) - len(bounded(text))


@cache
def _too_many(beyond_bmp: bool) -> re.Pattern[str]:
    """Return a pattern for rows of more than 30 marks.

    The pattern with the marks of rare scripts is 25 times slower, so it is used only for texts that may have them.
    """
    points = range(_AFTER_EMOJI if beyond_bmp else 0x10000)
    mark = f"[{''.join(character for character in map(chr, points) if _is_mark(character))}]"
    return re.compile(f"{mark}{mark}{{{LONGEST - 1}}}{mark}+")


def _is_mark(character: str) -> bool:
    """Whether a character is sorted by normalisation: it, or its decomposition, combines with the one before it."""
    return unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) > 0
