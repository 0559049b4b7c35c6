"""Requests that `serve` is sent: JSON objects, one a line, read and checked. docs/trainer.md has the protocol."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainer.contract.writing_settings import WritingRequest, check

_NO_SETTINGS = ("model",)  # of a request to write: all else is a setting


class BadRequest(ValueError):
    """A request that is not as the protocol says. The message is one sentence."""


@dataclass(frozen=True)
class Request:
    """What somebody asks for.

    Args:
        number: its id, whatever the asker calls it.
        what: what to do.
        values: all else that it says.
    """

    number: Any
    what: str
    values: dict[str, Any]

    def text(self, name: str) -> str:
        """Return a text that has to be there. Raises BadRequest."""
        value = self.values.get(name)
        if value is None:
            raise BadRequest(f"{name} is missing.")
        if not isinstance(value, str):
            raise BadRequest(f"{name} has to be text.")
        return value

    def flag(self, name: str) -> bool:
        """Return a yes or no; what is left out is no. Raises BadRequest."""
        value = self.values.get(name)
        if not isinstance(value, bool | None):
            raise BadRequest(f"{name} has to be true or false.")
        return bool(value)

    def paths(self, name: str) -> list[Path]:
        """Return the paths of files, one at least. Raises BadRequest."""
        value = self.values.get(name)
        if not isinstance(value, list) or not value or not all(isinstance(path, str) for path in value):
            raise BadRequest(f"{name} has to be a list of paths.")
        return [Path(path) for path in value]

    def writing(self) -> WritingRequest:
        """Return what is to be written. Raises SettingProblem."""
        return check({name: value for name, value in self.values.items() if name not in _NO_SETTINGS})


def parse(line: bytes) -> Request:
    """Read a line. Raises BadRequest where it is no JSON object with a `do` and an `id` of one value."""
    try:
        values = json.loads(line)
        number, what = values.pop("id"), values.pop("do")
        hash(number)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadRequest("A request is a JSON object with id and do.") from None
    return Request(number, str(what), values)
