"""The data of a study's chart: its losses step by step, in bits per character."""

from typing import Any

from webapp.studies import losses
from webapp.studies.models import HistoryPoint, Study
from webapp.studies.score import is_judged

_DECIMALS = 4


def history(study: Study, since: int) -> dict[str, Any]:
    """Return the chart's points from step `since` on, as lists that begin with step and characters.

    Step `since` is included again, since its evaluation may be written after its progress. A training that has gone
    back to a checkpoint may not have reached `since` yet: then all its points are returned, and `reset` is true.
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
    """Return the scores of simpler methods, which the chart shows as lines, once they are known and meaningful."""
    if not is_judged(study):
        return {}
    found: dict[str, Any] = (study.score or {}).get("baselines", {})
    return {name: _bits(found[name]) for name in ("ngram", "xz") if name in found}


def _bits(nats: float | None) -> float | None:
    value = losses.bits(nats)
    return None if value is None else round(value, _DECIMALS)
