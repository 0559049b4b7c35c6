"""The service that packs a model into one file, with all that is needed to use it elsewhere."""

import contextlib
import hashlib
import tempfile
import zipfile
from pathlib import Path
from typing import IO

from django.conf import settings
from django.utils.text import slugify

from trainer.contract import manifest as manifests
from trainer.contract.layout import MANIFEST, RECIPE, SCORE, WEIGHTS
from trainer.contract.manifest import MODEL_FILES, Listed, ManifestProblem
from trainer.contract.recipe import Recipe, RecipeProblem
from webapp import files
from webapp.files import OutOfReach
from webapp.studies import model_card, portable, provenance
from webapp.studies.models import Study

_TRIES = 5
_CHUNK = 1 << 20
_SCRIPT = Path(portable.__file__).with_name("generate.py")


def file_name(study: Study) -> str:
    """Return the name of the folder in a study's archive; with .zip it is the name of the archive."""
    return slugify(study.name)[:80] or f"model-{study.pk}"


def pack(study: Study) -> IO[bytes]:
    """Return a temporary file with a study's model as a ZIP archive. The caller closes it.

    A training may replace the model while its files are read: then the new model is packed. Raises OutOfReach when the
    files can't be read, or are not those that were stored.
    """
    problem: Exception | None = None
    for _ in range(_TRIES):
        study.refresh_from_db()
        with contextlib.ExitStack() as stack:
            target = stack.enter_context(tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR))
            try:
                _pack(study, target)
            except (OutOfReach, ManifestProblem, RecipeProblem) as found:
                problem = found
                continue
            stack.pop_all()  # it stays open
            target.seek(0)
            return target
    raise OutOfReach(f"{study.model_key}: {problem}") from problem


def _pack(study: Study, target: IO[bytes]) -> None:
    folder = file_name(study)
    manifest = manifests.read(files.read(f"{study.model_key}/{MANIFEST}"))
    manifest = manifests.with_only(manifest, (*MODEL_FILES, SCORE))
    recipe = Recipe.from_json(files.read(f"{study.model_key}/{RECIPE}").decode())
    about = provenance.of(study)
    written = {
        "README.md": model_card.of(study, recipe, folder).encode(),
        _SCRIPT.name: _SCRIPT.read_bytes(),
        provenance.FILE: about,
        MANIFEST: manifests.with_file(manifest, provenance.FILE, about).to_json().encode(),
    }
    with zipfile.ZipFile(target, "w") as archive:
        for name, listed in manifest.files.items():
            _add_stored(archive, f"{folder}/{name}", f"{study.model_key}/{name}", listed)
        for name, data in written.items():
            archive.writestr(_entry(f"{folder}/{name}"), data)


def _add_stored(archive: zipfile.ZipFile, name: str, key: str, listed: Listed) -> None:
    """Add a stored file. Raises OutOfReach unless it is the one that the manifest lists."""
    digest, size = hashlib.sha256(), 0
    with files.opened(key) as source, archive.open(_entry(name), "w") as entry:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            entry.write(chunk)
    if Listed(size, digest.hexdigest()) != listed:
        raise OutOfReach(f"{key} is not the file that was stored")


def _entry(name: str) -> zipfile.ZipInfo:
    """Return an entry with a fixed date, so that the same model gives the same archive. Weights can't be compressed."""
    entry = zipfile.ZipInfo(name)
    entry.compress_type = zipfile.ZIP_STORED if name.endswith(WEIGHTS) else zipfile.ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry
