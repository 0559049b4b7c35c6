"""Letters with marks, written as a letter and its marks (Unicode's NFD)."""

import re
import unicodedata
from collections.abc import Iterator

from webapp.doctor.changes import Change


def changes(text: str) -> Iterator[Change]:
    """Take letters and their marks apart. The text is in NFC already."""
    if text.isascii():
        return
    known = sorted(set(text))
    composed = "".join(re.escape(one) for one in known if unicodedata.normalize("NFD", one) != one)
    if composed:
        marks = "".join(re.escape(one) for one in known if unicodedata.combining(one))
        several = f"[{composed}{marks}]*"  # marks that follow are sorted together with those that come off
        for found in re.finditer(f"[{composed}]{several}", text):
            yield Change(found.start(), found.end(), unicodedata.normalize("NFD", found[0]))
