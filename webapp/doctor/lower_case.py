"""Capitals, which become small letters: with fewer characters a short text is learned sooner."""

from collections.abc import Iterable

import regex

from webapp.doctor.changes import Change, Replacements

_FROM_A_CAPITAL = regex.compile(r"[\p{Uppercase}\p{Lt}][\w\p{M}]*")


def changes(text: str) -> Iterable[Change]:
    """Write each word with a capital in small letters, from its first capital on."""
    return Replacements(text, _FROM_A_CAPITAL, str.lower)
