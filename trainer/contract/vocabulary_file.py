"""The file of a vocabulary, vocabulary.json, as it is checked before anything is made of it.

Pure Python: the web process checks an uploaded model with this module.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

LONGEST = 64  # code points of the longest symbol
_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # databases and UTF-8 have no place for them


class VocabularyProblem(ValueError):
    """A file that is not a valid vocabulary."""


def read(text: str) -> dict[str, Any]:
    """Return the fields of a vocabulary (see `trainer.text.vocabulary.Vocabulary`). Raises VocabularyProblem."""
    try:
        content = json.loads(text)
        values = {
            "characters": content["characters"],
            "escape_floor": content["escape_floor"],
            "openings": tuple(content["openings"]),
            "level": content["level"],
            "longer": tuple(content.get("longer", ())),
        }
        sound = _is_sound(**values)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise VocabularyProblem("The vocabulary is damaged.")
    return values


def _is_sound(
    characters: str, escape_floor: float, openings: tuple[str, ...], level: str, longer: tuple[str, ...]
) -> bool:
    texts = (characters, *openings, *longer)
    return (
        level in ("char", "word")
        and all(isinstance(text, str) for text in texts)
        and len(characters) + len(longer) > 0
        and list(characters) == sorted(set(characters))
        and list(longer) == sorted(set(longer))
        and all(1 < len(symbol) <= LONGEST for symbol in longer)
        and 0 < escape_floor < 1
    )


def are_text(texts: Iterable[str]) -> bool:
    """Whether these can be stored as text, as everything can that was cleaned."""
    return not any(map(_NO_TEXT.search, texts))


def size(values: dict[str, Any]) -> int:
    """Return the number of symbols of a vocabulary that was read, including the escape."""
    return len(values["characters"]) + len(values["longer"]) + 1
