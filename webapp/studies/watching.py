"""What the page says of a training: its state in words, from the rows alone."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp.queue import transitions
from webapp.queue.models import LIVE, Job, Kind, State, Wish
from webapp.studies import services, waits
from webapp.studies.models import HistoryPoint, Study, bits
from webapp.studies.templatetags.figures import about

_SILENT_SECONDS = 3 * settings.RENEW_SECONDS
_QUEUE_SECONDS = 10  # how often what is said of a waiting training is looked up anew
_WAITING_AGE = 240.0  # seconds: a training that waits is asked about as seldom as one of this age
_WITHOUT_WORKER = timedelta(seconds=15)  # a worker takes a waiting job within a period of the reconciler


@dataclass(frozen=True)
class Watching:
    """A study and its newest training job, as they are now."""

    study: Study
    job: Job
    place: int | None  # in the queue, from 1; None where its turn can't come yet
    wait: float | None  # seconds until it starts, about
    lacks_worker: bool

    @property
    def is_over(self) -> bool:
        return self.job.is_over

    @property
    def can_stop(self) -> bool:
        return not self.is_over and not self.job.wish

    @property
    def can_pause(self) -> bool:
        return self.job.is_live and not self.job.wish

    @property
    def can_resume(self) -> bool:
        return services.can_resume(self.job)

    @property
    def can_train_further(self) -> bool:
        return services.can_train_further(self.study, self.job)

    @property
    def is_stopping(self) -> bool:
        return not self.is_over and bool(self.job.wish)

    @property
    def is_scoring(self) -> bool:
        """It has trained, and its score is being taken."""
        return self.job.state == State.RUNNING and self.done >= 1

    @property
    def is_working(self) -> bool:
        return self.job.is_live

    @property
    def silent_seconds(self) -> float:
        """How long its worker has given no sign of life."""
        heard = self.job.heard if self.job.is_live else None
        return (timezone.now() - heard).total_seconds() if heard else 0.0

    @property
    def has_failed(self) -> bool:
        return self.job.state == State.FAILED

    @property
    def done(self) -> float:
        """The share of the training that is done, 0 to 1."""
        return float((self.study.progress or {}).get("done", 0))

    @property
    def progress(self) -> dict[str, Any] | None:
        """The newest progress, while it is news."""
        return self.study.progress if self.job.state == State.RUNNING and not self.is_scoring else None

    @property
    def train_bits(self) -> float | None:
        return bits((self.study.progress or {}).get("train_loss"))

    @property
    def age(self) -> float:
        """How old what it shows is, in seconds."""
        return _WAITING_AGE if self.job.state == State.QUEUED else float((self.study.progress or {}).get("seconds", 0))

    @property
    def key(self) -> str:
        """What the page's buttons depend on: they change when this does."""
        return f"{self.job.pk}-{self.job.state}-{self.job.wish}-{int(self.study.is_readable)}"

    @property
    def badge(self) -> str:
        """The state in a word or two."""
        if self.is_stopping:
            return _("pausing") if self.job.wish == Wish.PAUSE else _("stopping")
        return _("scoring") if self.is_scoring else self.job.badge

    @property
    def headline(self) -> str:
        """The state in a sentence."""
        return _SENTENCES[State(self.job.state)](self)

    def queued_sentence(self) -> str:
        if self.lacks_worker:
            return _("Waiting for a worker. It starts by itself as soon as one is there.")
        if self.place is None:
            return _("As many of your trainings run as may at once: it waits until one of them is done.")
        place = _("Next in the queue.") if self.place == 1 else _("Place %(n)s in the queue.") % {"n": self.place}
        place = place if self.wait is None else f"{place} {_('It starts in %(time)s.') % {'time': about(self.wait)}}"
        if self.job.gave_way:
            return f"{_('Others wait, so it gave way to them. It goes on by itself, from exactly here.')} {place}"
        if self.job.attempt:
            return _(
                "The machine it ran on went away. It goes on from its last checkpoint: place %(n)s in the queue."
            ) % {"n": self.place}
        return place

    def live_sentence(self) -> str:
        if self.silent_seconds > _SILENT_SECONDS:
            return ngettext(
                "Its worker has not been heard of for %(n)d second. If it is gone, the training goes on by itself, "
                "from its last checkpoint.",
                "Its worker has not been heard of for %(n)d seconds. If it is gone, the training goes on by itself, "
                "from its last checkpoint.",
                int(self.silent_seconds),
            ) % {"n": self.silent_seconds}
        if self.is_stopping:
            if self.job.wish == Wish.PAUSE:
                return _("Pausing: a checkpoint is written.")
            return _("Stopping. What it has learned so far is kept.")
        if self.is_scoring:
            return _("Trained. Now it is measured how well it predicts text that it has never seen.")
        return _("Starting.") if self.job.state == State.STARTING else _("Learning.")

    def cancelled_sentence(self) -> str:
        if self.job.paused:
            return _("Paused. It goes on from exactly here when you say so.")
        if self.study.is_readable:
            return _("Stopped. What it had learned is kept, and can be read.")
        return _("Stopped before it had learned anything.")


_SENTENCES: dict[State, Callable[[Watching], str]] = {
    State.QUEUED: Watching.queued_sentence,
    State.STARTING: Watching.live_sentence,
    State.RUNNING: Watching.live_sentence,
    State.SUCCEEDED: lambda watching: _("Finished."),
    State.FAILED: lambda watching: _("The training failed."),
    State.CANCELLED: Watching.cancelled_sentence,
}


class Shown(NamedTuple):
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
        return _WAITING_AGE if self.state == State.QUEUED else self.seconds or 0.0


def shown(pk: int) -> Shown | None:
    """Return what the page of a study shows as it is now, by one query; None where there is none."""
    rows = Job.objects.filter(study=pk, kind=Kind.TRAIN, study__deleting=False).order_by("-pk")
    newest = HistoryPoint.objects.filter(study=pk).order_by("-step").values("step")[:1]
    point = Coalesce(Subquery(newest), 0)
    row = rows.values_list("study__owner", "pk", "state", "wish", "attempt", *_OF_STUDY, point, "heard").first()
    if row is None:
        return None
    *rest, heard = row
    return Shown._make((*rest, _moment(rest[2], heard)))


_OF_STUDY = tuple(
    f"study__{name}" for name in ("step", "progress__seconds", "warning", "best_held_out", "model_key", "told_bytes")
)


def _moment(state: str, heard: datetime | None) -> int:
    if state == State.QUEUED:
        return int(time.time() / _QUEUE_SECONDS)
    silent = (timezone.now() - heard).total_seconds() if heard and state in LIVE else 0.0
    return int(silent) if silent > _SILENT_SECONDS else 0


def watch(study: Study, job: Job) -> Watching:
    place = transitions.place_in_queue(job) if job.state == State.QUEUED else None
    wait = waits.seconds_until_start(job) if place else None
    return Watching(study, job, place, wait, place is not None and _lacks_worker(job))


def _lacks_worker(job: Job) -> bool:
    """Whether it could have been taken long ago, and nobody works."""
    if timezone.now() - job.created < _WITHOUT_WORKER:
        return False
    return not Job.objects.filter(kind=job.kind, state__in=LIVE).exists()
