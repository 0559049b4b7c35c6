"""Capitals, which become small letters: with fewer characters a short text is learned sooner."""

from collections.abc import Iterator

import regex

from webapp.doctor.changes import Change

_FROM_A_CAPITAL = regex.compile(r"[\p{Uppercase}\p{Lt}][\w\p{M}]*")


def changes(text: str) -> Iterator[Change]:
    """Write each word with a capital in small letters, from its first capital on."""
    for found in _FROM_A_CAPITAL.finditer(text):
        word = found.group()
        if (small := word.lower()) != word:
            yield Change(found.start(), found.end(), small)
