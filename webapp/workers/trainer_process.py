"""The process that runs `python -m trainer …`. A thread reads its output line by line.

The process is the leader of a new process group. Its standard input stays open: when this process dies, that input
ends, and the trainer stops by itself (`--supervised`).
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
from typing import Any, Self

from django.conf import settings

from trainer.contract.events import Event
from webapp.workers import confinement, trainer_events
from webapp.workers.trainer_events import Line


class TrainerProcess:
    """A running trainer. `events()` or `answers()` return its output, `send()` writes a line to its input.

    `inherits` are open file descriptors of this process, which the trainer keeps open as long as it lives.
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
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()  # None: the end
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
                self._lines.put(line)
        self._lines.put(None)

    def events(self, timeout: float) -> list[Event]:
        """Return the events written since the last call, waiting up to `timeout` seconds for the first."""
        lines = [trainer_events.parse(line) for line in self._new_lines(timeout)]
        return trainer_events.read(line for line in lines if line is not None)

    def answers(self, timeout: float) -> list[tuple[Any, Event]]:
        """Return the answers of `serve` since the last call, each after the id of its request.

        It waits up to `timeout` seconds for the first. Raises EventProblem for a line that is no answer.
        """
        return [trainer_events.answer(line) for line in self._new_lines(timeout)]

    def _new_lines(self, timeout: float) -> list[bytes]:
        found: list[bytes] = []
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
        """Whether the trainer has closed its output, and all of that was returned."""
        return self._ended

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None

    def exit_code(self) -> int:
        """Wait for the end and return the exit code. A negative code is the number of the signal that ended it."""
        try:
            return self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.kill()
            return self._process.wait()

    def send(self, line: Line) -> None:
        """Write one JSON line to the trainer's standard input.

        A trainer that has ended does not read it. No check before could tell, as it may end at any moment: `has_ended`
        tells afterwards, for a request as for any other line.
        """
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(json.dumps(line).encode() + b"\n")
            self._process.stdin.flush()

    def stop(self) -> None:
        """Ask the trainer to write a checkpoint and to end (exit code 3)."""
        if self.is_running:
            self._process.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the whole process group."""
        if self.is_running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()

    def last_line(self) -> str:
        """Return the last line of the trainer's standard error."""
        try:
            lines = self._log_path.read_text(errors="replace").strip().splitlines()
        except OSError:
            return ""
        return lines[-1][:500] if lines else ""
