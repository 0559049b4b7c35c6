"""Trainers that start at once: `python -m trainer …`, forked from a process that has imported TensorFlow already.

Each is a process of its own, with its own streams, signals and exit code, and runs what `python -m trainer` runs. Only
the import is shared, which takes longer than most of what tests ask for. TensorFlow starts threads when it first
computes: the process that is forked has computed nothing, and has one thread.

Its streams are opened as Python opens them at its start: with PYTHONIOENCODING, and none where one is closed. What else
happens before the trainer's first line (the locale, limits that are set before it), tests ask of the real command.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import psutil

from tests.support import compiled_names
from trainer.contract.marks import normalised
from trainer.text.symbols import clusters

ROOT = Path(__file__).parents[2]
_IMPORTS = (  # the set-up first: TensorFlow reads its settings when it is imported
    *("trainer.engine.setup", "tensorflow", "trainer.training.loop", "trainer.generation.passages"),
    *("trainer.inspection.gates", "trainer.cli.main", "trainer.cli.serve"),
)
_LONGEST = 1 << 18  # bytes of a request: a command line and an environment
_MOST_STREAMS = 8


class WarmTrainer:
    """A running trainer, with what tests use of `subprocess.Popen`."""

    def __init__(
        self,
        arguments: Sequence[object],
        stdout: int,
        stderr: int = 2,
        closed: Sequence[int] = (),
        inherits: Sequence[int] = (),
        environment: Mapping[str, str] = os.environ,
        niceness: int = 0,
        leads: bool = False,
    ) -> None:
        """Start it. `stdout`, `stderr` and those that it `inherits` are file descriptors, which stay the caller's.

        `closed` are the numbers of the standard streams that are closed at its start. `leads`: whether it is the leader
        of a new process group.
        """
        self._report, its = socket.socketpair()
        read, write = os.pipe()
        self.stdin = os.fdopen(write, "w", encoding="utf-8")
        asked = {"arguments": [*map(str, arguments)], "closed": [*closed], "environment": dict(environment)}
        request = json.dumps({**asked, "niceness": niceness, "leads": leads}).encode()
        with its, os.fdopen(read) as stdin:
            socket.send_fds(_server(), [request], [stdin.fileno(), stdout, stderr, *inherits, its.fileno()])
        self._lines = self._report.makefile()
        self.pid = int(self._lines.readline())
        self.returncode: int | None = None

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def poll(self) -> int | None:
        """Return its exit code if it has ended."""
        if self.returncode is None and select.select([self._report], [], [], 0)[0]:
            self.wait()
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code, as `subprocess.Popen` does: negative where a signal ended it."""
        if self.returncode is None:
            if not select.select([self._report], [], [], timeout)[0]:
                raise subprocess.TimeoutExpired("python -m trainer", timeout or 0)
            self.returncode = int(self._lines.readline())
            with contextlib.suppress(BrokenPipeError):
                self.stdin.close()
            self._lines.close()
            self._report.close()
        return self.returncode


class OfWorker(WarmTrainer):
    """A trainer that a worker starts: what `webapp.workers.trainer_process` uses of `subprocess.Popen`."""

    _all: list["OfWorker"] = []

    def __init__(
        self, command: list[str], env: Mapping[str, str], stderr: IO[bytes], pass_fds: Sequence[int], **_: object
    ) -> None:
        begin = command.index("trainer") + 1
        niceness = int(command[2]) if command[0] == "nice" else 0
        read, write = os.pipe()
        self.command = " ".join(command)
        super().__init__(command[begin:], write, stderr.fileno(), (), pass_fds, env, niceness, leads=True)
        os.close(write)
        self.stdin = self.stdin.detach()  # type: ignore[assignment]  # bytes are written
        self.stdout = os.fdopen(read, "rb")
        self._all.append(self)

    @classmethod
    def running(cls, words: str) -> list[psutil.Process]:
        """Return the running ones whose command line holds the words."""
        return [psutil.Process(one.pid) for one in cls._all if words in one.command and one.poll() is None]


@functools.cache
def _server() -> socket.socket:
    """Start the process that others are forked from. It ends when the socket is closed, at this one's end."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        command = [sys.executable, "-m", "tests.support.warm_trainer", str(its.fileno())]
        given = {**os.environ, "OMP_NUM_THREADS": "1"}  # else numpy's library starts threads before any fork
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL, env=given)
    atexit.register(process.wait)
    atexit.register(ours.close)  # before that
    return ours


# In the process that others are forked from -----------------------------------------------------------------------


def _serve(requests: socket.socket) -> int:
    """Fork a trainer for each request. In each of them, return its exit code."""
    for name in _IMPORTS:
        importlib.import_module(name)
    compiled_names.make_steady()
    for _ in clusters(normalised("é")):  # the tables of characters take a third of a second
        pass
    assert psutil.Process().num_threads() == 1, "a fork has only the thread that forks"
    gc.freeze()  # what is there already is not looked through, and so not copied, in each of them
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, streams, _, _ = socket.recv_fds(requests, _LONGEST, _MOST_STREAMS)
        if not request:
            return 0
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            requests.close()
            asked = json.loads(request)
            _report_on_trainer(streams, asked.pop("niceness"), asked.pop("leads"))
            return _trainer(**asked)
        for stream in streams:
            os.close(stream)


def _report_on_trainer(streams: list[int], niceness: int, leads: bool) -> None:
    """Fork, and tell of the child: its number and, once it has ended, its exit code. Return in the child alone."""
    *its_own, report = streams
    child = os.fork()
    if child == 0:
        os.close(report)
        for number, stream in enumerate(its_own[:3]):
            os.dup2(stream, number)
            os.close(stream)
        os.nice(niceness)
        return
    for stream in (0, 1, 2, *its_own):
        os.close(stream)
    if leads:
        os.setpgid(child, child)  # before anybody knows its number, and could end its group
    os.write(report, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(BrokenPipeError):
        os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _trainer(arguments: list[str], closed: list[int], environment: dict[str, str]) -> int:
    """Do what `python -m trainer` does, on streams that were just put in place."""
    from trainer.cli.main import main
    from trainer.contract import console

    os.environ.clear()
    os.environ.update(environment)
    for number in closed:
        os.close(number)
    sys.stdin, sys.stdout, sys.stderr = (
        None if number in closed else _stream(number, mode, environment) for number, mode in enumerate("rww")
    )
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell runs the tests in the background
    console.end_at_interrupt()
    return console.run(lambda: main(arguments, time.perf_counter()))


def _stream(number: int, mode: str, environment: dict[str, str]) -> IO[Any]:
    """Open a standard stream as Python does at its start."""
    encoding, _, errors = environment.get("PYTHONIOENCODING", "").partition(":")
    errors = "backslashreplace" if number == 2 else errors or "strict"
    return open(number, mode, encoding=encoding or None, errors=errors)


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as requests:
        code = _serve(requests)
    sys.stdout.flush()
    os._exit(code)  # there is nothing to clean up that takes as long as cleaning up
