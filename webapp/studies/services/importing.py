"""The service that takes a model from a file that a site made (see `exporting`). It becomes a study without text.

Every file is checked before anything is kept, and nothing of the archive is run. Its script and its card are not read.
"""

import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from trainer.contract import manifest as manifests
from trainer.contract import score_file, vocabulary_file, weights_file
from trainer.contract.decoding import TextProblem
from trainer.contract.events import Started
from trainer.contract.layout import MANIFEST, RECIPE, SCORE, VOCABULARY, WEIGHTS
from trainer.contract.manifest import MODEL_FILES, Listed, Manifest, ManifestProblem
from trainer.contract.procedures import of_choices
from trainer.contract.recipe import Recipe, RecipeProblem
from trainer.contract.score_file import ScoreProblem
from trainer.contract.vocabulary_file import VocabularyProblem
from trainer.contract.weights_file import WeightsProblem
from webapp import files, names
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.extraction.packages import Budget, Package
from webapp.queue.models import Job, Kind, State
from webapp.studies import event_recorder, provenance
from webapp.studies.models import HistoryPoint, Sample, Study
from webapp.studies.provenance import Provenance, ProvenanceProblem

_MOST_BYTES = {MANIFEST: 100_000, RECIPE: 100_000, SCORE: 100_000, VOCABULARY: 20_000_000, provenance.FILE: 20_000_000}


class NotAModel(Exception):
    """A file that is no model, or not a whole one. The message is a sentence for the person who uploaded it."""


@dataclass(frozen=True)
class Found:
    """A model whose files are checked, in a folder."""

    folder: Path
    manifest: Manifest
    recipe: Recipe
    vocabulary: dict[str, Any]
    score: dict[str, Any] | None
    provenance: Provenance

    @property
    def bytes(self) -> int:
        return sum(path.stat().st_size for path in self.folder.iterdir())


def add_model(owner: User, archive: Path, name: str = "", submission: UUID | None = None) -> Study:
    """Make a study of a model's archive. Without a name it gets the one that the model had.

    When a form is sent twice, the second call returns the study of the first. Raises NotAModel, and LimitReached when
    its owner has no room for it.
    """
    submission = uuid5(submission, str(owner.pk)) if submission else None  # others may send the same file and number
    with tempfile.TemporaryDirectory(dir=settings.FILE_UPLOAD_TEMP_DIR) as folder:
        found = _unpacked(archive, Path(folder))
        study = _study(owner, found, name)
        study.submission = submission
        if same := _sent_before(owner, submission):
            return same
        limits.check_stored(owner, limits.limits_of(owner), found.bytes)
        study.kept_bytes = found.bytes
        place = files.fresh("texts")
        study.model_key = f"{place}/model"
        try:
            files.copy_tree_out(found.folder, study.model_key)  # before the transaction, as in `submission`
            _insert(study, found.provenance)
        except IntegrityError:
            files.delete_tree(place)
            if same := _sent_before(owner, submission):
                return same
            raise
        except Exception:
            files.delete_tree(place)
            raise
    return study


def _sent_before(owner: User, submission: UUID | None) -> Study | None:
    return Study.objects.filter(owner=owner, submission=submission).first() if submission else None


def _insert(study: Study, brought: Provenance) -> None:
    with transaction.atomic():
        limits.check_stored(study.owner, limits.lock(study.owner), study.kept_bytes)
        study.name = names.distinct(study.name, Study.objects.filter(owner=study.owner))
        study.save(force_insert=True)
        # Every study has a training. That of this one is over, and no worker of this site has seen it.
        Job.objects.create(
            owner=study.owner, kind=Kind.TRAIN, study=study, state=State.SUCCEEDED, finished=timezone.now()
        )
        for point in brought.points:
            point.study = study
        for sample in brought.samples:
            sample.study = study
        HistoryPoint.objects.bulk_create(brought.points)
        Sample.objects.bulk_create(brought.samples)
        Study.objects.filter(pk=study.pk).update(history_bytes=event_recorder.history_bytes(study.pk))


def _study(owner: User, found: Found, name: str) -> Study:
    recipe, about, step = found.recipe, found.provenance, found.manifest.step
    symbols = vocabulary_file.size(found.vocabulary)
    started = Started(
        step=0,
        recipe=json.loads(recipe.to_json()),
        vocabulary=symbols,
        parameters=weights_file.parameters(weights_file.shapes(recipe, symbols)),
        device="",
        characters=about.characters,
        steps=None,
    )
    return Study(
        owner=owner,
        name=name or about.name,
        uploaded=True,
        corpus_name=about.corpus,
        recipe=_choices(recipe),
        documents=[],
        characters=about.characters,
        learned_before=about.learned_before,
        started=started.to_json(),
        step=step,
        best_held_out=about.best,
        figures={"best_step": step, "score": found.score} if found.score else None,
        model_sha256=found.manifest.files[WEIGHTS].sha256,
        model_step=step,
    )


