"""The request to stop a training: SIGTERM, or the end of standard input when nobody supervises any more."""

import os
import signal
import sys
import threading
from types import FrameType

_LIMIT_SECONDS = 9  # after the death of its supervisor a process ends within these, whatever happens


class Stopped(Exception):
    """Somebody asked to stop, at a moment when nothing is left to save."""


class StopRequest:
    """Is set by SIGTERM and Ctrl-C once it listens. The training looks at it after every step."""

    def __init__(self) -> None:
        self.is_set = False
        self._raises = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, self._on_signal)
        signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.ask()

    def ask(self) -> None:
        """Stop at the next moment when that loses nothing, as a signal asks."""
        self.is_set = True
        if self._raises:
            raise Stopped

    def raise_from_now_on(self) -> None:
        """From now on a request raises Stopped at once: everything is saved."""
        self._raises = True
        if self.is_set:
            raise Stopped


def stop_with_supervisor() -> None:
    """Watch standard input, and stop this process when it ends.

    The alarm is the kernel's: it ends the process even where Python is held up in a library.
    """

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        signal.setitimer(signal.ITIMER_REAL, _LIMIT_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()
