"""The figures of a corpus's cleaned texts, and the reason why they can't be trained on, if there is one."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from trainer.contract.documents import TextProblem, check_trainable
from trainer.contract.documents import describe as counted
from webapp.corpora import overlaps
from webapp.corpora.services.reading import Named, once
from webapp.doctor import graphemes
from webapp.doctor.treatments import Choices

CAST_CHARACTERS = 400


def describe(documents: Sequence[Named], choices: Choices) -> dict[str, Any]:
    """Return the fields of a corpus that depend on its documents. `choices` are the treatments of the corpus."""
    read = once(documents, choices)
    return {**figures_of([one.text for one in read]), "overlaps": overlaps.found(read)}


def figures_of(texts: list[str]) -> dict[str, Any]:
    """Return the fields of a corpus that depend on its cleaned texts alone."""
    whole = "".join(texts)
    counts = counted(whole)
    cast = "".join(character for character, _times in Counter(whole).most_common(CAST_CHARACTERS))
    return {
        "characters": counts.characters,
        "clusters": graphemes.length(whole),
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
