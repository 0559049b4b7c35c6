"""Files that no row knows: found and reported first, removed when asked."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from webapp import files
from webapp.corpora.models import Corpus
from webapp.jobs.models import TERMINAL, Job
from webapp.studies.models import Study

_NUMBERED = re.compile(r"(corpora|studies)/(\d+)/")
_VERSION = re.compile(r"studies/\d+/(?:models|checkpoints)/[^/]+")


@dataclass(frozen=True)
class Orphan:
    """A stored tree, or a local folder, that nothing points to."""

    what: str
    key: str = ""
    path: Path | None = None

    def remove(self) -> None:
        if self.path is not None:
            shutil.rmtree(self.path, ignore_errors=True)
        else:
            files.delete_tree(self.key)


def find() -> list[Orphan]:
    """Return what no row points to. Files of a job under way are never among it."""
    return [*_without_row(), *_old_versions(), *_local_folders()]


def _without_row() -> Iterator[Orphan]:
    for kind, model in (("corpora", Corpus), ("studies", Study)):
        prefixes = {m[0].rstrip("/"): int(m[2]) for key in files.keys(kind) if (m := _NUMBERED.match(key))}
        known = set(model.objects.filter(pk__in=prefixes.values()).values_list("pk", flat=True))
        yield from (Orphan(f"{kind}: no row", key=prefix) for prefix, pk in sorted(prefixes.items()) if pk not in known)


def _old_versions() -> Iterator[Orphan]:
    """Models and checkpoints that a study doesn't point to, left by a worker that lost its lease."""
    for study in Study.objects.exclude(jobs__in=Job.objects.exclude(state__in=TERMINAL)):
        stored = {m[0] for key in files.keys(study.prefix) if (m := _VERSION.match(key))}
        for key in sorted(stored - {study.model_key, study.checkpoint_key}):
            yield Orphan("studies: no longer pointed to", key=key)


def _local_folders() -> Iterator[Orphan]:
    """Folders of trainings that are over, or whose study is gone, on this machine."""
    trainings = settings.WORK_DIR / "trainings"
    for folder in sorted(trainings.glob("*/*")):
        if folder.name.isdigit() and not Job.objects.filter(pk=folder.name).exclude(state__in=TERMINAL).exists():
            yield Orphan("work folder: its training is over", path=folder)
