"""The confinement of the process that extracts: little memory and time, small files, no network where that is possible.

Files are made by strangers, and are read by libraries written in C. The limits bound what a harmful file can cost; the
process runs as the site's user and can read what that user can.
"""

import contextlib
import ctypes
import os
import resource
import signal
import sys

from webapp.extraction import limits

_PARENT_DEATH, _NO_NEW_PRIVILEGES = 1, 38  # of prctl(2)
_NEW_USERS, _NEW_NETWORK = 0x1000_0000, 0x4000_0000  # of unshare(2)
_NICENESS = 5


def confine() -> None:
    """Confine this process until it ends. What the system does not offer is left out."""
    for kind, most in (
        (resource.RLIMIT_DATA, limits.MEMORY_BYTES),
        (resource.RLIMIT_FSIZE, limits.ENTRY_BYTES),
        (resource.RLIMIT_NOFILE, limits.OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(OSError, ValueError):  # a lower limit is set already
            resource.setrlimit(kind, (most, most))
    with contextlib.suppress(OSError):
        os.nice(_NICENESS)
    if sys.platform == "linux":
        _confine_on_linux()


def _confine_on_linux() -> None:
    """End with the parent, gain no rights, and leave the network (as root, or in a name space of users)."""
    system = ctypes.CDLL(None)
    system.prctl(_PARENT_DEATH, signal.SIGKILL)
    system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if system.unshare(_NEW_NETWORK) != 0:
        system.unshare(_NEW_USERS | _NEW_NETWORK)


def allow_seconds(seconds: int) -> None:
    """Let this process use so many seconds of a processor from now on; after them the system ends it."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soft, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime) + 1 + seconds
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard < 0 else min(wanted, hard), hard))
