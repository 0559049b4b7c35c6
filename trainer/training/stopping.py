"""The request to stop a training: a signal, or the end of standard input, which means that the supervisor died."""

import os
import signal
import sys
import threading
from types import FrameType

_LIMIT_SECONDS = 9  # a process ends within this time after the death of its supervisor, whatever happens


class Stopped(Exception):
    """The end of a training after a request to stop. Everything is saved."""


class StopRequest:
    """A request to stop. SIGTERM and Ctrl-C set it after `listen`. The training checks it after every step."""

    def __init__(self) -> None:
        self.is_set = False
        self._raises = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ask()

    def ask(self) -> None:
        """Request a stop, as a signal does. The training stops at the next moment when it loses nothing."""
        self.is_set = True
        if self._raises:
            raise Stopped

    def raise_from_now_on(self) -> None:
        """Raise Stopped at once at any request from now on, because everything is saved."""
        self._raises = True
        if self.is_set:
            raise Stopped


def stop_with_supervisor() -> None:
    """Watch standard input in a thread, and stop this process when it ends.

    The alarm comes from the kernel, so it ends the process even while Python waits for a library.
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        signal.setitimer(signal.ITIMER_REAL, _LIMIT_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
