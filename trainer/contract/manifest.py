"""The manifest of a model directory, model.json: the step of the weights, and the sizes and SHA-256 of its files."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any, NamedTuple

from trainer.contract.layout import RECIPE, VOCABULARY, WEIGHTS

MODEL_FILES = (RECIPE, VOCABULARY, WEIGHTS)
_FORMAT = 1
_SHA256 = re.compile("[0-9a-f]{64}")


class ManifestProblem(ValueError):
    """A file that is not a valid manifest."""


class Listed(NamedTuple):
    """What a manifest says of one file."""

    bytes: int
    sha256: str


class Manifest(NamedTuple):
    """The content of a manifest."""

    step: int
    files: dict[str, Listed]

    def to_json(self) -> str:
        files = {name: listed._asdict() for name, listed in self.files.items()}
        return json.dumps({"format": _FORMAT, "step": self.step, "files": files}, indent=1) + "\n"


def read(data: bytes) -> Manifest:
    """Return the manifest that a file holds. Raises ManifestProblem unless it names all files of a model."""
    try:
        content = json.loads(data)
        files = {name: Listed(file["bytes"], file["sha256"]) for name, file in content["files"].items()}
        manifest = Manifest(content["step"], files)
        sound = content["format"] == _FORMAT and _is_sound(manifest)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        sound = False
    if not sound:
        raise ManifestProblem("The manifest is damaged.")
    return manifest


def _is_sound(manifest: Manifest) -> bool:
    return (
        _is_count(manifest.step)
        and set(MODEL_FILES) <= set(manifest.files)
        and all(_is_count(file.bytes) and _SHA256.fullmatch(file.sha256) for file in manifest.files.values())
    )


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def with_file(manifest: Manifest, name: str, data: bytes) -> Manifest:
    """Return the manifest with one more file."""
    listed = Listed(len(data), hashlib.sha256(data).hexdigest())
    return manifest._replace(files={**manifest.files, name: listed})


def with_only(manifest: Manifest, names: Iterable[str]) -> Manifest:
    """Return the manifest with those of these files that it has."""
    return manifest._replace(files={name: manifest.files[name] for name in names if name in manifest.files})
