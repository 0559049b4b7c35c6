"""The measurements of our own command line. Each runs in new processes."""

import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

from bench.processes import Event, Failed, run, serving

Figures = dict[str, Any]

_PASSAGE = 10_000  # characters; writing them takes a second or more


def quality(corpus: Path, seconds: float) -> Figures:
    """Train for this time with the default choices. Return held-out losses in nats per character.

    `first_progress` is the time from the start of the command to the first progress, in seconds.

    `curve` has the evaluations during the training: pairs of seconds and carried loss. The loss is that of the first
    half of the held-out text, or of characters spread over all of that half.
    """
    events = _train_for(corpus, seconds)
    finished = events[-1]
    read = finished["score"]["held_out"]
    return {
        "carried": read["whole"]["carried"],
        "cold": read["whole"]["cold"],
        "second_half": read["second_half"]["carried"],
        "seconds": finished["seconds"],
        "first_progress": next(event["seconds"] for event in events if event["event"] == "progress"),
        "recipe": events[0]["recipe"],
        "curve": [(event["seconds"], event["carried"]) for event in events if event["event"] == "evaluated"],
    }


def speed(corpus: Path, seconds: float, *options: object) -> float:
    """Return the characters (for the tutorial, windows) that are trained per second, without evaluations and saving."""
    characters = took = 0.0
    for before, event in pairwise(_train_for(corpus, seconds, *options)):
        if before["event"] == event["event"] == "progress":  # nothing was evaluated or saved in between
            trained = event["chars"] - before["chars"]
            characters, took = characters + trained, took + trained / event["chars_per_s"]
    if not took:
        raise Failed("it was over before its speed could be told")
    return characters / took


def passages(corpus: Path) -> Figures:
    """Return the characters written per second, with one passage and with sixteen, by a server that is warm."""
    with tempfile.TemporaryDirectory() as folder:
        model = Path(folder) / "model"
        _train(corpus, model, "--layers", 2, "--units", 384, "--steps", 20, seconds=60)
        found = {}
        with serving() as server:
            for name, count in (("one", 1), ("sixteen", 16)):
                server.write(model, count, 1_000)
                begin = time.perf_counter()
                found[name] = server.write(model, count, _PASSAGE) / (time.perf_counter() - begin)
        return found


def _train(corpus: Path, model: Path, *options: object, seconds: float) -> list[Event]:
    return run(sys.executable, "trainer", "train", corpus, "--out", model, "--json", *options, seconds=seconds)


def _train_for(corpus: Path, seconds: float, *options: object) -> list[Event]:
    with tempfile.TemporaryDirectory() as folder:
        return _train(corpus, Path(folder) / "model", "--minutes", seconds / 60, *options, seconds=seconds)
