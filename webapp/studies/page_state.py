"""The state of a study's page: all values on which the page depends, read by one query."""

import time
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from webapp.queue.models import LIVE, Job, Kind, State
from webapp.studies.models import HistoryPoint

SILENT_SECONDS = 3 * settings.RENEW_SECONDS
_QUEUE_SECONDS = 10  # after which the page of a waiting training is made anew, since its place may have changed
_WAITING_AGE = 240.0  # seconds; the page of a waiting training polls as seldom as that of a training of this age


def age(state: str, seconds: float | None) -> float:
    """Return the age of a training in seconds, by which its page polls: the time it has trained, or a fixed value."""
    return _WAITING_AGE if state == State.QUEUED else float(seconds or 0.0)


def silent_seconds(state: str, last_renewal: datetime | None) -> float:
    """Return how many seconds ago the lease of a job was renewed; 0 when no worker holds it."""
    return (timezone.now() - last_renewal).total_seconds() if last_renewal and state in LIVE else 0.0


class PageState(NamedTuple):
    """All values on which the page of a study depends, in one row.

    `moment` grows with time while the page depends on the time: while the training waits, or its worker is silent.
    """

    owner: int
    job: int
    state: str
    wish: str
    attempt: int
    step: int
    seconds: float | None  # of training
    warning: str
    best: float | None
    model: str
    history_bytes: int
    point: int  # the step of the chart's newest point
    moment: int

    @property
    def age(self) -> float:
        """The age of the training in seconds, by which its page polls."""
        return age(self.state, self.seconds)


def current(pk: int) -> PageState | None:
    """Return the present state of a study's page, by one query; None when there is no such study."""
    row = _trainings().filter(study=pk)[:1]
    if not row:
        return None
    *rest, last_renewal = row[0]
    return PageState._make((*rest, _moment(rest[2], last_renewal)))


@cache
def _trainings() -> Any:
    """Return the rows of all trainings, the newest first. Each poll needs one of them, so they are described once."""
    rows = Job.objects.filter(kind=Kind.TRAIN, study__deleting=False).order_by("-pk")
    newest = HistoryPoint.objects.filter(study=OuterRef("study")).order_by("-step").values("step")[:1]
    point = Coalesce(Subquery(newest), 0)
    return rows.values_list("study__owner", "pk", "state", "wish", "attempt", *_OF_STUDY, point, "last_renewal")


_OF_STUDY = tuple(
    f"study__{name}" for name in ("step", "progress__seconds", "warning", "best_held_out", "model_key", "history_bytes")
)


def _moment(state: str, last_renewal: datetime | None) -> int:
    if state == State.QUEUED:
        return int(time.time() / _QUEUE_SECONDS)
    silent = silent_seconds(state, last_renewal)
    return int(silent) if silent > SILENT_SECONDS else 0
