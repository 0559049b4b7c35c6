"""The cache of what the doctor has found: one entry for each text, which is deleted with the text, as it quotes it."""

from collections.abc import Iterable
from typing import Any

from django.core.cache import cache

from webapp import files
from webapp.doctor.treatments import VERSION, Choices

_KEPT_SECONDS = 7 * 24 * 3600
_KEPT = 8  # choices of treatments whose findings are kept of a text


def kept(content: str, choices: Choices) -> Any:
    """Return what was found in the text with this SHA-256 with these choices; None if it is not kept."""
    return cache.get(_key(content), {}).get(_choices_key(choices))


def keep(content: str, choices: Choices, found: Any) -> None:
    """Keep what was found in a text."""
    others = cache.get(_key(content), {})
    others.pop(_choices_key(choices), None)
    newest = dict([*others.items(), (_choices_key(choices), found)][-_KEPT:])
    cache.set(_key(content), newest, _KEPT_SECONDS)


def forget(contents: Iterable[str]) -> None:
    """Delete what was found in texts, given by their SHA-256."""
    for content in contents:
        cache.delete(_key(content))


def _key(content: str) -> str:
    return f"doctor:{content}"


def _choices_key(choices: Choices) -> str:
    return files.sha256(repr((VERSION, choices.as_json())).encode())
