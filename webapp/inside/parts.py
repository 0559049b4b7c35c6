"""The parts of a layer that can be looked at: their names for people, their equations' letters, their scales."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

#: how many symbols with their probabilities stand after each symbol, and which; they belong to no layer
NEXT_IDS, NEXT_PROBABILITIES = "next_ids", "next_probabilities"


@dataclass(frozen=True)
class Part:
    """One part. Its values are from `low` to `high`; None: on both sides of 0, as far as they go."""

    label: Any
    letter: str
    low: float | None = None
    high: float | None = None


_GATE = (0.0, 1.0)  # a sigmoid
_TANH = (-1.0, 1.0)

PARTS = {
    "forget": Part(_("forget gate"), "f", *_GATE),
    "input": Part(_("input gate"), "i", *_GATE),
    "candidate": Part(_("candidate"), "g", *_TANH),
    "cell": Part(_("cell state"), "c"),
    "output": Part(_("output gate"), "o", *_GATE),
    "reset": Part(_("reset gate"), "r", *_GATE),
    "update": Part(_("update gate"), "z", *_GATE),
    "hidden": Part(_("hidden state"), "h", *_TANH),
}


def named(symbol: str) -> str:
    """Return a symbol as it is told in a table, where blanks could not be seen."""
    if symbol == "\n":
        return _now("line break")
    if symbol and not symbol.strip(" "):
        return ngettext("blank", "%(n)s blanks", len(symbol)) % {"n": len(symbol)}
    return symbol.replace("\n", "⏎").replace("\t", "⇥")


def described(array: dict[str, Any], number: int) -> dict[str, Any]:
    """Return what a page needs to draw one of a look's arrays. `number` is its number in the look."""
    found = {"number": number, "name": array["name"], "layer": array["layer"], "shape": array["shape"]}
    part = PARTS.get(array["name"])
    if part is None:
        return found
    return found | {"label": str(part.label), "letter": part.letter, "low": part.low, "high": part.high}
