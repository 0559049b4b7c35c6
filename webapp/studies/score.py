"""The score of a study in bits per character, compared with the scores of simpler methods on the same text."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from trainer.contract.held_out import carried_or_cold
from webapp.studies.losses import bits
from webapp.studies.models import Study


@dataclass(frozen=True)
class Line:
    """A line of the score's table, in bits per character."""

    name: str
    carried: float | None
    cold: float | None = None


def score_table(study: Study, compared: list[tuple[str, float]]) -> list[Line]:
    """Return the lines of the score's table: the model's scores, those of `compared_with`, those of simpler methods."""
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
    lines += [Line(name, bits(loss)) for name, loss in compared]
    baselines = score["baselines"]
    counting = _("Counting letters (%(order)s-grams)") % {"order": baselines["ngram_order"]}
    return [*lines, Line(counting, bits(baselines["ngram"])), Line(_("Compressing it (xz)"), bits(baselines["xz"]))]


@dataclass(frozen=True)
class VoiceLine:
    """The score of the held-out text in one voice, in bits per character, read in that voice and without any."""

    name: str
    spoken: float
    without: float


def voice_lines(study: Study) -> list[VoiceLine]:
    """Return the score for each voice that the last text of a study has; none if it has learned no voices."""
    found: list[dict[str, Any]] = (study.score or {}).get("voices", [])
    return [VoiceLine(voice["name"], bits(voice["with"]), bits(voice["without"])) for voice in found]


def trained_alone(study: Study) -> list[Study]:
    """Return the models that began with a new network and learned only the text that a study learned last.

    They are there to be compared, so for a study that itself began with a new network there are none. The best comes
    first; models without a score do not count.
    """
    if not study.base_key or not study.score:
        return []
    texts = [document["sha256"] for document in study.documents]
    found = Study.objects.filter(owner=study.owner_id, base_key="", characters=study.characters, deleting=False)
    same = [one for one in found if one.score and [document["sha256"] for document in one.documents] == texts]
    return sorted(same, key=lambda one: one.held_out or 0.0)


def compared_with(study: Study, alone: list[Study]) -> list[tuple[str, float]]:
    """Return what a study that began with a model is compared with: names, and losses in nats per character.

    `alone` are the models of `trained_alone`. The loss before the training is that of a part of the text's first half.
    """
    name = _("“%(name)s”, which learned this text alone")
    found = [(name % {"name": one.name}, one.held_out) for one in alone[:1]]
    first = study.history.filter(kind="evaluated", step=0).first() if study.base_key else None
    found += [(_("Before it learned this text"), first.held_out)] if first else []
    return [(name, loss) for name, loss in found if loss is not None]


def held_out_shares(study: Study) -> list[tuple[str, float]]:
    """Return the parts of the held-out text about which a score says little, in percent. Old scores have none."""
    score: dict[str, Any] = study.score or {}
    shares: dict[str, float] = score.get("held_out_shares", {})
    names = {
        "unseen": _("in characters that the training text does not have"),
        "copied": _("also in the training text"),
        "repeated": _("the end of another document again"),
    }
    return [(name, 100 * shares[share]) for share, name in names.items() if share in shares]


def calibration(study: Study) -> str:
    """Return a sentence that says how the model was calibrated at its end; empty if it was not."""
    scale = (study.score or {}).get("logit_scale") or 1.0
    if scale == 1:
        return ""
    flatter = _("After its training, the model was too sure of what comes next. Its probabilities were made flatter")
    steeper = _("After its training, the model was too unsure of what comes next. Its probabilities were made steeper")
    how = _("(logits times %(scale)s), since that predicts text better that it has not read.")
    return f"{flatter if scale < 1 else steeper} {how % {'scale': f'{scale:.2f}'}}"


def is_judged(study: Study) -> bool:
    """Whether the score may be compared with others. Scores of older versions always may."""
    return bool((study.score or {}).get("judged", True))


@dataclass(frozen=True)
class Bar:
    """A bar of the score's picture: bits per character, and its width in percent of the longest bar.

    `kind` is "model", "cold", "earlier" or "other".
    """

    name: str
    kind: str
    bits: float
    width: float


def score_bars(study: Study, compared: list[tuple[str, float]]) -> list[Bar]:
    """Return the bars of the score's picture: the model, its best earlier weights, and the simpler methods.

    The loss of the earlier weights is the model's loss plus the difference that was measured on the same part of the
    text. A score that may not be compared has no picture.
    """
    score: dict[str, Any] | None = study.score
    if not score or not is_judged(study):
        return []
    model, baselines = score["held_out"]["whole"], score["baselines"]
    found = [
        (_("This model, reading on"), "model", model["carried"]),
        (_("This model, from nothing"), "cold", model["cold"]),
        *_with_counting(score),
        *_best_before(score),
        *((name, "other", loss) for name, loss in compared),
        (_("Counting letters (%(order)s-grams)") % {"order": baselines["ngram_order"]}, "other", baselines["ngram"]),
        (_("Compressing it (xz)"), "other", baselines["xz"]),
    ]
    known = [(name, kind, nats) for name, kind, nats in found if nats is not None]
    longest = max(nats for _name, _kind, nats in known)
    return [Bar(name, kind, bits(nats), 100 * nats / longest) for name, kind, nats in known]


def _with_counting(score: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Return the bar of the mixture: its loss is the model's, plus the difference on the second half."""
    mixture, carried = score.get("mixture"), score["held_out"]["whole"]["carried"]
    if not mixture or carried is None:
        return []
    loss = carried + mixture["second_half"] - mixture["network_second_half"]
    return [(_("LSTM and counting together"), "other", loss)]


def _best_before(score: dict[str, Any]) -> list[tuple[str, str, float]]:
    """Return the bar of the best step before the one whose weights were kept: its name, kind and loss."""
    model, earlier = score["held_out"]["whole"], score.get("earlier")
    if not earlier:
        return []
    read: float = carried_or_cold(model["carried"], model["cold"])
    name = _("Its best before that, at step %(step)s") % {"step": f"{earlier['step']:,}"}
    return [(name, "earlier", read + earlier["behind"])]
