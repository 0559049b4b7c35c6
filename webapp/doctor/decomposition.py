"""Letters with marks, written as a letter and its marks (Unicode's NFD)."""

import re
import unicodedata
from collections.abc import Iterator

from webapp.doctor.changes import Change

_NEAR = 12  # characters


def changes(text: str) -> Iterator[Change]:
    """Take letters and their marks apart; those that are near one another are one place. The text is in NFC already."""
    if text.isascii():
        return
    known = sorted(set(text))
    composed = "".join(re.escape(one) for one in known if unicodedata.normalize("NFD", one) != one)
    if composed:
        marks = "".join(re.escape(one) for one in known if unicodedata.combining(one))
        marks = f"[{marks}]*" if marks else ""  # those that follow are sorted together with those that come off
        for found in re.finditer(f"[{composed}](?:[^\n]{{0,{_NEAR}}}[{composed}])*{marks}", text):
            yield Change(found.start(), found.end(), unicodedata.normalize("NFD", found[0]))
