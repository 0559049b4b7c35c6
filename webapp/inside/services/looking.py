"""The service that asks for looks inside a model, and finds those that were made already."""

import math
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Q, QuerySet

from webapp import files
from webapp.accounts import limits
from webapp.inside.models import Look, LookKind
from webapp.passages.voices import Shares
from webapp.queue import wake_up
from webapp.queue.models import TERMINAL, Job, Kind
from webapp.studies.models import Study

LONGEST = 2_000  # characters of a text, at which the trainer looks at most
_KEPT = {LookKind.GATES: 12, LookKind.ATTRIBUTION: 200}  # looks of a kind at a study; of the others, one
_ARRAYS = 6  # of a layer, at most
_NUMBER = 4  # bytes
_LIKELY = 200  # numbers for each symbol, of what may come next


@dataclass(frozen=True)
class Wanted:
    """What a look is to be at."""

    kind: LookKind
    text: str = ""
    place: int | None = None
    voices: Shares = field(default_factory=dict)


def known(study: Study, wanted: Wanted) -> Look | None:
    """Return the look that was made already with the model's present weights, or that is under way."""
    same = _looks(study, wanted.kind).filter(text=wanted.text, place=wanted.place)
    waits = Q(result__isnull=True) & Q(job__isnull=False) & ~Q(job__state__in=TERMINAL)
    made = Q(result__isnull=False, model_sha256=study.model_sha256)
    return next((look for look in same.filter(waits | made) if look.voices == wanted.voices), None)


def newest(study: Study, kind: LookKind) -> Look | None:
    """Return the newest look of a kind at the model's present weights, ready or not."""
    return _looks(study, kind).filter(model_sha256=study.model_sha256).first()


def _looks(study: Study, kind: LookKind) -> QuerySet[Look]:
    return Look.objects.filter(study=study, kind=kind).select_related("job", "study")


def look(study: Study, wanted: Wanted) -> Look:
    """Return a look. It is queued, unless it was made already or waits.

    Raises LimitReached when the owner has no room for it, or too many looks that wait.
    """
    with transaction.atomic():
        allowed = limits.lock(study.owner)
        found = known(study, wanted)
        if found is not None:
            return found
        limits.check_waiting(study.owner, allowed, Kind.LOOK)
        limits.check_stored(study.owner, allowed, _most_bytes(study, wanted))
        job = Job.objects.create(owner=study.owner, kind=Kind.LOOK, study=study)
        made = Look.objects.create(
            owner=study.owner,
            study=study,
            job=job,
            kind=wanted.kind,
            text=wanted.text,
            place=wanted.place,
            voices=wanted.voices,
            model_sha256=study.model_sha256,
        )
        _delete_oldest(study, wanted.kind)
        wake_up.send_on_commit(Kind.LOOK)
    return made


def _most_bytes(study: Study, wanted: Wanted) -> int:
    """Return how many bytes the arrays of a look may take, from the size of the network."""
    if wanted.kind != LookKind.GATES:
        return 0
    return len(wanted.text) * (math.prod(study.network) * _ARRAYS + _LIKELY) * _NUMBER


def _delete_oldest(study: Study, kind: LookKind) -> None:
    """Delete the looks of a kind that are over, but for the newest ones and those that a course shows."""
    found = _looks(study, kind).filter(shown_gates=None, shown_memory=None)
    for old in found[_KEPT.get(kind, 1) :]:
        if old.is_over:
            _delete(old)


def _delete(old: Look) -> None:
    """Delete a look. When the storage is away, `manage.py orphans` finds its file later."""
    folder = old.folder
    old.delete()
    if folder:
        transaction.on_commit(lambda: _delete_file(folder), robust=True)


def _delete_file(folder: str) -> None:
    files.delete_tree(folder)
