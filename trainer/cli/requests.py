"""Requests to `serve`: JSON objects, one per line, parsed and checked. docs/trainer.md has the protocol."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.contract import held_units
from trainer.contract.held_units import HeldUnit
from trainer.contract.writing_settings import WritingRequest, check, checked

_NO_SETTINGS = ("model", "held", "files", "frozen")  # in a request to write, all other values are writing settings


class BadRequest(ValueError):
    """A request that does not follow the protocol. The message is one sentence."""


@dataclass(frozen=True)
class Request:
    """A request.

    Args:
        number: its "id", which is any value that the client chooses.
        what: its "do", the name of the action.
        values: all its other values.
    """

    number: Any
    what: str
    values: dict[str, Any]

    def text(self, name: str) -> str:
        """Return a required text. Raises BadRequest."""
        value = self.values.get(name)
        if value is None:
            raise BadRequest(f"{name} is missing.")
        if not isinstance(value, str):
            raise BadRequest(f"{name} has to be text.")
        return value

    def flag(self, name: str) -> bool:
        """Return true or false; a missing value is false. Raises BadRequest."""
        value = self.values.get(name)
        if not isinstance(value, bool | None):
            raise BadRequest(f"{name} has to be true or false.")
        return bool(value)

    def whole(self, name: str) -> int | None:
        """Return a whole number that is not negative; None if there is none. Raises BadRequest."""
        value = self.values.get(name)
        if value is not None and (type(value) is not int or value < 0):
            raise BadRequest(f"{name} has to be a whole number.")
        return value

    def path(self, name: str) -> Path | None:
        """Return the path of a file; None if there is none. Raises BadRequest."""
        return None if self.values.get(name) is None else Path(self.text(name))

    def paths(self, name: str) -> list[Path]:
        """Return the paths of files, at least one. Raises BadRequest."""
        value = self.values.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(path, str) for path in value):
            raise BadRequest(f"{name} has to be a list of paths.")
        return [Path(path) for path in value]

    def held(self) -> tuple[HeldUnit, ...]:
        """Return the units to hold while writing. Raises SettingProblem."""
        return held_units.check(self.values.get("held"))

    def voices(self) -> dict[str, float]:
        """Return the shares of the voices in which a text is read. Raises SettingProblem."""
        shares: dict[str, float] = checked("voices", self.values.get("voices") or {})
        return shares

    def writing(self) -> WritingRequest:
        """Return the request for passages. Raises SettingProblem."""
        return check({name: value for name, value in self.values.items() if name not in _NO_SETTINGS})


def parse(line: bytes) -> Request:
    """Parse a line. Raises BadRequest unless it is a JSON object with a `do`, and an `id` that is no list or object."""
    try:
        values = json.loads(line)
        number, what = values.pop("id"), values.pop("do")
        hash(number)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadRequest("A request is a JSON object with id and do.") from None
    return Request(number, str(what), values)
