"""The rotation of the parts' logs: when one has grown too large, and when its part starts."""

import contextlib
import os
import shutil
from pathlib import Path

LARGEST_BYTES = 10_000_000
KEPT = 3  # older logs of each part; NAME.log.1 is the newest of them


def cut(folder: Path, largest: int = LARGEST_BYTES) -> None:
    """Copy each log that has grown too large, and empty it.

    Its writer need not reopen it: it appends, so it goes on at the beginning of the empty file. A line that is written
    after the copy and before the file is emptied is lost.
    """
    for log in folder.glob("*.log"):
        with contextlib.suppress(OSError):  # the disk is full, or the log was removed meanwhile
            if log.stat().st_size > largest:
                _make_room(log)
                shutil.copyfile(log, _older(log, 1))
                os.truncate(log, 0)


def put_away(log: Path) -> None:
    """Rename the old log, so that the part begins a new one."""
    if log.exists():
        _make_room(log)
        log.rename(_older(log, 1))


def _make_room(log: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            _older(log, number).rename(_older(log, number + 1))


def _older(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
