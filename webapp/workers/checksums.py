"""Checksums of stored files: the copy that a worker uses has to be the file that was stored."""

import hashlib
from pathlib import Path


class ArtifactProblem(Exception):
    """A file is missing, or is not what was written."""


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_sha256(path: Path, expected: str) -> None:
    """Raise ArtifactProblem when a file is not the one that was stored."""
    if sha256(path) != expected:
        raise ArtifactProblem(f"{path.name} is not the file that was stored: its SHA-256 differs.")
