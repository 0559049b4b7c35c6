"""Answers of `sample --json` and `serve`: one class for each kind of line.

Each line is built by its class and parsed by `read`. On the wire it is one JSON object per line, with the name of the
class under "event". `serve` answers several requests, so its lines also have the "id" of their request. The last line
of an answer is an instance of one of the classes in `LAST`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainer.contract import events
from trainer.contract.events import Event, Failed

Symbol = list[Any]  # [code points, nats, [[text, probability], …]]


@dataclass(frozen=True, kw_only=True)
class Unknown(Event):
    """Characters of a prompt that the model has not seen. It leaves them out."""

    name = "unknown"
    characters: list[str]


@dataclass(frozen=True, kw_only=True)
class Text(Event):
    """The next piece of a passage."""

    name = "text"
    passage: int  # the number of the passage
    text: str
    trace: list[Symbol] | None = None  # only where the request asked for it

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in super().to_json().items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Done(Event):
    """The end of a complete answer."""

    name = "done"


@dataclass(frozen=True, kw_only=True)
class Cancelled(Event):
    """The end of an answer whose request was cancelled before it was complete."""

    name = "done"
    cancelled: bool = True


@dataclass(frozen=True, kw_only=True)
class Scored(Event):
    """How well a model predicts texts: what `score --json` prints."""

    name = "done"
    score: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Inspected(Event):
    """The activations of a network while it reads a text: what `inspect --json` prints.

    layers: for each layer, the activations of its gates and states by name, (time, units). LSTM: forget, input,
        candidate, cell, output, hidden; GRU: reset, update, candidate, hidden; plain RNN: hidden.
    next_ids, next_probabilities: the likeliest next symbols after each symbol, (time, 100), or fewer if the model knows
        fewer.
    """

    name = "done"
    text: str  # as the model spells it
    symbols: list[str]  # its pieces, one for each time step
    known: int  # symbols that the model knows
    unknown: list[str]  # characters that it does not know
    cell: str
    spelling: dict[str, Any]  # the text of each number in next_ids
    layers: list[dict[str, Any]]
    next_ids: list[list[Any]]
    next_probabilities: list[list[Any]]


@dataclass(frozen=True, kw_only=True)
class InspectedInFile(Event):
    """As `Inspected`, with the arrays in the file that the request named.

    arrays: {"name", "layer", "shape", "offset" in bytes} of each array. They are little-endian float32, without gaps.
        The layers are counted from 0; next_ids and next_probabilities have the layer -1.
    """

    name = "done"
    text: str
    symbols: list[str]
    known: int
    unknown: list[str]
    cell: str
    spelling: dict[str, Any]
    layers: int
    arrays: list[dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Attributed(Event):
    """How strongly each symbol that was read acts on the prediction of the next one.

    shades: for each symbol read, the norm of the gradient of the predicted symbol's log-probability with respect to
        the numbers that stand for it, divided by the largest.
    """

    name = "done"
    symbols: list[str]  # those that were read
    symbol: int  # the number of the predicted symbol
    spelling: str  # its text
    probability: float
    shades: list[float]


@dataclass(frozen=True, kw_only=True)
class MemoryMeasured(Event):
    """How far back a model remembers, measured on held-out text.

    gradient: for the hidden state and the cell state (only an LSTM has one) [[steps back, size], …]: the norm, over the
        units of all layers, of the gradient of a symbol's loss with respect to the state, averaged over `places`.
    context: [[characters, nats per character], …]: the loss where all that is further back than so many characters is
        hidden, averaged over the same `predicted` characters.
    """

    name = "done"
    gradient: dict[str, Any]
    context: list[list[Any]]
    places: int
    predicted: int


@dataclass(frozen=True, kw_only=True)
class UnitsFound(Event):
    """The units whose hidden state follows something that a reader knows of the text, the strongest first.

    units: {"layer", "unit", "feature", "document", "strength", "positive", "example"} each. The strength is the size of
        the correlation. The document is the number of a file, or null, unless the feature is that document. The example
        is {"text", "symbols", "values", "feature"}: for each symbol the hidden state after it, and the feature.
    tested: how many pairs of a unit and a feature were tested.
    characters: of held-out text that was read.
    """

    name = "done"
    units: list[dict[str, Any]]
    tested: int
    characters: int


# One of these ends an answer.
LAST = (Done, Cancelled, Scored, Inspected, InspectedInFile, Attributed, MemoryMeasured, UnitsFound, Failed)
_KINDS = (Unknown, Text, *LAST)


def read(line: Mapping[str, Any]) -> tuple[Any, Event]:
    """Return the request's id (None if there is none) and the answer that a JSON object holds.

    Several classes have the name "done" on the wire; their fields decide which one it is. Raises EventProblem for an
    unknown name or field, or a wrong type.
    """
    values = {name: value for name, value in line.items() if name != "id"}
    return line.get("id"), events.read_one_of(_KINDS, values)
