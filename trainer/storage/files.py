"""Files that are whole or not there: written under another name, flushed to the disk, renamed."""

import hashlib
import os
from pathlib import Path


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def flush(path: Path) -> None:
    """Return when a file's or a folder's content is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_whole(path: Path, data: str | bytes) -> None:
    """Replace a file atomically. OSError where there is no room; then the old one is still there."""
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data.encode() if isinstance(data, str) else data)
    flush(beside)
    beside.replace(path)
