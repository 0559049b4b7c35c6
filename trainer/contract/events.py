"""Events of a training: one class for each kind.

An event is built by its class and parsed by `read`. On the wire, and in the files of a model directory, it is one JSON
object per line, with its name under "event". Fields with a default value may be missing in lines that an earlier
version wrote. Losses are in nats per character, times in seconds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from functools import cache
from types import UnionType
from typing import Any, ClassVar, Protocol, get_args, get_origin, get_type_hints


class EventProblem(ValueError):
    """A JSON object that is not an event: its name is unknown, or its fields or their types do not belong to it."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """The base class of all events and answers. `name` is the name on the wire."""

    name: ClassVar[str]

    def to_json(self) -> dict[str, Any]:
        """Return the JSON object from which `read` builds the same event."""
        return {"event": self.name, **vars(self)}


class Reporter(Protocol):
    """A receiver of the events of a training."""

    def report(self, event: Event) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """A training begins, continues from a checkpoint, or continues from its best weights after a rollback."""

    name = "started"
    step: int  # the step from which it continues
    recipe: dict[str, Any]
    vocabulary: int  # number of symbols
    parameters: int
    device: str
    characters: int  # of all documents together
    steps: int | None  # the last step, at most; None if only time limits it
    went_back: str = ""  # after a rollback: a sentence that says why
    loops: str = ""  # what computes the recurrent layers, and why it is not what is fastest


@dataclass(frozen=True, kw_only=True)
class Progress(Event):
    """The progress and the speed of a training."""

    name = "progress"
    step: int
    epoch: float
    chars: int  # trained on so far
    train_loss: float  # mean since the previous progress event
    chars_per_s: int
    seconds: float  # over all attempts
    seconds_left: float
    done: float  # share of the budget, 0 to 1


@dataclass(frozen=True, kw_only=True)
class Evaluated(Event):
    """The losses of held-out text under the averaged weights of a step."""

    name = "evaluated"
    step: int
    chars: int = 0
    seconds: float = 0.0
    carried: float | None  # None for the tutorial, which carries no state
    cold: float
    best: float
    best_step: int = 0
    rise: str = ""  # a sentence, if the held-out loss has risen for a while


@dataclass(frozen=True, kw_only=True)
class Sample(Event):
    """A text that the weights of a step wrote."""

    name = "sample"
    step: int
    text: str
    voice: str = ""  # the name of the document in whose voice it is written, if the model learns voices

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in super().to_json().items() if name != "voice" or value}


@dataclass(frozen=True, kw_only=True)
class CheckpointWritten(Event):
    """A checkpoint was written to the disk."""

    name = "checkpoint"
    step: int
    path: str


@dataclass(frozen=True, kw_only=True)
class Warned(Event):
    """Something went wrong, but the training continues."""

    name = "warning"
    step: int = 0
    reason: str


@dataclass(frozen=True, kw_only=True)
class Finished(Event):
    """A training has ended, and its best weights were scored."""

    name = "finished"
    step: int
    epoch: float
    chars: int
    best: float
    best_step: int
    seconds: float
    stalled_seconds: float  # seconds that were spent writing checkpoints
    stopped_early: str = ""  # a sentence that says why it ended with time or steps left; empty if it used them up
    score: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SpeedMeasured(Event):
    """How fast this machine trains: what `speed --json` prints."""

    name = "speed"
    chars_per_s: float  # with the network of reference
    device: str


@dataclass(frozen=True, kw_only=True)
class Failed(Event):
    """A command failed."""

    name = "failed"
    reason: str
    advice: str = ""


_KINDS = (Started, Progress, Evaluated, Sample, CheckpointWritten, Warned, Finished, SpeedMeasured, Failed)


def read(line: Mapping[str, Any]) -> Event:
    """Return the event that a JSON object holds. Raises EventProblem for an unknown name or field, or a wrong type."""
    return read_one_of(_KINDS, line)


def read_one_of(kinds: Sequence[type[Event]], line: Mapping[str, Any]) -> Event:
    """Return the event that a JSON object holds, as an instance of one of `kinds`.

    If several kinds have the same name, the one whose fields fit best is taken. Raises EventProblem if none fits.
    """
    values = dict(line)
    name = values.pop("event", None)
    named = [kind for kind in kinds if kind.name == name]
    if not named:
        raise EventProblem(f"There is no event called {name!r}.")
    kind = min(named, key=lambda kind: len(_wrong(kind, values)))
    if wrong := _wrong(kind, values):
        raise EventProblem(f"{name}: these fields are missing, not its own, or of another type: {_listed(wrong)}.")
    return kind(**values)


def _wrong(kind: Any, values: Mapping[str, Any]) -> set[str]:
    """Return the names of required fields that are missing, and of values that no field of the kind takes."""
    types = _types(kind)
    needed = {field.name for field in fields(kind) if field.default is MISSING}
    refused = {name for name, value in values.items() if name not in types or not _fits(value, types[name])}
    return refused | (needed - set(values))


@cache
def _types(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _fits(value: Any, kind: Any) -> bool:
    """Whether a JSON value is of a field's type. Whole numbers and others are one type in JSON."""
    if kind is Any:
        return True
    if isinstance(kind, UnionType):
        return any(_fits(value, one) for one in get_args(kind))
    if kind in (int, float):
        return isinstance(value, int | float) and not isinstance(value, bool)
    if get_origin(kind) is list:
        return isinstance(value, list) and all(_fits(item, get_args(kind)[0]) for item in value)
    return isinstance(value, get_origin(kind) or kind)


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))
