"""The voices of a model: a name for each document, which the model learns to tell apart and to write in.

Pure Python: the web process imports this module.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from trainer.contract.recipe import LONGEST_VOICE, MOST_VOICES, Recipe, RecipeProblem

LEAST_DOCUMENTS = 2  # with fewer there is nothing to tell apart
_ENDING = re.compile(r"(?<=.)\.[A-Za-z0-9]{1,5}$")  # of a file's name


def named(documents: Sequence[str]) -> tuple[str, ...]:
    """Return a name for the voice of each document: its own without a file's ending, and with a number if it is taken.

    Example:
        >>> named(["Emma.txt", "Letters", "Emma.docx"])
        ('Emma', 'Letters', 'Emma (2)')
    """
    found: list[str] = []
    for document in documents:
        name = _ENDING.sub("", document.strip())[: LONGEST_VOICE - 5].strip() or "?"
        tried = (name if count == 1 else f"{name} ({count})" for count in range(1, len(documents) + 1))
        found.append(next(one for one in tried if one not in found))
    return tuple(found)


def are_possible(documents: int) -> bool:
    """Whether a new model can learn the voices of this number of documents."""
    return LEAST_DOCUMENTS <= documents <= MOST_VOICES


def learned(recipe: Recipe, documents: Sequence[str], before: Sequence[str] = ()) -> Recipe:
    """Return a recipe with the voices that its training learns; one without voices stays as it is.

    Args:
        recipe: the recipe of the training, whose `voices` decides.
        documents: the name of each document's voice. Documents with the same name have the same voice.
        before: the voices that the model knows already.

    Raises RecipeProblem if they are too few or too many.
    """
    if not recipe.voices:
        return recipe
    names = tuple(dict.fromkeys([*before, *documents]))
    if len(names) < LEAST_DOCUMENTS:
        raise RecipeProblem("Voices are told apart by document: give two documents or more, or leave voices out.")
    if len(names) > MOST_VOICES:
        raise RecipeProblem(f"A model has at most {MOST_VOICES} voices, and these are {len(names)}: leave voices out.")
    return replace(recipe, voice_names=names, document_voices=tuple(documents))
