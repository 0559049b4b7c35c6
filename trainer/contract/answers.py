"""Answers: what `sample --json` and `serve` tell whoever asked, one class for each kind.

An answer is made by its class and read by `read`. On the wire it is one JSON object a line, with its name under
"event"; in `serve`, which answers several requests, with the request's "id" as well. The last line of an answer is
`Done`, or another of `LAST`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trainer.contract import events
from trainer.contract.events import Event, Failed

Symbol = list[Any]  # [code points, nats, [[text, probability], …]]


@dataclass(frozen=True, kw_only=True)
class Unknown(Event):
    """Characters of a prompt that the model has not seen, and leaves out."""

    name = "unknown"
    characters: list[str]


@dataclass(frozen=True, kw_only=True)
class Text(Event):
    """What comes next in a passage."""

    name = "text"
    passage: int  # its number
    text: str
    trace: list[Symbol] | None = None  # where it was asked for

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in super().to_json().items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Done(Event):
    """All that was asked for has been told."""

    name = "done"


@dataclass(frozen=True, kw_only=True)
class Cancelled(Event):
    """The request was cancelled before it was done."""

    name = "done"
    cancelled: bool = True


@dataclass(frozen=True, kw_only=True)
class Scored(Event):
    """How well a model predicts texts: what `score --json` prints."""

    name = "done"
    score: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Inspected(Event):
    """What the cells do while they read a text: what `inspect --json` prints."""

    name = "done"
    text: str
    symbols: list[str]
    known: int
    unknown: list[str]
    layers: list[dict[str, Any]]


LAST = (Done, Cancelled, Scored, Inspected, Failed)  # with one of these an answer is over
_KINDS = (Unknown, Text, *LAST)


def read(line: Mapping[str, Any]) -> tuple[Any, Event]:
    """Return the request's id, None where there is none, and the answer that a JSON object holds.

    Four kinds are "done" on the wire, and told apart by their fields. Raises EventProblem for a name or a field that
    is not ours.
    """
    values = {name: value for name, value in line.items() if name != "id"}
    return line.get("id"), events.read_one_of(_KINDS, values)
