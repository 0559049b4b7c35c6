"""The events of a training, read where they enter the site: from the trainer's output and from its model directory.

Typed classes (trainer/contract/events.py) from here on. A line that is no event is logged as an error and left out:
trainer and site disagree then, which is a fault of one of them, and no training is lost for it.
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
    """Return the JSON object that a line holds; None where it holds none, which is logged."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        log.error("the trainer wrote a line that is no JSON object: %.200r", line)
        return None
    return found


def read(lines: Iterable[Mapping[str, Any]]) -> list[Event]:
    """Return the events among JSON objects."""
    return [event for line in lines if (event := _event(line)) is not None]


def _event(line: Mapping[str, Any]) -> Event | None:
    try:
        return events.read(line)
    except EventProblem as problem:
        log.error("the trainer wrote what is no event: %s %.200r", problem, dict(line))
        return None


def recorded(model: Path, step: int) -> list[Event]:
    """Return what a training wrote into its model directory, up to the step that it goes on from."""
    lines = [line for name in (HISTORY, SAMPLES) for line in _objects(model / name)]
    return read(line for line in lines if line.get("step", 0) <= step)


def _objects(path: Path) -> list[Line]:
    whole = path.read_bytes().split(b"\n")[:-1] if path.exists() else []  # the last may be half
    return [found for line in whole if (found := parse(line)) is not None]
