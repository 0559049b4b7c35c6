"""The charts of looks, as places in a picture that templates draw as SVG."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

Point = tuple[float, float]
WIDTH, HEIGHT = 640, 320  # of a picture with few lines
LEFT, RIGHT, TOP, BOTTOM = 58, 24, 12, 44  # margins, where the axes' numbers stand
_NAME_HEIGHT = 22  # of a line's name
_SAMPLE = 36  # pixels of a line beside its name
_NAMES = 4  # of lines, for which the picture has room; it grows with each one more
_LEVELS = 5  # about so many numbers stand on an axis


@dataclass(frozen=True)
class Axis:
    """One axis, and where its values stand in the picture. The axis runs from `start` to `end`, in pixels."""

    low: float
    high: float
    start: float
    end: float
    is_logarithmic: bool = False

    def place(self, value: float) -> float:
        low, high, at = (self._spread(number) for number in (self.low, self.high, value))
        return self.start + (self.end - self.start) * (at - low) / ((high - low) or 1)

    def _spread(self, value: float) -> float:
        return math.log10(value) if self.is_logarithmic else value

    def ticks(self) -> list[tuple[str, float]]:
        """Return round values on the axis as text, with their places."""
        found = _powers(self.low, self.high) if self.is_logarithmic else _steps(self.low, self.high)
        return [(_named(value), self.place(value)) for value in found]


@dataclass(frozen=True)
class Line:
    """One line of a chart: its name and its points, as the `points` of an SVG polyline. `number` gives its style."""

    name: str
    points: str
    number: int
    marks: list[Point] = field(default_factory=list)

    @property
    def name_y(self) -> float:
        """Where its name stands, at the right above the lines, beside a sample of the line."""
        return _NAME_HEIGHT * self.number

    @property
    def sample_y(self) -> float:
        return self.name_y - 4


@dataclass(frozen=True)
class Chart:
    x: Axis
    y: Axis
    lines: list[Line]

    @property
    def right(self) -> float:
        return self.x.end

    @property
    def sample(self) -> float:
        """Where the samples of the lines begin, which end at the right."""
        return self.right - _SAMPLE

    @property
    def floor(self) -> float:
        return self.y.start

    @property
    def height(self) -> float:
        return self.floor + BOTTOM

    @property
    def numbers_y(self) -> float:
        """Where the numbers of the lower axis stand; its name stands below them."""
        return self.floor + 18

    @property
    def across_y(self) -> float:
        return self.floor + 38


def chart(
    series: Sequence[tuple[str, Iterable[Point]]], log_x: bool = False, log_y: bool = False, with_marks: bool = False
) -> Chart | None:
    """Return a chart of named lines; None when fewer than two points can be shown.

    On a logarithmic axis only positive values can be shown; others are left out.
    """
    shown = [(name, [(x, y) for x, y in points if _can(x, log_x) and _can(y, log_y)]) for name, points in series]
    kept = [(name, points) for name, points in shown if points]
    every = [point for _, points in kept for point in points]
    if len(every) < 2:
        return None
    xs, ys = [x for x, _ in every], [y for _, y in every]
    across = Axis(min(xs), max(xs), LEFT, WIDTH - RIGHT, log_x)
    floor = HEIGHT - BOTTOM + _NAME_HEIGHT * max(0, len(kept) - _NAMES)
    up = Axis(*_limits(min(ys), max(ys), log_y), floor, TOP + _NAME_HEIGHT * len(kept), log_y)
    lines = [_line(name, points, number, across, up, with_marks) for number, (name, points) in enumerate(kept, 1)]
    return Chart(across, up, lines)


def _can(value: float, is_logarithmic: bool) -> bool:
    return math.isfinite(value) and (value > 0 or not is_logarithmic)


def _limits(low: float, high: float, is_logarithmic: bool) -> tuple[float, float]:
    """Return limits that are round numbers around these."""
    if is_logarithmic:
        return 10.0 ** math.floor(math.log10(low) + 1e-9), 10.0 ** math.ceil(math.log10(high) - 1e-9)
    step = _step(low, high)
    return math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step


def _line(name: str, points: list[Point], number: int, across: Axis, up: Axis, with_marks: bool) -> Line:
    places = [(across.place(x), up.place(y)) for x, y in points]
    return Line(name, " ".join(f"{x:.1f},{y:.1f}" for x, y in places), number, places if with_marks else [])


def _step(low: float, high: float) -> float:
    rough = (high - low) / _LEVELS or 1
    unit = 10.0 ** math.floor(math.log10(rough))
    return next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)


def _steps(low: float, high: float) -> list[float]:
    step = _step(low, high)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return [round(number * step, 10) for number in range(first, last + 1)]


def _powers(low: float, high: float) -> list[float]:
    first, last = math.ceil(math.log10(low) - 1e-9), math.floor(math.log10(high) + 1e-9)
    every = max(1, math.ceil((last - first) / _LEVELS))
    return [10.0**exponent for exponent in range(first, last + 1, every)]


_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def _named(value: float) -> str:
    """Return a value of an axis as text: a power of ten, if it is a very small or large one."""
    if value and not 0.001 <= abs(value) < 100_000:
        return "10" + str(round(math.log10(abs(value)))).translate(_SUPERSCRIPTS)
    return f"{value:g}"
