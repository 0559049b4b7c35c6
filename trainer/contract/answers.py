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
    """The activations of the cells while they read a text: what `inspect --json` prints."""

    name = "done"
    text: str
    symbols: list[str]
    known: int
    unknown: list[str]
    layers: list[dict[str, Any]]


LAST = (Done, Cancelled, Scored, Inspected, Failed)  # one of these ends an answer
_KINDS = (Unknown, Text, *LAST)


def read(line: Mapping[str, Any]) -> tuple[Any, Event]:
    """Return the request's id (None if there is none) and the answer that a JSON object holds.

    Four classes have the name "done" on the wire; their fields decide which one it is. Raises EventProblem for an
    unknown name or field, or a wrong type.
    """
    values = {name: value for name, value in line.items() if name != "id"}
    return line.get("id"), events.read_one_of(_KINDS, values)
