"""Rotation of the parts' logs: cut by size while their writers go on, and put away when a part starts."""

import contextlib
import os
import shutil
from pathlib import Path

LARGEST_BYTES = 10_000_000
KEPT = 3  # older ones beside each: NAME.log.1 is the newest of them


def cut(folder: Path, largest: int = LARGEST_BYTES) -> None:
    """Put away what the logs of the folder hold where one has grown too large.

    Every writer appends, so that it goes on at the new beginning. A line that is written between copying and cutting
    is lost.
    """
    for log in folder.glob("*.log"):
        with contextlib.suppress(OSError):  # the disk is full, or the log has just gone
            if log.stat().st_size > largest:
                _make_room(log)
                shutil.copyfile(log, _older(log, 1))
                os.truncate(log, 0)


def put_away(log: Path) -> None:
    """Begin a new log, and keep the old one."""
    if log.exists():
        _make_room(log)
        log.rename(_older(log, 1))


def _make_room(log: Path) -> None:
    for number in range(KEPT - 1, 0, -1):
        with contextlib.suppress(FileNotFoundError):
            _older(log, number).rename(_older(log, number + 1))


def _older(log: Path, number: int) -> Path:
    return log.with_name(f"{log.name}.{number}")
