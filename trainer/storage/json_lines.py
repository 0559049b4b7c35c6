"""A log of JSON lines, which a resumed training continues from the position in its checkpoint."""

import contextlib
import json
import os
from pathlib import Path
from typing import Any


class JsonLinesLog:
    """A file to which lines are appended. If the disk is full, they wait in memory and are written later."""

    def __init__(self, path: Path, position: int = 0) -> None:
        """Open the file, and delete what was written after the position (in bytes)."""
        self._file = path.open("r+b" if path.exists() else "w+b", buffering=0)
        self._position = min(position, os.fstat(self._file.fileno()).st_size)
        self._file.truncate(self._position)
        self._waiting = b""

    def write(self, line: dict[str, Any]) -> None:
        self._waiting += json.dumps(line, ensure_ascii=False).encode() + b"\n"
        with contextlib.suppress(OSError):  # `position` raises it later, when a checkpoint needs the lines on the disk
            self._append()

    def position(self) -> int:
        """Write all lines to the disk, and return the length of the file. Raises OSError if the disk is full."""
        self._append()
        os.fsync(self._file.fileno())
        return self._position

    def go_back(self, step: int) -> None:
        """Drop the lines of later steps.

        They stay in the file until the next line is written. If the process is killed before that, the training resumes
        from the last checkpoint, which still needs them.
        """
        self._file.seek(0)
        lines = (self._file.read(self._position) + self._waiting).splitlines(keepends=True)
        kept = b"".join(line for line in lines if json.loads(line)["step"] <= step)
        self._position = min(self._position, len(kept))
        self._waiting = kept[self._position :]

    def close(self) -> None:
        self._file.close()

    def _append(self) -> None:
        if self._waiting:
            self._file.truncate(self._position)  # before writing, so that no reader sees the end of an old line
        self._file.seek(self._position)
        while self._waiting:
            written = self._file.write(self._waiting)
            self._position += written
            self._waiting = self._waiting[written:]
