"""The time line of a study: its samples in the order of time, each with the loss at that step."""

import math
from dataclasses import dataclass
from itertools import pairwise

from webapp.studies.losses import bits
from webapp.studies.models import Study

_MOST_LEVELS = 5
_NEWEST = 2  # samples on the page of a study; the time line has all of them


@dataclass(frozen=True)
class Moment:
    """A sample, and the bits per character of held-out text at its step.

    `shown_bits` is the figure that people read. It differs from `bits` at the step whose weights are kept: there it is
    the figure that all pages show for the model. `place` is "kept", "earlier" or "later" when the training is over and
    has a model, else it is empty. `voice` is the document in whose voice it is, if any.
    """

    step: int
    text: str
    characters: int  # trained on until this step
    bits: float | None
    shown_bits: float | None
    is_best: bool = False
    place: str = ""
    voice: str = ""

    @property
    def is_blank(self) -> bool:
        return not self.text.strip()


@dataclass(frozen=True)
class Mark:
    """A moment on the curve. Its place, and the span of the curve that belongs to it, are in percent of the curve."""

    moment: Moment
    x: float
    y: float
    left: float
    width: float


@dataclass(frozen=True)
class Curve:
    """Bits per character over characters read, with a mark for each moment."""

    marks: list[Mark]
    levels: list[tuple[int, float]]  # whole numbers of bits, and their places in percent from the top
    characters: int  # at the curve's right end

    @property
    def points(self) -> str:
        """The curve as the `points` of an SVG polyline."""
        return " ".join(f"{mark.x:.2f},{mark.y:.2f}" for mark in self.marks)


def moments(study: Study, is_over: bool = False) -> list[Moment]:
    """Return the samples in the order of time. The best is marked; in a finished study, that of the kept weights."""
    points = {point.step: point for point in study.history.filter(kind="evaluated")}
    losses = {step: point.held_out for step, point in points.items()}
    samples = list(study.samples.all())
    measured = [sample.step for sample in samples if losses.get(sample.step) is not None]
    kept = kept_step(study, is_over)
    best = min(measured, key=lambda step: losses[step] or 0.0, default=None) if kept is None else kept
    return [
        Moment(
            step=sample.step,
            text=sample.text,
            characters=points[sample.step].characters if sample.step in points else 0,
            bits=bits(losses.get(sample.step)),
            shown_bits=bits(study.held_out if sample.step == kept else losses.get(sample.step)),
            is_best=sample.step == best,
            place=_place(sample.step, kept),
            voice=sample.voice,
        )
        for sample in samples
    ]


def kept_step(study: Study, is_over: bool) -> int | None:
    """Return the step of the weights that are kept, once the training is over; None if there are none."""
    return study.model_step if is_over and study.is_readable else None


def newest(found: list[Moment]) -> list[Moment]:
    """Return the moments for the page of a study: that of the kept weights, or the newest ones, newest first."""
    return [moment for moment in found if moment.place == "kept"] or found[: -_NEWEST - 1 : -1]


def _place(step: int, kept: int | None) -> str:
    if kept is None:
        return ""
    return "kept" if step == kept else "earlier" if step < kept else "later"


def curve(found: list[Moment]) -> Curve | None:
    """Return the curve through the moments that were measured; None when there are fewer than two."""
    measured = [(moment, moment.bits) for moment in found if moment.bits is not None]
    if len(measured) < 2:
        return None
    bottom = math.floor(min(value for _, value in measured))
    top = max(math.ceil(max(value for _, value in measured)), bottom + 1)
    end = max(1, *(moment.characters for moment, _ in measured))

    def below_top(value: float) -> float:
        return 100 * (top - value) / (top - bottom)

    places = [100 * moment.characters / end for moment, _ in measured]
    marks = [
        Mark(moment, x, below_top(value), *span)
        for (moment, value), x, span in zip(measured, places, _spans(places), strict=True)
    ]
    every = math.ceil((top - bottom) / _MOST_LEVELS)
    return Curve(marks, [(level, below_top(level)) for level in range(bottom, top + 1, every)], end)


def _spans(places: list[float]) -> list[tuple[float, float]]:
    """Divide the curve in the middle between marks, so that a pointer selects the nearest mark."""
    between = [(left + right) / 2 for left, right in pairwise(places)]
    return [(left, right - left) for left, right in zip([0.0, *between], [*between, 100.0], strict=True)]
