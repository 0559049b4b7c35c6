"""`python -m trainer …` as a process of its own, whose output is read as it comes.

It runs in its own process group at low priority. Its standard input is held open: when this process dies,
the input ends, and the trainer stops by itself (`--supervised`).
"""

import contextlib
import json
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from django.conf import settings

from trainer.contract.events import Event
from webapp.workers import confinement, trainer_events
from webapp.workers.trainer_events import Line


class TrainerProcess:
    """A running trainer: `events()` or `lines()` give what it wrote, `tell()` writes a line to it.

    `inherits` are open files of this process that it is to hold as long as it lives.
    """

    def __init__(self, arguments: list[str], log_path: Path, niceness: int = 0, inherits: Sequence[int] = ()) -> None:
        log_path.parent.mkdir(parents=True, exist_ok=True)
        self._log_path = log_path
        command = [sys.executable, "-m", "trainer", *arguments]
        if niceness:
            command = ["nice", "-n", str(niceness), *command]
        with log_path.open("ab") as errors:
            self._process = subprocess.Popen(
                command,
                cwd=settings.BASE_DIR,
                env=confinement.environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
                pass_fds=inherits,
            )
        confinement.confine(self._process.pid)
        self._lines: queue.SimpleQueue[Line | None] = queue.SimpleQueue()
        self._ended = False
        threading.Thread(target=self._read, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as output:
            for line in output:
                if (found := trainer_events.parse(line)) is not None:
                    self._lines.put(found)
        self._lines.put(None)

    def events(self, timeout: float) -> list[Event]:
        """Return a training's events since the last call, waiting up to `timeout` seconds for the first."""
        return trainer_events.read(self.lines(timeout))

    def lines(self, timeout: float) -> list[Line]:
        """Return the JSON objects written since the last call, waiting up to `timeout` seconds for the first."""
        found: list[Line] = []
        while not self._ended:
            try:
                line = self._lines.get(timeout=0 if found else timeout)
            except queue.Empty:
                break
            if line is None:
                self._ended = True
            else:
                found.append(line)
        return found

    @property
    def has_ended(self) -> bool:
        """Whether it has closed its output and everything that it wrote was returned."""
        return self._ended

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def exit_code(self) -> int:
        """Wait for its end; a negative code is the signal that ended it."""
        try:
            return self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def tell(self, line: Line) -> None:
        """Write one JSON line to its standard input; BrokenPipeError when it is gone."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line).encode() + b"\n")
        self._process.stdin.flush()

    def stop(self) -> None:
        """Ask it to write a checkpoint and end (exit code 3)."""
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the whole process group now."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def last_line(self) -> str:
        """Return the last line that it wrote to standard error."""
        try:
            lines = self._log_path.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1][:500] if lines else ""
