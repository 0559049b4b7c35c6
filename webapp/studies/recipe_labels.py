"""The labels of recipes and of their choices, the purpose of each recipe, and the table of a study's recipe."""

import json
from typing import Any

from django.utils.translation import gettext_lazy

from trainer.contract.recipe import FIELDS, Recipe, RecipeProblem
from webapp.studies.estimates import explained
from webapp.studies.models import Study

#: of each field of a recipe that people see, those that the trainer sets by itself too
LABELS = {
    "level": gettext_lazy("What it reads"),
    "cell": gettext_lazy("Cell"),
    "layers": gettext_lazy("Layers"),
    "units": gettext_lazy("Units in each layer"),
    "networks": gettext_lazy("Networks, averaged"),
    "dropout": gettext_lazy("Dropout"),
    "input_dropout": gettext_lazy("Dropout of the input"),
    "weight_drop": gettext_lazy("Weight drop"),
    "mogrifier_rounds": gettext_lazy("Rounds of the Mogrifier"),
    "sequence": gettext_lazy("Sequence length"),
    "batch": gettext_lazy("Batch"),
    "rate": gettext_lazy("Learning rate"),
    "minutes": gettext_lazy("Minutes"),
    "epochs": gettext_lazy("Epochs"),
    "patience": gettext_lazy("Patience"),
    "seed": gettext_lazy("Seed"),
    "procedure": gettext_lazy("Procedure"),
    "embedding": gettext_lazy("Numbers for each symbol"),
    "lowercase": gettext_lazy("Lower-case"),
    "steps": gettext_lazy("Steps"),
    "voices": gettext_lazy("Tells voices apart"),
    "voice_names": gettext_lazy("Voices"),
    "skips": gettext_lazy("Output reads all layers"),
    "sequence_masks": gettext_lazy("Same dropout along a sequence"),
    "weight_decay": gettext_lazy("Weight decay"),
    "ends_early": gettext_lazy("Ends early"),
    "half_products": gettext_lazy("Products in half precision"),
    "weights": gettext_lazy("Weights of documents"),
    "fine_tuned": gettext_lazy("Began with another model"),
    "first_step": gettext_lazy("First step"),
}
_ASKED_ELSEWHERE = {"embedding", "steps", "lowercase", "voices"}  # by the command line, the corpus, or a field apart
#: the fields of a recipe that the form lists under “Advanced”
ADVANCED = tuple(name for name in FIELDS if name not in _ASKED_ELSEWHERE)
RECIPES = [
    ("quick", gettext_lazy("Quick")),
    ("balanced", gettext_lazy("Balanced")),
    ("best", gettext_lazy("Best")),
    ("tutorial", gettext_lazy("Tutorial")),
]

#: what each recipe is for
PURPOSES = {
    "quick": gettext_lazy("A first look: spelling and layout, in the time of a cup of tea."),
    "balanced": gettext_lazy("The everyday choice: words and the turn of phrase."),
    "best": gettext_lazy("The widest network that the time can teach. For a result to keep."),
    "tutorial": gettext_lazy(
        "The network and procedure of the LSTM tutorial, as it stands there: two layers of 300 units that "
        "read 50 characters at a time. Slow, and worth seeing once."
    ),
}

#: the options of those choices that are words, as people read them
OPTIONS = {
    "level": {"char": gettext_lazy("characters"), "word": gettext_lazy("words")},
    "cell": {"lstm": gettext_lazy("LSTM"), "gru": gettext_lazy("GRU"), "rnn": gettext_lazy("plain RNN")},
}


def recipe_name(study: Study) -> str:
    """Return the label of a study's recipe, or an empty text for a recipe that is no longer offered."""
    return str(dict(RECIPES).get(study.recipe.get("recipe", ""), ""))


def recipe_table(study: Study) -> list[tuple[str, Any, str]]:
    """Return the values of a study's recipe, each with its name and the reason for it.

    After the training has begun, these are the values that the trainer uses; before that, only those that were asked
    for, without reasons. Names and values are the trainer's, except for level and cell, which are written out.
    """
    recipe = (study.started or {}).get("recipe") or study.recipe
    why = _reasons(study)
    return [
        (name, _as_read(name, value), why.get(name, ""))
        for name, value in recipe.items()
        if value not in (None, [])  # weights are a list, which is empty if every document is read once
    ]


def _as_read(name: str, value: Any) -> Any:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return OPTIONS[name].get(value, value) if name in OPTIONS else value


def trained_recipe(study: Study) -> Recipe | None:
    """Return the recipe of the newest training; None if it has not begun, or another version of the trainer ran it."""
    try:
        return Recipe.from_json(json.dumps((study.started or {})["recipe"]))
    except (KeyError, RecipeProblem):
        return None


def _reasons(study: Study) -> dict[str, str]:
    recipe = trained_recipe(study)
    return explained(recipe, study.choices, study.characters_an_epoch, study.alphabet) if recipe else {}
