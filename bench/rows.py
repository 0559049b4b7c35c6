"""The rows of the benchmark: what is measured for our trainer and for the peer, and the targets."""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from bench import ours, surroundings
from bench.processes import run

Figures = dict[str, Any]
Medians = dict[str, float]
_HAS_AMX = surroundings.has_amx()
# The targets with AMX, and without: nats per character, times the peer, seconds.
_SHAKESPEARE, _SHAKESPEARE_LONG = (1.39, 1.34) if _HAS_AMX else (1.44, 1.37)
_MACBETH, _MACBETH_TEN = (1.29, 1.26) if _HAS_AMX else (1.31, 1.27)
_SPEED, _TUTORIAL, _FIRST_PROGRESS = (3.0, 5.0, 4.0) if _HAS_AMX else (1.3, 4.0, 6.0)


@dataclass(frozen=True)
class Settings:
    """The paths of the texts, the peer's interpreter, and the time of the longest training in seconds.

    `scale` shortens every budget, to try the benchmark itself.
    """

    shakespeare: Path | None
    macbeth: Path | None
    peer: Path
    long: float = 1800.0
    scale: float = 1.0


@dataclass(frozen=True)
class Line:
    """A figure of a row, and its target. `reached` compares the medians of ours and the peer's."""

    figure: str
    work: str
    target: str
    reached: Callable[[Medians, Medians], bool]


def _at_most(most: float, figure: str, work: str) -> Line:
    return Line(figure, work, f"at most {most:g}", lambda ours, _: ours[figure] <= most)


@dataclass(frozen=True)
class Row:
    """A measurement for our trainer and for the peer. `text` is the name of the setting with the path of its text."""

    text: str
    ours: Callable[[Path, Settings], Figures]
    peer: Callable[[Path, Settings], Figures]
    lines: tuple[Line, ...]
    once: bool = False


def _torch(settings: Settings, *options: object, seconds: float) -> Figures:
    seconds = seconds * settings.scale
    return run(settings.peer, "bench.peer_torch", *options, "--seconds", seconds, seconds=2 * seconds)[0]


def _quality(seconds: float, text: Path, settings: Settings) -> Figures:
    return ours.quality(text, seconds * settings.scale)


def _peer_quality(seconds: float, text: Path, settings: Settings, *options: object) -> Figures:
    return _torch(settings, "quality", "--corpus", text, *options, seconds=seconds)


def _long(text: Path, settings: Settings) -> Figures:
    return _quality(settings.long, text, settings)


def _peer_long(text: Path, settings: Settings) -> Figures:
    """Run the peer with the widths and rates that were found to be the best for a training of this length."""
    wide = ("--units", 512, "--dropout", 0.45, "--rate", 0.004, "--sequence", 96)
    return _peer_quality(settings.long, text, settings, *wide)


def _speed(text: Path, settings: Settings) -> Figures:
    """Measure the peer's network, and the same with the Mogrifier that new models have."""
    network = ("--layers", 2, "--units", 384, "--batch", 32, "--sequence", 64, "--dropout", 0.1)
    rounds = {"speed": 0, "mogrifier": 4}
    return {
        name: ours.speed(text, 40 * settings.scale, *network, "--mogrifier-rounds", count)
        for name, count in rounds.items()
    }


def _tutorial(text: Path, settings: Settings) -> Figures:
    return {"windows": ours.speed(text, 40 * settings.scale, "--recipe", "tutorial")}


def _peer_tutorial(text: Path, settings: Settings) -> Figures:
    seconds = 20 * settings.scale
    return run(sys.executable, "bench.peer_keras", "--corpus", text, "--seconds", seconds, seconds=seconds)[0]


ROWS = {
    "shakespeare": Row(
        "shakespeare",
        partial(_quality, 180),
        partial(_peer_quality, 180),
        (
            Line(
                "carried",
                "tiny-shakespeare, 180 s: nats per character, carried",
                f"at most {_SHAKESPEARE}, and below the peer",
                lambda ours, peer: ours["carried"] <= _SHAKESPEARE and ours["carried"] < peer["carried"],
            ),
            Line(
                "cold",
                "the same, cold windows of 256",
                "below the peer",
                lambda ours, peer: ours["cold"] < peer["cold"],
            ),
        ),
    ),
    "macbeth": Row(
        "macbeth",
        partial(_quality, 60),
        partial(_peer_quality, 60),
        (
            _at_most(_MACBETH, "carried", "Macbeth, 60 s: carried"),
            _at_most(_FIRST_PROGRESS, "first_progress", "the same, from the command to the first progress: seconds"),
        ),
    ),
    "ten": Row(
        "macbeth",
        partial(_quality, 600),
        partial(_peer_quality, 600),
        (_at_most(_MACBETH_TEN, "carried", "Macbeth, 10 minutes: carried"),),
        once=True,
    ),
    "speed": Row(
        "shakespeare",
        _speed,
        lambda text, settings: _torch(settings, "speed", seconds=10),
        (
            Line(
                "speed",
                "trained, 2×384 units, batch 32, 64 steps: characters per second",
                f"at least {_SPEED:g} times the peer's better figure",
                lambda ours, peer: ours["speed"] >= _SPEED * peer["speed"],
            ),
            Line(
                "mogrifier",
                "the same with a Mogrifier, as new models are",
                "at least 0.85 times without",
                lambda ours, _: ours["mogrifier"] >= 0.85 * ours["speed"],
            ),
        ),
    ),
    "passages": Row(
        "macbeth",
        lambda text, settings: ours.passages(text),
        lambda text, settings: _torch(settings, "sample", seconds=5),
        (
            Line(
                "one",
                "one passage, 2×384 units with a Mogrifier, process warm: characters per second",
                "at least 10 times the peer",
                lambda ours, peer: ours["one"] >= 10 * peer["one"],
            ),
            Line(
                "sixteen",
                "sixteen passages at once: characters per second in all",
                "at least 8 times one passage, and 12,000",
                lambda ours, _: ours["sixteen"] >= max(8 * ours["one"], 12_000),
            ),
        ),
    ),
    "tutorial": Row(
        "macbeth",
        _tutorial,
        _peer_tutorial,
        (
            Line(
                "windows",
                "the tutorial's network on Macbeth: windows trained per second (peer: its listing)",
                f"at least {_TUTORIAL:g} times the peer",
                lambda ours, peer: ours["windows"] >= _TUTORIAL * peer["windows"],
            ),
        ),
    ),
    "long": Row(
        "shakespeare",
        _long,
        _peer_long,
        (_at_most(_SHAKESPEARE_LONG, "carried", "tiny-shakespeare, the long training: carried"),),
        once=True,
    ),
}
