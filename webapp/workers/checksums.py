"""Checksums of stored files: the copy that a worker uses has to be the file that was stored."""

from pathlib import Path

from webapp.files import sha256_of


class ArtifactProblem(Exception):
    """A file is missing, or is not what was written."""


def check_sha256(path: Path, expected: str) -> None:
    """Raise ArtifactProblem when a file is not the one that was stored."""
    if sha256_of(path) != expected:
        raise ArtifactProblem(f"{path.name} is not the file that was stored: its SHA-256 differs.")
