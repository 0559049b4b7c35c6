"""The reader of the trainer's lines: the events of a training, from its output or model directory, and answers.

It turns JSON lines into the typed events of `trainer.contract.events` and answers of `trainer.contract.answers`, which
the rest of the site uses. A line that is neither shows a defect in the trainer or in the site. Among events it is
logged as an error and left out, and the training goes on. Among answers it is raised, since a passage without one of
its pieces would look complete.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from trainer.contract import answers, events
from trainer.contract.events import Event, EventProblem
from trainer.contract.layout import HISTORY, SAMPLES

log = logging.getLogger(__name__)
Line = dict[str, Any]


def parse(line: bytes) -> Line | None:
    """Return the JSON object in a line. A line without one is logged, and gives None."""
    found = _object(line)
    if found is None:
        log.error("the trainer wrote a line that is no JSON object: %.200r", line)
    return found


def _object(line: bytes) -> Line | None:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def answer(line: bytes) -> tuple[Any, Event]:
    """Return the answer in a line of `serve`, after the id of its request. Raises EventProblem for any other line."""
    found = _object(line)
    if found is None:
        raise EventProblem(f"A line is no JSON object: {line[:200]!r}.")
    return answers.read(found)


def read(lines: Iterable[Mapping[str, Any]]) -> list[Event]:
    """Return the events in these JSON objects. Objects that are no events are logged and left out."""
    return [event for line in lines if (event := _event(line)) is not None]


def _event(line: Mapping[str, Any]) -> Event | None:
    try:
        return events.read(line)
    except EventProblem as problem:
        log.error("the trainer wrote what is no event: %s %.200r", problem, dict(line))
        return None


def recorded(model: Path, step: int) -> list[Event]:
    """Return the events in a model directory, up to the step from which the training goes on."""
    lines = [line for name in (HISTORY, SAMPLES) for line in _objects(model / name)]
    return read(line for line in lines if line.get("step", 0) <= step)


def _objects(path: Path) -> list[Line]:
    whole = path.read_bytes().split(b"\n")[:-1] if path.exists() else []  # the last line may be incomplete
    return [found for line in whole if (found := parse(line)) is not None]
