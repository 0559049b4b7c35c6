"""Waiting without polling: until a child process ends, somebody asks to stop, or time is up."""

import os
import select
import signal
import time
from types import FrameType

_ONE_WISH_SECONDS = 1.0  # a shell, make and a process group may pass on the same wish more than once


class Wake:
    """The signals of this process. Handlers only note; the wake-up pipe ends the wait."""

    def __init__(self) -> None:
        self._ear, mouth = os.pipe()
        os.set_blocking(self._ear, False)
        os.set_blocking(mouth, False)
        signal.set_wakeup_fd(mouth, warn_on_full_buffer=False)
        self._first_wish: float | None = None
        self.signal = ""  # which one asked to stop
        self.must_hurry = False
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._first_wish is None:
            self._first_wish = time.monotonic()
            self.signal = signal.Signals(number).name
        elif time.monotonic() - self._first_wish > _ONE_WISH_SECONDS:
            self.must_hurry = True

    @property
    def must_stop(self) -> bool:
        return self._first_wish is not None

    def wait(self, seconds: float | None) -> None:
        """Return on any signal, or after some seconds (None: on a signal only)."""
        if select.select([self._ear], [], [], seconds)[0]:
            os.read(self._ear, 4096)
