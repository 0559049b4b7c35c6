"""A training's events for tests: what a test leaves out of one is filled in."""

from collections.abc import Iterable
from typing import Any

from trainer.contract import events
from trainer.contract.events import Event
from webapp.studies import event_recorder

_REST: dict[str, dict[str, Any]] = {
    "started": {"recipe": {}, "vocabulary": 81, "parameters": 100, "device": "cpu", "characters": 1, "steps": None},
    "progress": {"epoch": 0.0, "chars_per_s": 100, "seconds": 1.0, "seconds_left": 1.0, "done": 0.25},
    "evaluated": {"carried": None},
    "checkpoint": {"path": "checkpoints/step-000000020"},
    "finished": {"step": 40, "epoch": 1.0, "chars": 4000, "best": 1.0, "best_step": 0, "seconds": 1.0}
    | {"stalled_seconds": 0.0},
}


def an_event(line: dict[str, Any]) -> Event:
    return events.read({**_REST.get(line["event"], {}), **line})


def record(study_id: int, lines: Iterable[dict[str, Any]], device: str = "") -> None:
    """Write events to a study's rows, as its supervisor does."""
    event_recorder.record(study_id, [an_event(line) for line in lines], device)
