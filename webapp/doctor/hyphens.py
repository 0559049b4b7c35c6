"""Hyphens at line ends: a word that was divided is joined where it stands whole elsewhere in the text."""

import re
from collections.abc import Iterator
from itertools import chain

from webapp.doctor.changes import Change

_LETTERS = r"[^\W\d_]+"
_DIVIDED = re.compile(
    rf"[-\u2010\u00ad\u00ac]\n[ \t]*(?P<right>{_LETTERS})(?P<rest>[^\s-]*)(?P<blanks>[ \t]*)(?P<end>\n?)"
)
_LAST_WORD = re.compile(rf"{_LETTERS}\Z")
_LONGEST = 40  # letters before a hyphen
_WORD = re.compile(_LETTERS)


def changes(text: str) -> Iterator[Change]:
    """Join divided words. The line ends after the word then, so that verses stay verses."""
    if not _DIVIDED.search(text):
        return
    words = _words(text)
    for found in _DIVIDED.finditer(text):
        left = _LAST_WORD.search(text, max(0, found.start() - _LONGEST), found.start())
        if left and (left[0] + found["right"]).lower() in words:
            yield Change(found.start(), found.end(), f"{found['right']}{found['rest']}{_after(found)}")


def _words(text: str) -> set[str]:
    """Return the words of a text in lower case. Each piece between blanks is looked through once, which saves time."""
    pieces = set(text.lower().split())
    return set(chain.from_iterable(map(_WORD.findall, pieces)))


def _after(found: re.Match[str]) -> str:
    if found["end"] or found["blanks"]:
        return "\n"
    return ""  # a hyphen goes on, or the text ends
