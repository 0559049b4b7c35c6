"""Events: what a training tells whoever listens, one class for each kind.

An event is made by its class and read by `read`; on the wire, and in the files of a model directory, it is one JSON
object a line, with its name under "event". A field with a default may be missing in what an earlier version wrote.
Losses are in nats per character, times in seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any, ClassVar, Protocol


class EventProblem(ValueError):
    """An object that is no event, or one whose fields are not those of its kind."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """What all events have in common: a name on the wire."""

    name: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Return the object that `read` makes the same event of."""
        return {"event": self.name, **vars(self)}


class Reporter(Protocol):
    """Whoever is told of a training."""

    def tell(self, event: Event) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """A training begins, goes on from a checkpoint, or went back to one."""

    name = "started"
    step: int  # that it goes on from
    recipe: dict[str, Any]
    vocabulary: int  # symbols
    parameters: int
    device: str
    characters: int  # of all documents
    steps: int | None  # the last one, where the budget is not in minutes
    went_back: str = ""  # a sentence, where the training diverged


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """How far a training is, and how fast."""

    name = "progress"
    step: int
    epoch: float
    chars: int  # trained on so far
    train_loss: float  # since the progress before
    chars_per_s: int
    seconds: float  # over all attempts
    seconds_left: float
    done: float  # share of the budget, 0 to 1


@dataclass(frozen=True, kw_only=True)
class Evaluated(Event):
    """What held-out text costs, read with the averaged weights of a step."""

    name = "evaluated"
    step: int
    chars: int = 0
    seconds: float = 0.0
    carried: float | None  # the tutorial has none
    cold: float
    best: float
    best_step: int = 0


@dataclass(frozen=True, kw_only=True)
class Sample(Event):
    """What the weights of a step write."""

    name = "sample"
    step: int
    text: str


@dataclass(frozen=True, kw_only=True)
class CheckpointWritten(Event):
    """A checkpoint is on the disk."""

    name = "checkpoint"
    step: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Warned(Event):
    """Something went wrong that the training goes on in spite of."""

    name = "warning"
    step: int = 0
    reason: str


@dataclass(frozen=True, kw_only=True)
class Finished(Event):
    """A training came to its end, and its best weights were scored."""

    name = "finished"
    step: int
    epoch: float
    chars: int
    best: float
    best_step: int
    seconds: float
    stalled_seconds: float  # while checkpoints were written
    stopped_early: str = ""  # a sentence
    score: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """A command came to nothing."""

    name = "failed"
    reason: str
    advice: str = ""


_KINDS = (Started, Progress, Evaluated, Sample, CheckpointWritten, Warned, Finished, Failed)


def read(line: Mapping[str, Any]) -> Event:
    """Return the event that a JSON object holds. Raises EventProblem for a name or a field that is not ours."""
    return read_one_of(_KINDS, line)


def read_one_of(kinds: Sequence[type[Event]], line: Mapping[str, Any]) -> Event:
    """Return the event of one of these kinds that a JSON object holds; of kinds of one name, the one that it fits."""
    values = dict(line)
    name = values.pop("event", None)
    named = [kind for kind in kinds if kind.name == name]
    if not named:
        raise EventProblem(f"There is no event called {name!r}.")
    kind = min(named, key=lambda kind: len(_wrong(kind, values)))
    if wrong := _wrong(kind, values):
        raise EventProblem(f"{name}: these fields are missing or not its own: {', '.join(sorted(wrong))}.")
    return kind(**values)


def _wrong(kind: type[Event], values: Mapping[str, Any]) -> set[str]:
    """Return the fields that are missing, and those that the kind does not have."""
    known = {field.name for field in fields(kind)}
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    return (set(values) - known) | (needed - set(values))
