"""Combining marks: a limit for how many follow a letter, and Unicode's composed form (NFC).

Normalising sorts the marks after a letter, which takes time in the square of their number: 200,000 of them keep a
process busy for half a minute. Unicode's stream-safe form (annex 15, section 13) allows 30 and puts a separator behind
them; here those beyond 30 are dropped, so that no symbol and no line grows without end either.

Only the standard library: the web process imports it.
"""

import re
import unicodedata
from functools import cache

LONGEST = 30
_AFTER_EMOJI = 0x20000  # no mark has a code point from here on; a test looks
_BEYOND_BMP = re.compile("[\U00010000-\U0001efff]")  # where rarer scripts have their marks, and emoji are not


def composed(text: str) -> str:
    """Return a text in NFC with at most 30 combining marks in a row, in time that grows with its length.

    Twice, since composing can make two marks of one (U+0344). What is left out stands last, so the rest stays composed.
    """
    return bounded(unicodedata.normalize("NFC", bounded(text)))


def bounded(text: str) -> str:
    """Return a text without the combining marks that follow thirty others. It can be normalised to any form."""
    if text.isascii():
        return text
    return _too_many(bool(_BEYOND_BMP.search(text))).sub(lambda run: run[0][:LONGEST], text)


@cache
def _too_many(beyond_bmp: bool) -> re.Pattern[str]:
    """Match runs of more than 30 marks. With the marks of rare scripts it is 25 times slower, hence the choice."""
    points = range(_AFTER_EMOJI if beyond_bmp else 0x10000)
    mark = f"[{''.join(character for character in map(chr, points) if _is_mark(character))}]"
    return re.compile(f"{mark}{mark}{{{LONGEST - 1}}}{mark}+")


def _is_mark(character: str) -> bool:
    """Whether normalising sorts it: it, or what it is decomposed into, attaches to what stands before."""
    return unicodedata.combining(unicodedata.normalize("NFKD", character)[0]) > 0
