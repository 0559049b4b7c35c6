"""The description of how a passage was written, in the words that its pages and its downloads share."""

import json
from collections.abc import Iterator

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from trainer.contract.recipe import Recipe, RecipeProblem
from trainer.contract.writing_settings import SAMPLING
from webapp.passages import held as held_units
from webapp.passages import voices
from webapp.passages.models import Passage, Unit
from webapp.studies.recipe_labels import OPTIONS

Entry = tuple[str, str]  # a name and a value


def settings(passage: Passage, public: bool = False) -> list[Entry]:
    """Return the settings of a passage as names and values. Settings that have no effect are left out.

    A `public` page does not tell voices, since they have the names of the owner's documents.
    """
    found = [
        (_("Length"), length(passage)),
        (_("Voice"), "" if public else voices.told(passage.voices)),
        *((capfirst(name), value) for name, value in sampling(passage)),
        (_("Held units"), held(passage)),
        (_("Seed"), str(passage.seed)),
        (_("Number in its request"), str(passage.index + 1) if passage.index else ""),
    ]
    return [(name, value) for name, value in found if value]


def sampling(passage: Passage) -> Iterator[Entry]:
    """Yield the sampling options of a passage, in lower case. One that few choose is left out at its default."""
    for name, setting in SAMPLING.items():
        value = getattr(passage, name)
        if setting.is_common or value != setting.default:
            yield _(setting.label), f"{value:,}" if setting.kind is int else f"{value:g}"


def held(passage: Passage) -> str:
    """Return the units that were held while it was written, counted from 1; an empty text where none was."""
    return held_units.told(passage.held)


def line(passage: Passage) -> str:
    """Return the voice, the sampling options and the seed of a passage in one line."""
    found = [f"{name} {value}" for name, value in (*sampling(passage), (_("seed"), str(passage.seed)))]
    return ", ".join([*filter(None, [voices.told(passage.voices)]), *found])


def length(passage: Passage) -> str:
    """Return the length that was asked for, in words."""
    number = f"{passage.length:,}"
    if passage.unit == Unit.PARAGRAPH:
        return ngettext(
            "until the paragraph ends, at most %(n)s character",
            "until the paragraph ends, at most %(n)s characters",
            passage.length,
        ) % {"n": number}
    if passage.unit == Unit.WORDS:
        return ngettext("%(n)s word", "%(n)s words", passage.length) % {"n": number}
    return ngettext("%(n)s character", "%(n)s characters", passage.length) % {"n": number}


def unfinished(passage: Passage) -> str:
    """Return a sentence when a passage is shorter than was asked for, and an empty text otherwise."""
    if passage.complete:
        return ""
    if passage.is_being_written:
        return _("Still being written.")
    return _("Half written. Asked for: %(length)s.") % {"length": length(passage)}


def network(passage: Passage) -> str:
    """Return one line about the model's network, or an empty text when it is not known."""
    try:
        recipe = Recipe.from_json(json.dumps(passage.recipe))
    except RecipeProblem:  # an older version of the site kept no recipe, or another trainer has written it
        return ""
    size = ngettext("%(layers)d layer of %(units)s units", "%(layers)d layers of %(units)s units", recipe.layers)
    return ", ".join(
        (
            _("%(cell)s of %(level)s")
            % {"cell": OPTIONS["cell"][recipe.cell], "level": OPTIONS["level"][recipe.level]},
            size % {"layers": recipe.layers, "units": f"{recipe.units:,}"},
            _("trained for at most %(budget)s") % {"budget": _budget(recipe)},
        )
    )


def _budget(recipe: Recipe) -> str:
    if recipe.minutes:
        return ngettext("%(n)s minute", "%(n)s minutes", 1 if recipe.minutes == 1 else 2) % {"n": f"{recipe.minutes:g}"}
    if recipe.epochs:
        return ngettext("%(n)s epoch", "%(n)s epochs", recipe.epochs) % {"n": f"{recipe.epochs:,}"}
    return ngettext("%(n)s step", "%(n)s steps", recipe.steps or 0) % {"n": f"{recipe.steps or 0:,}"}
