"""The process of one part. It runs under a guard, writes a log, and is started again when it dies."""

import contextlib
import subprocess
import sys
import time
from pathlib import Path

from trainer.contract.wording import counted
from webapp.launch import process_guard
from webapp.launch.checks import accepts
from webapp.launch.logs import put_away
from webapp.launch.parts import Part

_HEALTHY_SECONDS = 30.0  # a part that ran longer than this is started again at once
_SLOWEST_RESTART_SECONDS = 30.0
_LAST_LINES = 8


def report(line: str) -> None:
    with contextlib.suppress(OSError):  # the terminal was closed
        print(line, flush=True)


class PartProcess:
    """One part. It is started again when it dies or has no heartbeat."""

    def __init__(self, part: Part, environment: dict[str, str], logs: Path) -> None:
        self.part = part
        self._environment = environment
        self._log = logs / f"{part.name}.log"
        put_away(self._log)
        self._deaths = 0
        self._heartbeat: bytes | None = None
        self._heartbeat_at = 0.0
        self._is_given_up = False
        self._started = self.start_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def is_ready(self) -> bool:
        return self.is_up and (self.part.port is None or accepts(self.part.port))

    def keep_running(self) -> float | None:
        """Start the part when it is time. Return the seconds until it is time, or None while the part is up.

        A part that is up and has no heartbeat is asked to stop. It is started again after it has stopped.
        """
        if self.is_up:
            self._check_heartbeat()
            return None
        if self._process is not None:
            self._note_exit(self._process.returncode)
        wait = self.start_at - time.monotonic()
        if wait > 0:
            return wait
        self._start()
        return None

    def _check_heartbeat(self) -> None:
        heartbeat = _content(self.part.heartbeat) if self.part.heartbeat else None
        if heartbeat != self._heartbeat:
            self._heartbeat, self._heartbeat_at = heartbeat, time.monotonic()
        elif self.part.heartbeat and not self._is_given_up and self._has_no_heartbeat():
            report(f"The part {self.part.name} is up, but takes no work any more. It is started again.")
            self._is_given_up = True
            self.ask_to_stop()

    def _has_no_heartbeat(self) -> bool:
        return time.monotonic() - self._heartbeat_at > self.part.heartbeat_seconds

    def _start(self) -> None:
        self._started = self._heartbeat_at = time.monotonic()
        self._is_given_up = False
        command = [sys.executable, "-I", "-S", process_guard.__file__, str(self.part.grace), *self.part.command]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    def _note_exit(self, code: int) -> None:
        now = time.monotonic()
        self._deaths = 1 if now - self._started > _HEALTHY_SECONDS else self._deaths + 1
        wait = 0.0 if self._deaths == 1 else min(_SLOWEST_RESTART_SECONDS, 2.0 ** (self._deaths - 1))
        self.start_at = now + wait
        self._release()
        often = f", {self._deaths} times in a row now" if self._deaths > 1 else ""
        when = f"again in {counted(round(wait), 'second')}" if wait else "again now"
        report(f"The part {self.part.name} ended by itself (code {code}){often}. It is started {when}.")
        report(f"Its last lines in {self._log}:")
        for line in (_content(self._log) or b"").decode(errors="replace").splitlines()[-_LAST_LINES:]:
            report(f"    {line}")

    def _release(self) -> None:
        assert self._process is not None and self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        self._process = None

    def ask_to_stop(self) -> None:
        self._request(b"stop\n")

    def end_now(self) -> None:
        self._request(b"now\n")

    def _request(self, line: bytes) -> None:
        if self.is_up:
            assert self._process is not None and self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(line)
                self._process.stdin.flush()


def _content(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except OSError:
        return None
