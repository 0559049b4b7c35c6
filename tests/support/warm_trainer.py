"""Trainers that start at once: `python -m trainer …`, forked from a process that has imported TensorFlow already.

Each is a process of its own, with its own streams, signals and exit code, and runs what `python -m trainer` runs. Only
the import is shared, which takes longer than most of what tests ask for. Its streams are opened as Python opens them at
its start: with PYTHONIOENCODING, and none where one is closed. What else happens before the trainer's first line (the
locale, limits that are set before it), tests ask of the real command.
"""

import atexit
import contextlib
import functools
import gc
import importlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

ROOT = Path(__file__).parents[2]
_IMPORTS = (  # the set-up first: TensorFlow reads its settings when it is imported
    *("trainer.engine.setup", "tensorflow", "trainer.training.loop", "trainer.generation.passages"),
    *("trainer.generation.inspection", "trainer.cli.main", "trainer.cli.serve"),
)
_LONGEST = 1 << 18  # bytes of an order: a command line and an environment


class WarmTrainer:
    """A running trainer, with what tests use of `subprocess.Popen`."""

    def __init__(self, arguments: Sequence[object], stdout: int, stderr: int = 2, closed: Sequence[int] = ()) -> None:
        """Start it. `stdout` and `stderr` are file descriptors, which stay the caller's.

        `closed` are the numbers of the standard streams that are closed at its start.
        """
        self._report, its = socket.socketpair()
        read, write = os.pipe()
        self.stdin = os.fdopen(write, "w", encoding="utf-8")
        asked = {"arguments": [*map(str, arguments)], "closed": [*closed], "environment": dict(os.environ)}
        order = json.dumps(asked).encode()
        with its, os.fdopen(read) as stdin:
            socket.send_fds(_server(), [order], [stdin.fileno(), stdout, stderr, its.fileno()])
        self._lines = self._report.makefile()
        self.pid = int(self._lines.readline())
        self.returncode: int | None = None

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float) -> int:
        """Return its exit code, as `subprocess.Popen` does: negative where a signal ended it."""
        if self.returncode is None:
            self._report.settimeout(timeout)
            self.returncode = int(self._lines.readline())
            with contextlib.suppress(BrokenPipeError):
                self.stdin.close()
            self._lines.close()
            self._report.close()
        return self.returncode


@functools.cache
def _server() -> socket.socket:
    """Start the process that others are forked from. It ends when the socket is closed, at this one's end."""
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        command = [sys.executable, "-m", "tests.support.warm_trainer", str(its.fileno())]
        process = subprocess.Popen(command, cwd=ROOT, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL)
    atexit.register(process.wait)
    atexit.register(ours.close)  # before that
    return ours


# In the process that others are forked from -----------------------------------------------------------------------


def _serve(orders: socket.socket) -> int:
    """Fork a trainer for each order. In each of them, return its exit code."""
    for name in _IMPORTS:
        importlib.import_module(name)
    gc.freeze()  # what is there already is not looked through, and so not copied, in each of them
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        order, streams, _, _ = socket.recv_fds(orders, _LONGEST, 4)
        if not order:
            return 0
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            orders.close()
            _report_on_trainer(streams)
            return _trainer(**json.loads(order))
        for stream in streams:
            os.close(stream)


def _report_on_trainer(streams: list[int]) -> None:
    """Fork, and tell of the child: its number and, once it has ended, its exit code. Return in the child alone."""
    *standard, report = streams
    child = os.fork()
    if child == 0:
        os.close(report)
        for number, stream in enumerate(standard):
            os.dup2(stream, number)
            os.close(stream)
        return
    for stream in (0, 1, 2, *standard):
        os.close(stream)
    os.write(report, f"{child}\n".encode())
    _, status = os.waitpid(child, 0)
    with contextlib.suppress(BrokenPipeError):
        os.write(report, f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def _trainer(arguments: list[str], closed: list[int], environment: dict[str, str]) -> int:
    """Do what `python -m trainer` does, on streams that were just put in place."""
    from trainer.cli.main import main
    from trainer.contract import console

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
    with socket.socket(fileno=int(sys.argv[1])) as orders:
        code = _serve(orders)
    sys.stdout.flush()
    os._exit(code)  # there is nothing to clean up that takes as long as cleaning up
