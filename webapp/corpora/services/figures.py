"""Figures of a corpus: what its page says about the cleaned texts, and why they cannot be trained on."""

from collections import Counter
from typing import Any

from trainer.contract.documents import TextProblem, check_trainable
from trainer.contract.documents import describe as counted
from webapp.corpora import overlaps
from webapp.corpora.services.reading import Named

CAST_CHARACTERS = 400


def describe(documents: list[Named]) -> dict[str, Any]:
    """Return all that the corpus says about its documents."""
    texts = [text for _name, text in documents]
    return {**figures_of(texts), "overlaps": overlaps.found([name for name, _text in documents], texts)}


def figures_of(texts: list[str]) -> dict[str, Any]:
    """Return what the corpus says about its cleaned texts."""
    whole = "".join(texts)
    counts = counted(whole)
    cast = "".join(character for character, _times in Counter(whole).most_common(CAST_CHARACTERS))
    return {
        "characters": counts.characters,
        "words": counts.words,
        "alphabet": counts.alphabet,
        "cast": cast,
        "problem": _problem(texts),
    }


def _problem(texts: list[str]) -> str:
    try:
        check_trainable(texts)
    except TextProblem as problem:
        return str(problem)
    return ""
