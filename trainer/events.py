"""What a training says: JSON lines for programs, a progress bar for people."""

import json
import math
import os
import signal
import sys
from collections.abc import Callable
from typing import Any, Protocol, TextIO

from tqdm import tqdm

Event = dict[str, Any]


class Reporter(Protocol):
    def tell(self, event: Event) -> None: ...


def claim_stdout() -> TextIO:
    """Return standard output for lines of ours alone; whatever else writes to it goes to standard error.

    Libraries in C write to the file descriptor, so that is what is moved.
    """
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8")
    os.dup2(2, 1)
    return ours


class JsonLines:
    """One event a line. When nobody listens any more, the process is asked to stop as by its supervisor."""

    def __init__(self, output: TextIO) -> None:
        self.output = output
        self._is_heard = True

    def tell(self, event: Event) -> None:
        if not self._is_heard:
            return
        try:
            self.output.write(json.dumps(event, ensure_ascii=False) + "\n")
            self.output.flush()
        except BrokenPipeError:
            self._is_heard = False
            os.kill(os.getpid(), signal.SIGTERM)


class ForPeople:
    """A bar that moves, losses, and what the model writes."""

    def __init__(self) -> None:
        self._bar: Any = None

    def tell(self, event: Event) -> None:
        show: Callable[[Event], None] | None = getattr(self, "_" + event["event"], None)
        if show is not None:
            show(event)

    def _say(self, text: str) -> None:
        tqdm.write(text, file=sys.stdout)

    def _started(self, event: Event) -> None:
        if event["went_back"]:
            self._say(event["went_back"])
        if self._bar is not None:
            return
        recipe = event["recipe"]
        self._say(
            f"{event['characters']:,} characters, {event['vocabulary']} symbols, {recipe['layers']} x "
            f"{recipe['units']} {recipe['cell'].upper()} units, {event['parameters']:,} weights, on "
            f"{event['device']}"
        )
        self._bar = tqdm(total=1.0, bar_format="{percentage:3.0f}%|{bar}| {desc}", leave=False)

    def _progress(self, event: Event) -> None:
        if self._bar is not None:
            self._bar.n = event["done"]
            self._bar.set_description_str(
                f"step {event['step']:,}, loss {as_bits(event['train_loss'])}, "
                f"{event['chars_per_s']:,.0f} chars/s, {event['seconds_left']:,.0f} s left"
            )

    def _evaluated(self, event: Event) -> None:
        read = event["cold"] if event["carried"] is None else event["carried"]
        self._say(f"step {event['step']:,}: held out {as_bits(read)}, best {as_bits(event['best'])}")

    def _sample(self, event: Event) -> None:
        self._say("    " + event["text"].strip().replace("\n", "\n    ") + "\n")

    def _warning(self, event: Event) -> None:
        self._say(f"Warning: {event['reason']}")

    def _finished(self, event: Event) -> None:
        if self._bar is not None:
            self._bar.close()
        if event["stopped_early"]:
            self._say(event["stopped_early"])
        self._say(event["score"]["verdict"])


def as_bits(nats: float) -> str:
    """Write a loss the way people are shown it."""
    return f"{nats / math.log(2):.3f} bits/char ({nats:.3f} nats)"
