"""A file of JSON lines that a resumed training goes on with from where its checkpoint was."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any


class JsonLinesLog:
    """Lines that are appended. Where the disk is full they wait in memory for the next chance."""

    def __init__(self, path: Path, position: int = 0) -> None:
        """Open the file, and forget what was written after the position (bytes)."""
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        self._position = min(position, os.fstat(self._file.fileno()).st_size)
        self._file.truncate(self._position)
        self._waiting = b""

    def write(self, line: dict[str, Any]) -> None:
        self._waiting += json.dumps(line, ensure_ascii=False).encode() + b"\n"
        with contextlib.suppress(OSError):  # `position` raises it when a checkpoint needs the lines on the disk
            self._append()

    def position(self) -> int:
        """Return the length of what is on the disk, for certain. OSError where there is no room for all."""
        self._append()
        os.fsync(self._file.fileno())
        return self._position

    def go_back(self, step: int) -> None:
        """Forget the lines of later steps.

        They stay in the file until the next line is written, should the last checkpoint be gone back to before that.
        """
        self._file.seek(0)
        told = (self._file.read(self._position) + self._waiting).splitlines(keepends=True)
        kept = b"".join(line for line in told if json.loads(line)["step"] <= step)
        self._position = min(self._position, len(kept))
        self._waiting = kept[self._position :]

    def close(self) -> None:
        self._file.close()

    def _append(self) -> None:
        if self._waiting:
            self._file.truncate(self._position)  # before it is written, so that nobody reads the end of an old line
        self._file.seek(self._position)
        while self._waiting:
            written = self._file.write(self._waiting)
            self._position += written
            self._waiting = self._waiting[written:]
