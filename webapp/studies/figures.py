"""A study's figures as its pages show them: bits per character."""

import json
import math
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from trainer.contract.recipe import Recipe, RecipeProblem
from webapp.studies.estimates import explained
from webapp.studies.models import HistoryPoint, Study, bits

_DECIMALS = 4

#: the choices of a recipe that are words, as people read them
OPTIONS = {
    "level": {"char": gettext_lazy("characters"), "word": gettext_lazy("words")},
    "cell": {"lstm": gettext_lazy("LSTM"), "gru": gettext_lazy("GRU"), "rnn": gettext_lazy("plain RNN")},
}


@dataclass(frozen=True)
class Line:
    """A line of the score's table, in bits per character."""

    name: str
    carried: float | None
    cold: float | None = None


def score_table(study: Study) -> list[Line]:
    """Return the held-out scores, and what they stand beside."""
    score: dict[str, Any] | None = study.score
    if not score:
        return []
    names = {
        "whole": _("This model"),
        "first_half": _("… on its first half"),
        "second_half": _("… on its second half"),
    }
    lines = [
        Line(name, bits(score["held_out"][part]["carried"]), bits(score["held_out"][part]["cold"]))
        for part, name in names.items()
    ]
    baselines = score["baselines"]
    counting = _("Counting letters (%(order)s-grams)") % {"order": baselines["ngram_order"]}
    return [*lines, Line(counting, bits(baselines["ngram"])), Line(_("Compressing it (xz)"), bits(baselines["xz"]))]


def held_out_shares(study: Study) -> list[tuple[str, float]]:
    """Return what part of the held-out text a score says little about, in percent; of an old score nothing."""
    score: dict[str, Any] = study.score or {}
    shares: dict[str, float] = score.get("held_out_shares", {})
    names = {
        "unseen": _("in characters that the training text does not have"),
        "copied": _("also in the training text"),
        "repeated": _("the end of another document again"),
    }
    return [(name, 100 * shares[share]) for share, name in names.items() if share in shares]


def is_judged(study: Study) -> bool:
    """Whether its figures may stand beside others. A score from before that was decided has a verdict always."""
    return bool((study.score or {}).get("judged", True))


@dataclass(frozen=True)
class Bar:
    """A bar of the score's picture: bits per character, and how long it is in percent of the longest.

    `kind` is "model", "cold", "earlier" or "other".
    """

    name: str
    kind: str
    bits: float
    width: float


def score_bars(study: Study) -> list[Bar]:
    """Return the picture of the score: the model, its best before the weights that were kept, and its rivals.

    Of its best before that, what was measured is how much worse it read the same part of the text. Where the verdict
    is withheld there is no picture.
    """
    score: dict[str, Any] | None = study.score
    if not score or not is_judged(study):
        return []
    model, baselines = score["held_out"]["whole"], score["baselines"]
    found = [
        (_("This model, reading on"), "model", model["carried"]),
        (_("This model, from nothing"), "cold", model["cold"]),
        *_best_before(score),
        (_("Counting letters (%(order)s-grams)") % {"order": baselines["ngram_order"]}, "other", baselines["ngram"]),
        (_("Compressing it (xz)"), "other", baselines["xz"]),
    ]
    known = [(name, kind, nats) for name, kind, nats in found if nats is not None]
    longest = max(nats for _name, _kind, nats in known)
    return [Bar(name, kind, nats / math.log(2), 100 * nats / longest) for name, kind, nats in known]


def _best_before(score: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Return the best step before the one whose weights were kept: its bar's name, kind and loss."""
    model, earlier = score["held_out"]["whole"], score.get("earlier")
    if not earlier:
        return []
    read = model["cold"] if model["carried"] is None else model["carried"]
    name = _("Its best before that, at step %(step)s") % {"step": f"{earlier['step']:,}"}
    return [(name, "earlier", read + earlier["behind"])]


def recipe_table(study: Study) -> list[tuple[str, Any, str]]:
    """Return the recipe, each choice with the reason for it.

    Resolved once it has begun, before that as it was asked for, without reasons. The names are the trainer's, and so
    are the values but for level and cell, which are written out.
    """
    recipe = (study.started or {}).get("recipe") or study.recipe
    why = _reasons(study)
    return [
        (name, OPTIONS.get(name, {}).get(value, value), why.get(name, ""))
        for name, value in recipe.items()
        if value is not None
    ]


def _reasons(study: Study) -> dict[str, str]:
    started = study.started or {}
    try:
        recipe = Recipe.from_json(json.dumps(started["recipe"]))
        return explained(recipe, study.choices, study.characters, started["vocabulary"] - 1)
    except (KeyError, RecipeProblem):  # not begun, or by another version of the trainer
        return {}


def history(study: Study, since: int) -> dict[str, Any]:
    """Return the chart's points from step `since` on, as lists that begin with step and characters.

    The step `since` itself comes again: its evaluation may be written after its progress. A training that went
    back to a checkpoint is behind `since`: then all its points come, and `reset` says so.
    """
    newest = study.history.order_by("-step").values_list("step", flat=True).first() or 0
    reset = since > newest
    points = study.history.filter(step__gte=0 if reset else since)
    return {
        "reset": reset,
        "train": [[p.step, p.characters, _bits(p.train_loss)] for p in points if p.kind == "progress"],
        "held_out": [_held_out(p) for p in points if p.kind == "evaluated"],
        "baselines": baselines(study),
    }


def _held_out(point: HistoryPoint) -> list[float | None]:
    return [point.step, point.characters, _bits(point.carried), _bits(point.cold)]


def baselines(study: Study) -> dict[str, float | None]:
    """Return the lines that the chart has beside the losses, once they are known and mean something."""
    if not is_judged(study):
        return {}
    found: dict[str, Any] = (study.score or {}).get("baselines", {})
    return {name: _bits(found[name]) for name in ("ngram", "xz") if name in found}


def _bits(nats: float | None) -> float | None:
    value = bits(nats)
    return None if value is None else round(value, _DECIMALS)
