"""Orphans: stored and local files that no row points to. They are listed first, and removed on request."""

import contextlib
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils import timezone

from webapp import files
from webapp.corpora.models import Corpus, Document, Extraction
from webapp.corpora.services import DOCUMENTS, UPLOADS
from webapp.inside.models import Look
from webapp.queue.models import TERMINAL, Job
from webapp.studies.models import Study
from webapp.workers import model_cache, text_indexes

_NUMBERED = re.compile(r"(corpora|studies)/(\d+)/")
_LOOK = re.compile(r"studies/\d+/inside/[^/]+")
_VERSION = re.compile(r"studies/\d+/(?:models|checkpoints)/[^/]+")
_OF_TEXTS = ("documents", "learned_before", "base_key", "model_key", "uploaded")
_YOUNG = timedelta(hours=1)  # the row of a younger file may not be written yet


@dataclass(frozen=True)
class Orphan:
    """A stored folder, or a local folder or file, that no row points to. `is_one` checks this once more."""

    what: str
    is_one: Callable[[], bool]
    key: str = ""
    path: Path | None = None

    def remove(self) -> None:
        """Remove it, unless a row points to it by now."""
        if not self.is_one():
            return
        if self.path is None:
            files.delete_tree(self.key)
        elif self.path.is_dir():
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                self.path.unlink()


def find() -> list[Orphan]:
    """Return the orphans. The files of a job that is not over are never among them."""
    stored = [*_without_row(), *_documents(), *_uploads(), *_texts(), *_old_versions(), *_looks()]
    local = [*_local_folders(), *local_copies()]
    return [orphan for orphan in [*stored, *local] if orphan.is_one()]


def _without_row() -> Iterator[Orphan]:
    for kind, model in (("corpora", Corpus), ("studies", Study)):
        prefixes = {m[0].rstrip("/"): int(m[2]) for key in files.keys(kind) if (m := _NUMBERED.match(key))}
        for prefix, pk in sorted(prefixes.items()):

            def is_one(model: type[Corpus | Study] = model, prefix: str = prefix, pk: int = pk) -> bool:
                return not model.objects.filter(pk=pk).exists() and not _is_young(prefix)

            yield Orphan(f"{kind}: no row", is_one, key=prefix)


def _texts() -> Iterator[Orphan]:
    """Frozen texts that no study has: the submission that stored them was broken off."""
    for folder in sorted({"/".join(key.split("/")[:2]) for key in files.keys("texts")}):

        def is_one(folder: str = folder) -> bool:
            known = (study.text_folders for study in Study.objects.only(*_OF_TEXTS))
            return not any(folder in folders for folders in known) and not _is_young(folder)

        yield Orphan("texts: no study has them", is_one, key=folder)


def _documents() -> Iterator[Orphan]:
    """Texts that no document has: the upload that stored them was broken off."""
    for folder in sorted({"/".join(key.split("/")[:2]) for key in files.keys(DOCUMENTS)}):

        def is_one(folder: str = folder) -> bool:
            return not Document.objects.filter(key__startswith=f"{folder}/").exists() and not _is_young(folder)

        yield Orphan("documents: no corpus has them", is_one, key=folder)


def _uploads() -> Iterator[Orphan]:
    """Uploads that no extraction has: they were broken off, or their account was deleted while the storage was away."""
    for folder in sorted({"/".join(key.split("/")[:2]) for key in files.keys(UPLOADS)}):

        def is_one(folder: str = folder) -> bool:
            return not Extraction.objects.filter(prefix=folder).exists() and not _is_young(folder)

        yield Orphan("uploads: no extraction has them", is_one, key=folder)


def _is_young(prefix: str) -> bool:
    newest = max((default_storage.get_modified_time(key) for key in files.keys(prefix)), default=None)
    return newest is not None and timezone.now() - newest < _YOUNG


def _old_versions() -> Iterator[Orphan]:
    """Models and checkpoints that their study does not use: a worker that lost its lease has left them."""
    for study in Study.objects.only("pk"):
        stored = {m[0] for key in files.keys(study.prefix) if (m := _VERSION.match(key))}
        for key in sorted(stored):

            def is_one(pk: int = study.pk, key: str = key) -> bool:
                unfinished = Job.objects.exclude(state__in=TERMINAL).filter(study=pk)
                row = Study.objects.filter(pk=pk).exclude(pk__in=unfinished.values("study"))
                return row.exclude(model_key=key).exclude(checkpoint_key=key).exists()

            yield Orphan("studies: no longer pointed to", is_one, key=key)


def _looks() -> Iterator[Orphan]:
    """Arrays that no look points to: a worker that lost its lease has left them, or a deletion was broken off."""
    stored = {m[0] for key in files.keys("studies") if (m := _LOOK.match(key))}
    for folder in sorted(stored):

        def is_one(folder: str = folder) -> bool:
            return not Look.objects.filter(key__startswith=f"{folder}/").exists() and not _is_young(folder)

        yield Orphan("looks: no row has them", is_one, key=folder)


def _local_folders() -> Iterator[Orphan]:
    """Folders, on this machine, of trainings that are over or whose study is deleted."""
    trainings = settings.WORK_DIR / "trainings"
    for folder in sorted(path for path in trainings.glob("*/*") if path.name.isdigit()):

        def is_one(job: str = folder.name) -> bool:
            return not Job.objects.filter(pk=job).exclude(state__in=TERMINAL).exists()

        yield Orphan("work folder: its training is over", is_one, path=folder)


def _broken_off() -> Iterator[Orphan]:
    """Files and folders, on this machine, of uploads and of requests whose process was killed."""
    uploads, attempts = Path(settings.FILE_UPLOAD_TEMP_DIR), Path(settings.WORK_DIR) / "attempts"
    for path in sorted([*uploads.glob("*"), *attempts.glob("*")]):

        def is_one(path: Path = path) -> bool:
            return not _was_used_lately(path)

        yield Orphan("work folder: its upload or request was broken off", is_one, path=path)


def local_copies() -> Iterator[Orphan]:
    """Cached models and text indexes on this machine that no study has any more; uploads and requests broken off."""
    yield from _broken_off()

    def models() -> set[str]:
        return {model_cache.name(key) for key in Study.objects.values_list("model_key", flat=True)}

    def indexes() -> set[str]:
        return {text_indexes.name(study) for study in Study.objects.only("documents", "learned_before", "recipe")}

    for cache, known in ((model_cache.CACHE, models), (text_indexes.CACHE, indexes)):
        for path in sorted(cache.folder.glob("*")):

            def is_one(path: Path = path, known: Callable[[], set[str]] = known) -> bool:
                return not _was_used_lately(path) and path.name not in known()

            yield Orphan(f"work folder: no study has this of {cache.name}", is_one, path=path)


def _was_used_lately(path: Path) -> bool:
    with contextlib.suppress(OSError):  # another worker has removed it meanwhile
        return time.time() - path.stat().st_mtime < _YOUNG.total_seconds()
    return True
