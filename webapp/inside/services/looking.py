"""The service that asks for looks inside a model, and finds those that were made already."""

import math
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from webapp import files
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.groups.models import Share
from webapp.inside.models import Course, Look, LookKind
from webapp.passages.voices import Shares
from webapp.queue import wake_up
from webapp.queue.models import TERMINAL, Job, Kind
from webapp.studies.models import Study

LONGEST = 2_000  # characters of a text, at which the trainer looks at most
_KEPT = {LookKind.GATES: 12, LookKind.ATTRIBUTION: 200}  # looks of a kind of one person at a study
_MEASURED = 12  # of the other kinds, of which there is one for each choice of voices
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


def known(owner: User, study: Study, wanted: Wanted) -> Look | None:
    """Return the person's look that was made already with the model's present weights, or that is under way."""
    same = _looks(owner, study, wanted.kind).filter(text=wanted.text, place=wanted.place)
    waits = Q(result__isnull=True) & Q(job__isnull=False) & ~Q(job__state__in=TERMINAL)
    made = Q(result__isnull=False, model_sha256=study.model_sha256)
    return next((look for look in same.filter(waits | made) if look.voices == wanted.voices), None)


def newest(owner: User, study: Study, kind: LookKind) -> Look | None:
    """Return the person's newest look of a kind at the model's present weights, ready or not."""
    return _looks(owner, study, kind).filter(model_sha256=study.model_sha256).first()


def measured(owner: User, study: Study, kind: LookKind) -> QuerySet[Look]:
    """Return the person's looks of a kind at the model's present weights that are ready, the newest first."""
    return _looks(owner, study, kind).filter(model_sha256=study.model_sha256, result__isnull=False)


def _looks(owner: User, study: Study, kind: LookKind) -> QuerySet[Look]:
    return Look.objects.filter(owner=owner, study=study, kind=kind).select_related("job", "study")


def look(owner: User, study: Study, wanted: Wanted) -> Look:
    """Return a person's look. It is queued, unless it was made already or waits.

    Raises LimitReached when the person has no room for it, or too many looks that wait.
    """
    with transaction.atomic():
        allowed = limits.lock(owner)
        found = known(owner, study, wanted)
        if found is not None:
            return found
        limits.check_waiting(owner, allowed, Kind.LOOK)
        limits.check_stored(owner, allowed, _most_bytes(study, wanted))
        job = Job.objects.create(owner=owner, kind=Kind.LOOK, study=study)
        made = Look.objects.create(
            owner=owner,
            study=study,
            job=job,
            kind=wanted.kind,
            text=wanted.text,
            place=wanted.place,
            voices=wanted.voices,
            model_sha256=study.model_sha256,
        )
        _delete_oldest(owner, study, wanted.kind)
        wake_up.send_on_commit(Kind.LOOK)
    return made


def _most_bytes(study: Study, wanted: Wanted) -> int:
    """Return how many bytes the arrays of a look may take, from the size of the network."""
    if wanted.kind != LookKind.GATES:
        return 0
    return len(wanted.text) * (math.prod(study.network) * _ARRAYS + _LIKELY) * _NUMBER


def _delete_oldest(owner: User, study: Study, kind: LookKind) -> None:
    """Delete the looks of a kind that are over, but for the newest ones and those that a course shows."""
    found = _looks(owner, study, kind).filter(shown_gates=None, shown_memory=None)
    for old in found[_KEPT.get(kind, _MEASURED) :]:
        if old.is_over:
            _delete(old)


def forget_what_is_shared_no_longer() -> None:
    """Delete the looks and courses of people at models of others that are not shared with them any more.

    A look that is being made is deleted too: its worker finds no row, and keeps nothing.
    """
    shared = Share.objects.filter(study=OuterRef("study"), group__memberships__person=OuterRef("owner"))
    Course.objects.exclude(owner=F("study__owner")).exclude(Exists(shared)).delete()
    for look in Look.objects.exclude(owner=F("study__owner")).exclude(Exists(shared)):
        _delete(look)


def _delete(old: Look) -> None:
    """Delete a look. When the storage is away, `manage.py orphans` finds its file later."""
    folder = old.folder
    old.delete()
    if folder:
        transaction.on_commit(lambda: _delete_file(folder), robust=True)


def _delete_file(folder: str) -> None:
    files.delete_tree(folder)
