"""Checksums of stored files: what a worker brings has to be what was stored."""

import hashlib
from pathlib import Path


class ArtifactProblem(Exception):
    """Files that are not what they were when they were written."""


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_sha256(path: Path, expected: str) -> None:
    """Raise ArtifactProblem where a file is not the one that was stored."""
    if sha256(path) != expected:
        raise ArtifactProblem(f"{path.name} is not the file that was stored: its SHA-256 differs.")
