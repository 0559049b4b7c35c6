"""Characters that nobody sees and no model needs: soft hyphens, zero-width blanks, marks of direction."""

import re
from collections.abc import Iterable

from webapp.doctor.changes import Change, Replacements

# Joiners (U+200C, U+200D) and variation selectors stay: Persian, Indic scripts and emoji are spelled with them.
_ALWAYS = "\u00ad\u034f\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffc"
_DIRECTIONS = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")
_WITHOUT_DIRECTIONS = re.compile(f"[{_ALWAYS}]+")
_ALL = re.compile(f"[{_ALWAYS}{_DIRECTIONS}]+")


def changes(text: str) -> Iterable[Change]:
    """Remove them. Marks of direction stay in a text that has words from right to left: there they order the line."""
    pattern = _WITHOUT_DIRECTIONS if _RIGHT_TO_LEFT.search(text) else _ALL
    return Replacements(text, pattern, lambda _old: "")