def _choices(recipe: Recipe) -> dict[str, Any]:
    """Return the choices that say what a model is: those that training it on another text has to keep."""
    chosen = {"recipe": recipe.recipe, "level": recipe.level, "cell": recipe.cell}
    return chosen | {name: True for name in ("lowercase", "voices") if getattr(recipe, name)}


# The files -------------------------------------------------------------------------------------------------------


def _unpacked(archive: Path, folder: Path) -> Found:
    """Unpack the files of a model into a folder, each checked. Raises NotAModel."""
    try:
        with Package(archive, Budget()) as package:
            return _checked(package, folder)
    except TextProblem:  # a damaged archive, or one that is made to be harmful
        raise NotAModel(
            _("This is not a model that was downloaded from a site, or it was not sent whole: download it once more.")
        ) from None
    except (ManifestProblem, RecipeProblem, VocabularyProblem, WeightsProblem, ScoreProblem, ProvenanceProblem) as why:
        raise NotAModel(
            _("The file of this model can’t be used. %(why)s Download it once more where it was trained.")
            % {"why": why}
        ) from None


def _checked(package: Package, folder: Path) -> Found:
    place = _folder_in(package)
    manifest = manifests.read(_read(package, place, MANIFEST))
    if provenance.FILE not in manifest.files:
        raise ManifestProblem("It was not downloaded from a site.")
    if manifest.step > provenance.MOST:
        raise ManifestProblem("No training has so many steps.")
    data = {name: _read(package, place, name, manifest) for name in (RECIPE, VOCABULARY, provenance.FILE)}
    recipe = _recipe(data[RECIPE])
    vocabulary = _vocabulary(data[VOCABULARY], recipe)
    about = provenance.read(data[provenance.FILE])
    score = None
    if SCORE in manifest.files:
        data[SCORE] = _read(package, place, SCORE, manifest)
        score = score_file.read(data[SCORE])
    _unpack_weights(package, place, manifest.files[WEIGHTS], folder / WEIGHTS)
    with (folder / WEIGHTS).open("rb") as file:
        weights_file.check(file, weights_file.shapes(recipe, vocabulary_file.size(vocabulary)))
    manifest = manifests.with_only(manifest, (*MODEL_FILES, SCORE))
    data[MANIFEST] = manifest.to_json().encode()
    for name in {MANIFEST, *manifest.files} - {WEIGHTS}:
        (folder / name).write_bytes(data[name])
    return Found(folder, manifest, recipe, vocabulary, score, about)


def _folder_in(package: Package) -> str:
    """Return the folder of the archive in which the model is, with a slash at its end; empty for none."""
    found = [name.removesuffix(MANIFEST) for name in package.names() if f"/{name}".endswith(f"/{MANIFEST}")]
    if not found:
        raise ManifestProblem("It has no model.json.")
    return min(found, key=len)


def _read(package: Package, place: str, name: str, manifest: Manifest | None = None) -> bytes:
    """Return a small file. Raises ManifestProblem unless it is the one that the manifest lists."""
    if package.size(place + name) > _MOST_BYTES[name]:
        raise ManifestProblem(f"{name} is too large.")
    data = package.read(place + name)
    if manifest and manifest.files[name] != Listed(len(data), files.sha256(data)):
        raise ManifestProblem(f"{name} is not the file that was downloaded.")
    return data


def _unpack_weights(package: Package, place: str, listed: Listed, path: Path) -> None:
    package.copy(place + WEIGHTS, path)
    if Listed(path.stat().st_size, files.sha256_of(path)) != listed:
        raise ManifestProblem(f"{WEIGHTS} is not the file that was downloaded.")


def _recipe(data: bytes) -> Recipe:
    try:
        recipe = Recipe.from_json(data.decode())
    except (UnicodeDecodeError, TypeError, RecursionError):
        raise RecipeProblem("The recipe is damaged.") from None
    if not vocabulary_file.are_text(recipe.voice_names):
        raise RecipeProblem("The recipe's voices have to be names.")
    if of_choices({"recipe": recipe.recipe}).name != recipe.procedure:
        raise RecipeProblem("The recipe names a procedure that is not its own.")
    return recipe


def _vocabulary(data: bytes, recipe: Recipe) -> dict[str, Any]:
    try:
        vocabulary = vocabulary_file.read(data.decode())
    except UnicodeDecodeError:
        raise VocabularyProblem("The vocabulary is damaged.") from None
    if vocabulary["level"] != recipe.level or not vocabulary["openings"] or not _is_text(vocabulary):
        raise VocabularyProblem("The vocabulary does not fit the recipe.")
    return vocabulary


def _is_text(vocabulary: dict[str, Any]) -> bool:
    return vocabulary_file.are_text((vocabulary["characters"], *vocabulary["longer"], *vocabulary["openings"]))
