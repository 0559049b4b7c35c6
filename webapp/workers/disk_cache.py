"""A cache of files or folders on this machine's disk. The least recently used entries are removed first.

Any entry may be lost at any time, and is then made again. The workers of one machine share a cache.
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

_PARTIAL_SUFFIX = ".new"  # of the name of an entry that is being written or removed
_LONGEST_WRITE_SECONDS = 3600.0


@dataclass(frozen=True)
class DiskCache:
    """The entries of one kind. `weigh` returns how much of the `room` an entry takes."""

    name: str  # of the cache's folder inside the workers' folder
    room: int
    weigh: Callable[[Path], int]

    @property
    def folder(self) -> Path:
        return Path(settings.WORK_DIR) / self.name

    def entries(self) -> list[Path]:
        """Return what is in the folder, entries that are being written too: these have more after their names."""
        return list(self.folder.glob("*"))

    def find(self, key: str) -> Path | None:
        """Return an entry and note that it is used, or return None when there is none."""
        path = self.folder / key
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def add(self, key: str, write: Callable[[Path], object]) -> Path:
        """Let `write` make an entry, whole or not at all, and make room for it.

        Raises OSError, and whatever `write` raises.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        path, partial = self.folder / key, self._partial_path(key)
        try:
            write(partial)
            os.utime(partial)
            _put_in_place(partial, path)
        finally:
            _remove(partial)
        self._make_room()
        return path

    def _make_room(self) -> None:
        """Remove the least recently used entries, and the partial ones that a killed worker has left."""
        room = self.room
        entries = (path for path in self.folder.iterdir() if not _is_being_written(path))
        for path in sorted(entries, key=_used_at, reverse=True):
            with contextlib.suppress(FileNotFoundError):  # another worker was faster
                room -= self.weigh(path)
                if room < 0:
                    _remove(path.rename(self._partial_path(path.name)))  # so that no worker finds half of an entry

    def _partial_path(self, key: str) -> Path:
        return self.folder / f"{key}.{secrets.token_hex(4)}{_PARTIAL_SUFFIX}"


def _is_being_written(path: Path) -> bool:
    return path.suffix == _PARTIAL_SUFFIX and time.time() - _used_at(path) < _LONGEST_WRITE_SECONDS


def _put_in_place(partial: Path, path: Path) -> None:
    try:
        partial.replace(path)
    except OSError:  # a folder can't replace a folder: another worker has written the same entry meanwhile
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
