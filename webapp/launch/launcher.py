"""Keeps the parts alive on one machine: starts them, restarts those that die, stops them all."""

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

from webapp.launch import leash
from webapp.launch.parts import Part

_HEALTHY_SECONDS = 30.0  # a part that lived this long is started again at once
_SLOWEST_RESTART = 30.0
_LAST_LINES = 8


class CannotStart(Exception):
    """Why nothing was started, in one sentence."""


def say(line: str) -> None:
    print(line, flush=True)


class Running:
    """One part, its leash, and how often it died."""

    def __init__(self, part: Part, environment: dict[str, str], logs: Path) -> None:
        self.part = part
        self._environment = {**environment, **part.environment}
        self.log = logs / f"{part.name}.log"
        self._deaths = 0
        self.start_at = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        with contextlib.suppress(FileNotFoundError):
            self.log.rename(self.log.with_suffix(".log.1"))

    def start(self) -> None:
        self.started = time.monotonic()
        command = [sys.executable, leash.__file__, str(self.part.grace), *self.part.command]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )

    @property
    def is_up(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def mind(self) -> None:
        """Start it again when it died: at once the first time, ever more slowly when it keeps dying."""
        if self.is_up:
            return
        now = time.monotonic()
        if self._process is not None:
            self._note_death(now)
        if now >= self.start_at:
            self.start()

    def _note_death(self, now: float) -> None:
        assert self._process is not None
        self._deaths = 1 if now - self.started > _HEALTHY_SECONDS else self._deaths + 1
        wait = 0.0 if self._deaths == 1 else min(_SLOWEST_RESTART, 2.0 ** (self._deaths - 1))
        self.start_at = now + wait
        code = self._process.returncode
        when = f"again in {wait:.0f} s" if wait else "again now"
        say(f"{self.part.name} ended unexpectedly (code {code}); it is started {when}. Its last lines:")
        for line in self.last_lines():
            say(f"    {line}")
        self._process = None

    def last_lines(self) -> list[str]:
        return self.log.read_text(errors="replace").splitlines()[-_LAST_LINES:]

    def ask_to_stop(self) -> None:
        self._tell(b"stop\n")

    def end_now(self) -> None:
        self._tell(b"now\n")

    def _tell(self, words: bytes) -> None:
        if self.is_up:
            assert self._process is not None and self._process.stdin is not None
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.write(words)
                self._process.stdin.flush()

    def wait(self, timeout: float) -> bool:
        if self._process is None:
            return True
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True


class Launcher:
    """All parts of one data folder."""

    def __init__(self, folder: Path, environment: dict[str, str], broker: Part | None, parts: list[Part]) -> None:
        self._lock = lock(folder)
        logs = folder / "logs"
        logs.mkdir(exist_ok=True)
        self.logs = logs
        self._broker = [Running(broker, environment, logs)] if broker else []
        self._others = [Running(part, environment, logs) for part in parts]
        self._stop = threading.Event()
        self._hasten = threading.Event()

    @property
    def parts(self) -> list[Running]:
        return [*self._broker, *self._others]

    def run(self, address: str) -> None:
        """Keep everything alive until asked to stop."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, self._on_signal)
        announced = False
        try:
            while not self._stop.is_set():
                for part in self.parts:
                    part.mind()
                if not announced and answers(address):
                    announced = True
                    say(f"\nUnderstudy is at {address}\nCtrl-C stops it. Logs are in {self.logs}.\n")
                self._stop.wait(1.0 if announced else 0.1)
        finally:
            self._stop_all()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        (self._hasten if self._stop.is_set() else self._stop).set()

    def _stop_all(self) -> None:
        say("Stopping: a training writes a checkpoint and goes on at the next start…")
        for group in (self._others, self._broker):
            for part in group:
                part.ask_to_stop()
            for part in group:
                while not part.wait(0.2):
                    if self._hasten.is_set():
                        part.end_now()
        say("Stopped.")


def lock(folder: Path) -> int:
    """Hold the data folder; a second launcher on it is refused."""
    handle = os.open(folder / "launcher.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise CannotStart(f"Understudy is already running on {folder}.") from error
    return handle


def check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} can't be used ({error.strerror}). Choose another: make run PORT={port + 1000}"
            ) from error


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
