"""One part on a leash: runs a command, and ends it and all its children when the launcher lets go or dies.

    python leash.py GRACE_SECONDS COMMAND…

Standard input is the leash. Its end, also by the launcher's own death, or the line "stop" asks the command to
stop (SIGTERM), and its process group is ended (SIGKILL) after the grace. The line "now" ends it at once. Standard
library only: a copy of this runs beside every part.
"""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import sys
import time

_PR_SET_PDEATHSIG = 1


def main() -> int:
    grace, command = float(sys.argv[1]), sys.argv[2:]
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    signal.signal(signal.SIGCHLD, lambda *_: None)  # wakes the select below
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=_in_child)
    ears, end_at = [wake_read, 0], None
    while child.poll() is None:
        timeout = None if end_at is None else max(0.0, end_at - time.monotonic())
        readable, _, _ = select.select(ears, [], [], timeout)
        if wake_read in readable:
            os.read(wake_read, 1024)
        words = os.read(0, 1024) if 0 in readable else None
        if words == b"":
            ears = [wake_read]
        if words is not None and b"now" not in words and end_at is None:
            child.terminate()
            end_at = time.monotonic() + grace
        elif (words and b"now" in words) or (end_at is not None and time.monotonic() >= end_at):
            _signal_group(child, signal.SIGKILL)
    _signal_group(child, signal.SIGKILL)  # what it left behind
    return child.returncode if child.returncode >= 0 else 128 - child.returncode


def _signal_group(child: "subprocess.Popen[bytes]", number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def _in_child() -> None:
    """Put the signals back; on Linux, end with the leash when that is killed."""
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD):
        signal.signal(name, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
