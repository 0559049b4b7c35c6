"""Letters with marks, written as a letter and its marks (Unicode's NFD)."""

import re
import unicodedata
from collections.abc import Iterable
from functools import partial

from webapp.doctor.changes import Change, Replacements

_NEAR = 12  # characters


def changes(text: str) -> Iterable[Change]:
    """Take letters and their marks apart; those that are near one another are one place. The text is in NFC already."""
    known = [] if text.isascii() else sorted(set(text))
    composed = "".join(re.escape(one) for one in known if unicodedata.normalize("NFD", one) != one)
    if not composed:
        return ()
    marks = "".join(re.escape(one) for one in known if unicodedata.combining(one))
    marks = f"[{marks}]*" if marks else ""  # those that follow are sorted together with those that come off
    pattern = re.compile(f"[{composed}](?:[^\n]{{0,{_NEAR}}}[{composed}])*{marks}")
    return Replacements(text, pattern, partial(unicodedata.normalize, "NFD"))
