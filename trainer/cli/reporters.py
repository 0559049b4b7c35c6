"""The reporters of a training: JSON lines for programs, a progress bar for people."""

import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, TextIO

from tqdm import tqdm

from trainer.contract import console
from trainer.contract.events import Evaluated, Event, Finished, Progress, Reporter, Sample, Started, Warned
from trainer.contract.held_out import carried_or_cold
from trainer.contract.wording import counted


def claim_stdout() -> TextIO:
    """Return standard output for our own lines only. All other output to it goes to standard error.

    C libraries write to the file descriptor, so the descriptor itself is redirected. It stays open until the process
    has ended: who reads it may take its end for that of the process, and TensorFlow needs a while to shut down.
    """
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8", closefd=False)
    os.dup2(2, 1)
    return ours


class JsonLines:
    """A reporter that writes one event per line, in ASCII, which every encoding contains. Raises OSError."""

    def __init__(self, output: TextIO) -> None:
        self.output = output

    def report(self, event: Event) -> None:
        self.write(event.to_json())

    def write(self, line: Mapping[str, Any]) -> None:
        """Write any JSON object, for example an answer or a score."""
        self.output.write(json.dumps(line) + "\n")
        self.output.flush()


class UntilClosed:
    """A reporter that passes events on until the reader of the output has closed it. Then it calls `on_closed` once.

    An event that can't be written for another reason, such as a full disk, is dropped, so that the training survives.
    """

    def __init__(self, reporter: Reporter, on_closed: Callable[[], None]) -> None:
        self._reporter = reporter
        self._on_closed = on_closed
        self._is_open = True

    def report(self, event: Event) -> None:
        if not self._is_open:
            return
        try:
            self._reporter.report(event)
        except BrokenPipeError:
            self._is_open = False
            console.discard_unwritable_output()
            self._on_closed()
        except OSError:
            pass


class ForPeople:
    """A reporter for people: a progress bar, losses, and samples of the model's text."""

    def __init__(self) -> None:
        self._bar: Any = None
        self._has_evaluated = False  # and reported no sample since

    def report(self, event: Event) -> None:
        match event:
            case Started():
                self._started(event)
            case Progress():
                self._progress(event)
            case Evaluated():
                self._evaluated(event)
            case Sample():
                self._sample(event)
            case Warned():
                self._say(f"Warning: {event.reason}")
            case Finished():
                self._finished(event)

    def _say(self, text: str) -> None:
        tqdm.write(text, file=sys.stdout)
        sys.stdout.flush()  # so that a closed pipe raises its error now

    def _started(self, event: Started) -> None:
        if event.went_back:
            self._say(event.went_back)
        if self._bar is not None:
            return
        recipe = event.recipe
        self._say(
            f"{counted(event.characters, 'character')}, {counted(event.vocabulary, 'symbol')}, "
            f"{recipe['layers']} x {counted(recipe['units'], recipe['cell'].upper() + ' unit')}, "
            f"{counted(event.parameters, 'weight')}, on {event.device} ({event.loops})"
        )
        self._bar = tqdm(total=1.0, bar_format="{percentage:3.0f}%|{bar}| {desc}", leave=False)

    def _progress(self, event: Progress) -> None:
        if self._bar is not None:
            self._bar.n = event.done
            self._bar.set_description_str(
                f"step {event.step:,}, loss {as_bits(event.train_loss)}, "
                f"{event.chars_per_s:,.0f} chars/s, {event.seconds_left:,.0f} s left"
            )

    def _evaluated(self, event: Evaluated) -> None:
        self._has_evaluated = True
        read = carried_or_cold(event.carried, event.cold)
        self._say(f"step {event.step:,}: held out {as_bits(read)}, best {as_bits(event.best)}")
        if event.rise:
            self._say(event.rise)

    def _sample(self, event: Sample) -> None:
        if not self._has_evaluated:
            self._say(f"The weights of step {event.step:,} are kept. They write:")
        self._has_evaluated = False
        if event.voice:
            self._say(f"In the voice of {event.voice}:")
        self._say("    " + event.text.strip().replace("\n", "\n    ") + "\n")

    def _finished(self, event: Finished) -> None:
        if self._bar is not None:
            self._bar.close()
        if event.stopped_early:
            self._say(event.stopped_early)
        self._say(event.score["verdict"])


def as_bits(nats: float) -> str:
    """Return a loss in the form in which people see it."""
    return f"{nats / math.log(2):.3f} bits/char ({nats:.3f} nats)"
