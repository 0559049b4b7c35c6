"""The state of a study's page: all that decides what it shows, read by one query."""

import time
from datetime import datetime
from typing import NamedTuple

from django.conf import settings
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from webapp.queue.models import LIVE, Job, Kind, State
from webapp.studies.models import HistoryPoint

SILENT_SECONDS = 3 * settings.RENEW_SECONDS
_QUEUE_SECONDS = 10  # how often what is said of a waiting training is looked up anew
_WAITING_AGE = 240.0  # seconds: a training that waits is asked about as seldom as one of this age


def age(state: str, seconds: float | None) -> float:
    """Return how old what a page shows of a training is: its seconds of training, or of one that waits a set age."""
    return _WAITING_AGE if state == State.QUEUED else float(seconds or 0.0)


def silent_seconds(state: str, heard: datetime | None) -> float:
    """Return how long the worker of a job has given no sign of life; 0 where none has it."""
    return (timezone.now() - heard).total_seconds() if heard and state in LIVE else 0.0


class PageState(NamedTuple):
    """All that decides what the page of a study shows of its training, in one row.

    `moment` moves on where time itself changes what is said: of a training that waits, and of a worker that is silent.
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
    told: int
    point: int  # the step of the chart's newest point
    moment: int

    @property
    def age(self) -> float:
        """How old what it shows is, in seconds."""
        return age(self.state, self.seconds)


def current(pk: int) -> PageState | None:
    """Return what the page of a study shows as it is now, by one query; None where there is none."""
    rows = Job.objects.filter(study=pk, kind=Kind.TRAIN, study__deleting=False).order_by("-pk")
    newest = HistoryPoint.objects.filter(study=pk).order_by("-step").values("step")[:1]
    point = Coalesce(Subquery(newest), 0)
    row = rows.values_list("study__owner", "pk", "state", "wish", "attempt", *_OF_STUDY, point, "heard").first()
    if row is None:
        return None
    *rest, heard = row
    return PageState._make((*rest, _moment(rest[2], heard)))


_OF_STUDY = tuple(
    f"study__{name}" for name in ("step", "progress__seconds", "warning", "best_held_out", "model_key", "told_bytes")
)


def _moment(state: str, heard: datetime | None) -> int:
    if state == State.QUEUED:
        return int(time.time() / _QUEUE_SECONDS)
    silent = silent_seconds(state, heard)
    return int(silent) if silent > SILENT_SECONDS else 0
