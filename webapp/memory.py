"""The memory of this machine: its size, and whether the kernel has killed a process because it ran out."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_MACHINE = Path("/proc/vmstat")
_COUNT_SECONDS = 10


class OomKillWatch:
    """A watch over the kernel's count of processes that it has killed for lack of memory.

    The present count is compared with one that is 10 to 20 seconds old, since some time passes between the kill of a
    trainer and the moment when its supervisor notices its end.
    """

    def __init__(self) -> None:
        self._counts = [oom_kills()]
        self._counted_at = time.monotonic()

    def look(self) -> None:
        """Count again when the last count is 10 seconds old."""
        if time.monotonic() - self._counted_at >= _COUNT_SECONDS:
            self._counted_at = time.monotonic()
            self._counts = [self._counts[-1], oom_kills()]

    def have_risen(self) -> bool:
        return oom_kills() > self._counts[0]


def oom_kills(own: Path = _OWN, cgroups: Path = _CGROUPS, machine: Path = _MACHINE) -> int:
    """Return how often the kernel has killed for lack of memory, in this control group and on the machine.

    Most kills of a control group are also in the machine's count, so some count twice. That does no harm: the callers
    only ask whether the number rises. Where the kernel has no such count, it is 0.
    """
    return sum(_count(path) for path in (*_of_control_group(own, cgroups), machine))


def machine_memory(own: Path = _OWN, cgroups: Path = _CGROUPS) -> int:
    """Return how many bytes of memory a process may use: all of the machine's, or less if a control group says so."""
    allowed = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for counter in _of_control_group(own, cgroups):
        groups = [group for group in counter.parents if group.is_relative_to(cgroups)]
        values = [_read(group / name).strip() for group in groups for name in ("memory.max", "memory.limit_in_bytes")]
        allowed += [int(value) for value in values if value.isdecimal()]
    return min(allowed)


def _of_control_group(own: Path, cgroups: Path) -> Iterator[Path]:
    """Yield the files that count the kills in this process's control group (version 2 or version 1)."""
    for line in _read(own).splitlines():
        _number, controllers, path = line.split(":", 2)
        if not controllers:
            yield cgroups / path.lstrip("/") / "memory.events"
        elif controllers == "memory":
            yield cgroups / "memory" / path.lstrip("/") / "memory.oom_control"


def _count(path: Path) -> int:
    for line in _read(path).splitlines():
        name, _, value = line.partition(" ")
        if name == "oom_kill" and value.isdecimal():
            return int(value)
    return 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
