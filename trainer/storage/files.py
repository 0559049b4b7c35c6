"""Atomic writing of files: a file is written under another name, flushed to the disk, and renamed."""

import hashlib
import os
from pathlib import Path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Wait until the content of a file or a folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: str | bytes) -> None:
    """Replace a file atomically. Raises OSError if the disk is full; then the old file is unchanged."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_bytes(data.encode() if isinstance(data, str) else data)
    flush(temporary)
    temporary.replace(path)
