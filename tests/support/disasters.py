"""What happens to machines, made to happen: a disk that fills, a clock that jumps, memory that runs out.

python -m tests.support.disasters     # says what of it can't be made to happen here, and why; exit code 1 then
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextlib.contextmanager
def small_disk(folder: Path, megabytes: int = 24) -> Iterator[Path]:
    """Mount a small file system of its own at `folder`. Needs root, on Linux."""
    folder.mkdir(parents=True)
    _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "understudy-test", str(folder))
    try:
        yield folder
    finally:
        _run("umount", "--lazy", str(folder))


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """Fill the disk that `folder` is on, to the last byte."""
    filler = folder / "filler"
    try:
        for size in (1 << 20, 4096):
            with contextlib.suppress(OSError), filler.open("ab", buffering=0) as file:
                while True:
                    file.write(bytes(size))
        yield
    finally:
        filler.unlink()


@contextlib.contextmanager
def little_memory(limit: int) -> Iterator[Callable[[int], None]]:
    """Make a control group that may use so many bytes; give what puts a process into it. Needs root, on Linux."""
    group = _control_group() / f"understudy-test-{os.getpid()}"
    group.mkdir()
    name = "memory.max" if (group / "memory.max").exists() else "memory.limit_in_bytes"
    (group / name).write_text(str(limit))
    try:
        yield lambda pid: _move(pid, group)
    finally:
        for pid in (group / "cgroup.procs").read_text().split():
            _move(int(pid), group.parent)
        group.rmdir()


def _control_group() -> Path:
    """The group that limits this process's memory, of version 2 or 1."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _number, controllers, path = line.split(":", 2)
        if controllers == "memory":
            return Path("/sys/fs/cgroup/memory") / path.lstrip("/")
    return Path("/sys/fs/cgroup") / path.lstrip("/")


def _move(pid: int, group: Path) -> None:
    (group / "cgroup.procs").write_text(str(pid))


class Clock:
    """The clock of some processes, which can be set while they run. Their monotonic clock stays true.

    Needs a C compiler, on Linux: nothing else sets the clock of some processes only.
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "clock-shift"
        self._library = folder / "clock.so"
        self.step(0)
        source = Path(__file__).with_name("clock.c")
        _run("cc", "-shared", "-fPIC", "-O2", "-o", str(self._library), str(source))

    @property
    def environment(self) -> dict[str, str]:
        return {"LD_PRELOAD": str(self._library), "UNDERSTUDY_CLOCK_SHIFT": str(self._file)}

    def step(self, seconds: int) -> None:
        """Set the clock so far from the true time."""
        with self._file.open("r+b" if self._file.exists() else "w+b", buffering=0) as file:
            file.write(seconds.to_bytes(8, sys.byteorder, signed=True))


def why_not() -> str:
    """Try each, and return what is in the way, or nothing."""
    try:
        with tempfile.TemporaryDirectory() as name, small_disk(Path(name) / "disk"), little_memory(1 << 30):
            Clock(Path(name))
    except (OSError, subprocess.CalledProcessError) as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(why_not() or 0)
