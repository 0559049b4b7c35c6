"""The erasure, on this machine, of what is left of deleted models: copies, text indexes, folders of trainings.

Every process that keeps such things calls `erase_deleted` again and again. It costs one query unless a model came or
went since the last call. The row of a study goes when all its jobs are over, so nobody uses what is erased here.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Count, Max

from webapp.studies.models import Study
from webapp.workers import model_cache, text_indexes

_seen: dict[str, int | None] | None = None


def erase_deleted() -> bool:
    """Erase what is left of deleted models. Return whether it had to be looked for."""
    global _seen
    now = Study.objects.aggregate(n=Count("pk"), last=Max("pk"))
    if now == _seen:
        return False
    for path in leftovers():
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    _seen = now
    return True


def leftovers() -> list[Path]:
    """Return the files and folders of this machine that belong to a study which is no longer there.

    They are listed before the studies: what a new study gets meanwhile is not among them.
    """
    models, indexes = model_cache.CACHE.entries(), text_indexes.CACHE.entries()
    trainings = list((Path(settings.WORK_DIR) / "trainings").glob("*"))
    studies = list(Study.objects.only("documents", "learned_before", "recipe"))
    numbers, known = {str(study.pk) for study in studies}, {text_indexes.name(study) for study in studies}
    return [
        *(path for path in models if model_cache.study_of(path.name) not in numbers),
        *(path for path in indexes if text_indexes.key_of(path.name) not in known),
        *(path for path in trainings if path.name not in numbers),
    ]


def empty_log() -> None:
    """Bring SQLite's write-ahead log into the database and empty it: until then, what was deleted stands in the log."""
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
