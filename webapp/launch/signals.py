"""The signals of the launcher: a wait without polling, until a child ends, a stop is requested, or time is up."""

import os
import select
import signal
import time
from types import FrameType

_SAME_REQUEST_SECONDS = 1.0  # the same Ctrl-C may arrive several times, through a shell, make and the process group


class SignalWaiter:
    """The signals of this process. The handlers only set flags, and a pipe ends the wait."""

    def __init__(self) -> None:
        self._reader, writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        self._asked_at: float | None = None
        self.signal = ""  # the name of the signal that requested the stop
        self.must_hurry = False
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if self._asked_at is None:
            self._asked_at = time.monotonic()
            self.signal = signal.Signals(number).name
        elif time.monotonic() - self._asked_at > _SAME_REQUEST_SECONDS:
            self.must_hurry = True

    @property
    def must_stop(self) -> bool:
        return self._asked_at is not None

    def wait(self, seconds: float | None) -> None:
        """Return after a signal, or after some seconds; with None after a signal only."""
        if select.select([self._reader], [], [], seconds)[0]:
            os.read(self._reader, 4096)
