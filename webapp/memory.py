"""Memory of this machine: how much there is, and whether the kernel ended a process because it ran out."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_MACHINE = Path("/proc/vmstat")
_COUNT_SECONDS = 10


class OomKillWatch:
    """Whether the kernel has ended processes for want of memory a moment ago.

    The count that it compares with is some seconds old: a trainer that was killed takes a while to be gone.
    """

    def __init__(self) -> None:
        self._counts = [oom_kills()]
        self._counted_at = time.monotonic()

    def look(self) -> None:
        """Count, where the last count is some seconds old."""
        if time.monotonic() - self._counted_at >= _COUNT_SECONDS:
            self._counted_at = time.monotonic()
            self._counts = [self._counts[-1], oom_kills()]

    def have_risen(self) -> bool:
        return oom_kills() > self._counts[0]


def oom_kills(own: Path = _OWN, cgroups: Path = _CGROUPS, machine: Path = _MACHINE) -> int:
    """Return how many processes were ended for want of memory, here and on the machine; 0 where nothing tells.

    The number only has to rise: a control group's kills are counted in its own file, and most also in the machine's.
    """
    return sum(_count(path) for path in (*_of_control_group(own, cgroups), machine))


def machine_memory(own: Path = _OWN, cgroups: Path = _CGROUPS) -> int:
    """Return how many bytes a process may have here: the machine's, or what its control groups allow."""
    allowed = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    for counter in _of_control_group(own, cgroups):
        groups = [group for group in counter.parents if group.is_relative_to(cgroups)]
        values = [_read(group / name).strip() for group in groups for name in ("memory.max", "memory.limit_in_bytes")]
        allowed += [int(value) for value in values if value.isdecimal()]
    return min(allowed)


def _of_control_group(own: Path, cgroups: Path) -> Iterator[Path]:
    """The files that count the kills of this process's control group: version 2's, or version 1's."""
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
