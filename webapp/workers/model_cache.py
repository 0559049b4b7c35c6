"""The model cache: copies of stored models on this machine, for the process that writes passages."""

import json
from functools import partial
from pathlib import Path

from trainer.contract.layout import MANIFEST
from webapp import files
from webapp.studies.models import Study
from webapp.workers.checksums import ArtifactProblem, check_sha256
from webapp.workers.disk_cache import DiskCache

CACHE = DiskCache("models", room=8, weigh=lambda model: 1)
_TRIES = 5


def local_model(study: Study) -> tuple[Path, str]:
    """Return a local folder with the study's model, and the SHA-256 of its weights.

    A training may replace the model while its files are copied: then the new model is copied. Raises OSError when the
    storage is away, ArtifactProblem when the files are missing there, or are not what was stored.
    """
    for _ in range(_TRIES):
        study.refresh_from_db(fields=["model_key", "model_sha256"])
        key = study.model_key
        try:
            folder = CACHE.find(name(key)) or CACHE.add(name(key), partial(_copy_in, key))
        except FileNotFoundError:
            continue
        return folder, study.model_sha256
    raise ArtifactProblem("The model's files are not in the storage.")


def name(model_key: str) -> str:
    """Return the name of a stored model in the cache."""
    return model_key.replace("/", "-")


def study_of(name: str) -> str:
    """Return the number of the study whose model has this name in the cache."""
    return name.split("-")[1] if "-" in name else ""


def _copy_in(key: str, folder: Path) -> None:
    files.copy_tree_in(key, folder)
    manifest = json.loads((folder / MANIFEST).read_text())
    for file, expected in manifest["files"].items():
        check_sha256(folder / file, expected["sha256"])
