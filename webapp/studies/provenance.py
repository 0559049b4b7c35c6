"""The file study.json of a downloaded model: what the site knows of it that the trainer's files do not say.

It has the names of the model and of its texts, their lengths, and the history and the samples of the training. It has
no text that was learned.
"""

import json
import math
from dataclasses import dataclass
from typing import Any

from trainer.contract.documents import MINIMUM_CHARACTERS, clean
from trainer.contract.recipe import LONGEST_VOICE
from webapp.names import visible_name
from webapp.studies.models import HistoryPoint, Sample, Study

FILE = "study.json"
_FORMAT = 1
_LONGEST_NAME = 120
MOST = 2**31 - 1  # that a column of the database holds
#: Far more than trainings make: about 2,000 points, and one sample for each of 24 evaluations and more. All of them are
#: inserted while somebody waits, and shown on one page.
_MOST_ROWS, _MOST_TEXTS, _LONGEST_SAMPLE = 100_000, 1_000, 20_000
_KINDS = ("progress", "evaluated")
_LOSSES = ("train_loss", "carried", "cold")


class ProvenanceProblem(ValueError):
    """A file that is not a valid study.json."""


@dataclass(frozen=True)
class Provenance:
    """The content of the file. `learned_before` is as in `Study`; points and samples belong to no study yet."""

    name: str
    corpus: str
    characters: int
    best: float | None
    learned_before: list[dict[str, Any]]
    points: list[HistoryPoint]
    samples: list[Sample]


def of(study: Study) -> bytes:
    """Return the file of a study."""
    content = {
        "format": _FORMAT,
        "name": study.name,
        "corpus": study.corpus_name,
        "characters": study.characters,
        "best": study.best_held_out,
        "learned_before": [
            {name: text[name] for name in ("model", "corpus", "characters")} for text in study.learned_before
        ],
        "history": list(study.history.values_list("kind", "step", "characters", *_LOSSES)),
        "samples": list(study.samples.values_list("step", "text", "voice")),
    }
    return (json.dumps(content, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def read(data: bytes) -> Provenance:
    """Return what a file holds. Names and samples are cleaned. Raises ProvenanceProblem."""
    try:
        content = json.loads(data)
        if content["format"] != _FORMAT:
            raise ProvenanceProblem("study.json is of a format that is not known here.")
        if max(len(content["history"]), len(content["samples"])) > _MOST_ROWS:
            raise ProvenanceProblem("study.json has more points or samples than a training makes.")
        if len(content["learned_before"]) > _MOST_TEXTS:
            raise ProvenanceProblem("study.json names more texts than a model learns.")
        return Provenance(
            name=_name(content["name"]),
            corpus=_name(content["corpus"]),
            characters=_count(content["characters"], MINIMUM_CHARACTERS),
            best=_loss(content["best"]),
            learned_before=[_text(text) for text in content["learned_before"]],
            points=list({(point.kind, point.step): point for point in map(_point, content["history"])}.values()),
            samples=list({sample.step: sample for sample in map(_sample, content["samples"])}.values()),
        )
    except ProvenanceProblem:
        raise
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ProvenanceProblem("study.json is damaged.") from None


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return visible_name(value, "–", _LONGEST_NAME)


def _count(value: Any, least: int = 0) -> int:
    if type(value) is not int or not least <= value <= MOST:
        raise ValueError(value)
    return value


def _loss(value: Any) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not math.isfinite(value) or not 0 <= value <= 1e6:
        raise ValueError(value)
    return float(value)


def _text(value: Any) -> dict[str, Any]:
    names = {name: _name(value[name]) for name in ("model", "corpus")}
    return {**names, "characters": _count(value["characters"]), "documents": []}


def _point(row: Any) -> HistoryPoint:
    kind, step, characters, *losses = row
    if kind not in _KINDS:
        raise ValueError(kind)
    named = {name: _loss(loss) for name, loss in zip(_LOSSES, losses, strict=True)}
    return HistoryPoint(kind=kind, step=_count(step), characters=_count(characters), **named)


def _sample(row: Any) -> Sample:
    step, text, *voice = row  # models of earlier versions have no voices
    return Sample(step=_count(step), text=clean(str(text))[:_LONGEST_SAMPLE], voice=clean(str(*voice))[:LONGEST_VOICE])
