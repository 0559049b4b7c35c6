"""The reasons for a recipe: a sentence for each choice. Pure Python: the site shows them.

The reasons depend only on the recipe and the text. So they also explain a recipe that was chosen long ago, or at the
speed of another machine.
"""

import math

from trainer.contract import continuing, pace, regularisation, sizing
from trainer.contract.procedures import PROCEDURES
from trainer.contract.recipe import BUDGETS, Choices, Recipe

_DROPOUTS = ("dropout", "input_dropout", "weight_drop")
_SIZES = ("layers", "units", "networks", "embedding", "mogrifier_rounds", "sequence", "batch", "rate")
_EXPLAINED = (*_SIZES, *_DROPOUTS, *BUDGETS)


def reasons(recipe: Recipe, choices: Choices, characters: int, vocabulary: int) -> dict[str, str]:
    """Return for each choice, by its name, a sentence that says why it has its value.

    Args:
        recipe: the complete recipe.
        choices: the choices of the person, who may have left some open.
        characters: characters of the training text, without the held-out part.
        vocabulary: number of symbols.
    """
    procedure = PROCEDURES[recipe.procedure]
    found = {name: procedure.reason for name in _EXPLAINED if getattr(recipe, name) is not None}
    if procedure.is_sized:
        found |= _sized(recipe, characters, vocabulary)
    if recipe.fine_tuned:
        found["rate"] = "Lower than that of a new network, so that what it knows is kept."
    chosen = {name for name in found if choices.get(name) is not None and choices[name] == getattr(recipe, name)}
    kept = set(continuing.OF_THE_MODEL) & set(found) if recipe.fine_tuned else set()
    return found | dict.fromkeys(chosen, "Chosen by you.") | dict.fromkeys(kept, "That of the model it began with.")


def _sized(recipe: Recipe, characters: int, vocabulary: int) -> dict[str, str]:
    is_small = vocabulary <= sizing.SMALL_ALPHABET
    found = {"minutes": _why_minutes(recipe)} if recipe.minutes is not None else {}
    return found | {
        "layers": _why_layers(recipe),
        "units": _why_units(recipe, characters),
        "networks": "One, which writes fastest.",
        "embedding": "Enough for an alphabet of this size." if is_small else "A large alphabet takes many.",
        "mogrifier_rounds": _why_rounds(recipe),
        **dict.fromkeys(_DROPOUTS, _why_dropout(recipe.dropout)),
        "sequence": _why_sequence(recipe, characters),
        "batch": _why_batch(recipe.batch),
        "rate": _why_rate(recipe),
    }


def _why_units(recipe: Recipe, characters: int) -> str:
    wider = min((width for width in sizing.WIDTHS if width > recipe.units), default=math.inf)
    if wider > sizing.room(characters, recipe.layers):
        return "As wide as a text of this length can fill."
    return "As wide as there is time to teach: a wider network would read too little of the text."


def _why_rounds(recipe: Recipe) -> str:
    if recipe.mogrifier_rounds:
        return "What it reads means more or less to it, by what came before: so it expects better, for little time."
    if recipe.cell != "lstm":
        return "Only an LSTM has them."
    if recipe.level == "word":
        return "None: a model of words would only learn by heart sooner."
    return "None: they were not asked for, or would be slow on the machine that trained it."


def _why_dropout(dropout: float) -> str:
    if dropout <= regularisation.LEAST_DROPOUT:
        return "It reads the text a few times only: little has to be hidden from it."
    return "The more often it reads the text, the more of what it knows is hidden, so that it learns nothing by heart."


def _why_minutes(recipe: Recipe) -> str:
    if recipe.most_steps is None:
        return "The recipe's own."
    return (
        f"At most. It ends after {recipe.most_steps:,} steps even if there is time left, since reading this text more "
        f"than {pace.MOST_EPOCHS} times brings little, and once the loss on held-out text has risen for long."
    )


def _why_layers(recipe: Recipe) -> str:
    if recipe.layers > 1:
        return "There is time for two, one above the other, which learn more than one."
    if recipe.level == "word":
        return "One: two learn words more slowly at first."
    return "One wide layer: in this time it learns more than two."


def _why_sequence(recipe: Recipe, characters: int) -> str:
    if 2 * recipe.sequence > characters // recipe.batch:
        return "The text is short: there is no more at each of its places."
    if recipe.sequence < max(sizing.SEQUENCES[recipe.level]):
        return "Short steps: in this time, it learns most if its weights change often."
    return "A sentence or so: further back there is little to learn from an error, and every step takes longer."


def _why_rate(recipe: Recipe) -> str:
    if recipe.level == "char" and recipe.sequence < max(sizing.SEQUENCES["char"]):
        return "Where the weights change often, by short sequences, they may change more at a time."
    if recipe.units > sizing.SLENDER:
        return "Wide networks take smaller steps."
    return "Networks of this width learn fastest so."


def _why_batch(batch: int) -> str:
    if batch < sizing.BATCH:
        return "The text is short: read at more places, each would have too little."
    return "Enough to keep the processor busy, and few enough to change the weights often."
