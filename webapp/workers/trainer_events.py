"""The reader of a training's events, from the trainer's output and from its model directory.

It turns JSON lines into the typed events of trainer/contract/events.py, which the rest of the site uses. A line that is
no event shows a defect in the trainer or in the site: it is logged as an error and left out, and the training goes on.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from trainer.contract import events
from trainer.contract.events import Event, EventProblem
from trainer.contract.layout import HISTORY, SAMPLES

log = logging.getLogger(__name__)
Line = dict[str, Any]


def parse(line: bytes) -> Line | None:
    """Return the JSON object in a line. A line without one is logged, and gives None."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        log.error("the trainer wrote a line that is no JSON object: %.200r", line)
        return None
    return found


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
