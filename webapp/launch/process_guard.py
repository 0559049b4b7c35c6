"""The guard of one part, which runs a command, and ends it with all its processes on request or with the launcher.

    python process_guard.py GRACE_SECONDS COMMAND…

The launcher writes requests to the guard's standard input. The line "stop" asks the command to stop (SIGTERM), and
after GRACE_SECONDS its process group is killed (SIGKILL). The end of the input means "stop" too: it comes when the
launcher dies. The line "now" kills the process group at once. On Linux, processes that the command has started in other
process groups become children of the guard when the command ends: those that don't end by themselves are killed too.
The guard uses the standard library only, to stay small, since one guard runs for every part.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

_ORPHANS_SECONDS = 10.0  # a trainer whose supervisor died stops by itself within 9 s
_KILL_AGAIN_SECONDS = 0.1
_PR_SET_PDEATHSIG, _PR_SET_CHILD_SUBREAPER = 1, 36
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ProcessGuard:
    """The guard of one command. It waits for requests ("stop", "now") and for the ends of its children."""

    def __init__(self, grace: float) -> None:
        self._grace = grace
        self._hurry = False
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        reader, writer = os.pipe()
        os.set_blocking(writer, False)
        signal.set_wakeup_fd(writer)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # with a handler, the end of a child ends a wait
        self._inputs = [reader, sys.stdin.fileno()]
        _prctl(_PR_SET_CHILD_SUBREAPER, 1)

    def run(self, command: list[str]) -> int:
        """Run the command until it and all its processes have ended. Return its exit code as a shell does."""
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_in_child)
        self._wait_for_command(child)
        _kill_group(child.pid)
        self._end_orphans(child)
        return child.returncode if child.returncode >= 0 else 128 - child.returncode

    def _wait_for_command(self, child: "subprocess.Popen[bytes]") -> None:
        end_at = None
        while _reap(child) and child.returncode is None:
            must_stop = self._wait(end_at)
            if self._hurry or (end_at is not None and time.monotonic() >= end_at):
                _kill_group(child.pid)
                end_at = time.monotonic() + _KILL_AGAIN_SECONDS
            elif must_stop and end_at is None:
                child.terminate()
                end_at = time.monotonic() + self._grace

    def _end_orphans(self, child: "subprocess.Popen[bytes]") -> None:
        end_at = time.monotonic() + _ORPHANS_SECONDS
        while _reap(child):
            if self._hurry or time.monotonic() >= end_at:
                for orphan in _children():
                    os.kill(orphan, signal.SIGKILL)
                end_at = time.monotonic() + _KILL_AGAIN_SECONDS
            self._wait(end_at)

    def _wait(self, end_at: float | None) -> bool:
        """Wait until there is a request or a child's end, or time is up. Return whether the command is to stop."""
        timeout = None if end_at is None else max(0.0, end_at - time.monotonic())
        readable, _, _ = select.select(self._inputs, [], [], timeout)
        if self._inputs[0] in readable:
            os.read(self._inputs[0], 4096)
        if self._inputs[-1] not in readable or len(self._inputs) == 1:
            return False
        request = os.read(self._inputs[-1], 4096)
        if not request:
            del self._inputs[-1]
        self._hurry |= b"now" in request
        return True


def _reap(child: "subprocess.Popen[bytes]") -> bool:
    """Reap the children that have ended: the command and the orphans. Return whether any child is left."""
    with contextlib.suppress(ChildProcessError):
        while (ended := os.waitpid(-1, os.WNOHANG)) != (0, 0):
            if ended[0] == child.pid:
                child.returncode = os.waitstatus_to_exitcode(ended[1])
        return True
    return False


def _children() -> Iterator[int]:
    """Yield the children of this process. Only Linux lists them."""
    own = os.getpid()
    with contextlib.suppress(OSError):
        yield from map(int, Path(f"/proc/{own}/task/{own}/children").read_text().split())


def _kill_group(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _in_child() -> None:
    """Restore the signals' default handlers, and let the command end when its guard dies."""
    for number in (*_SIGNALS, signal.SIGCHLD):
        signal.signal(number, signal.SIG_DFL)
    end_with_parent()


def end_with_parent() -> None:
    """Let the kernel ask this process to stop when its parent dies. Linux only."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(ProcessGuard(float(sys.argv[1])).run(sys.argv[2:]))
