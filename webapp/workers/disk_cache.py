"""A cache on this machine's disk: files or folders by key. What was used longest ago makes room for what is new.

Any entry may be lost at any time: whoever uses it makes it again. Workers on the same machine share a cache.
"""

import contextlib
import os
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

_HALF = ".new"  # ends the name of what is being written, or removed
_LONGEST_WRITE_SECONDS = 3600.0


@dataclass(frozen=True)
class DiskCache:
    """The entries of one kind. `weigh` says how much of the `room` an entry takes."""

    name: str  # of its folder, in the workers' folder
    room: int
    weigh: Callable[[Path], int]

    @property
    def folder(self) -> Path:
        return Path(settings.WORK_DIR) / self.name

    def find(self, key: str) -> Path | None:
        """Return an entry, and note that it is used; None where there is none."""
        path = self.folder / key
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def add(self, key: str, write: Callable[[Path], object]) -> Path:
        """Have an entry written, whole or not at all, and make room for it. Raises OSError, and what `write` raises."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path, partial = self.folder / key, self._beside(key)
        try:
            write(partial)
            os.utime(partial)
            _put_in_place(partial, path)
        finally:
            _remove(partial)
        self._make_room()
        return path

    def _make_room(self) -> None:
        """Remove what was used longest ago, and what a killed worker left half written."""
        room = self.room
        entries = (path for path in self.folder.iterdir() if not _is_being_written(path))
        for path in sorted(entries, key=_used_at, reverse=True):
            with contextlib.suppress(FileNotFoundError):  # another worker was faster
                room -= self.weigh(path)
                if room < 0:
                    _remove(path.rename(self._beside(path.name)))  # at once for others: never half of it

    def _beside(self, key: str) -> Path:
        return self.folder / f"{key}.{secrets.token_hex(4)}{_HALF}"


def _is_being_written(path: Path) -> bool:
    return path.suffix == _HALF and time.time() - _used_at(path) < _LONGEST_WRITE_SECONDS


def _put_in_place(partial: Path, path: Path) -> None:
    try:
        partial.replace(path)
    except OSError:  # a folder takes no other's place: another worker was faster
        if not path.is_dir():
            raise


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def _used_at(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return 0.0
