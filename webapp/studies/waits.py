"""The waiting times of queued trainings, from a simulation of the queue with durations measured on this site."""

import heapq
from statistics import median

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from trainer.contract import sizing
from webapp.queue import transitions
from webapp.queue.models import LIVE, Job, Kind, State
from webapp.studies.estimates import Estimator

_LATEST = 20


def seconds_until_start(job: Job) -> float | None:
    """Return about how many seconds a queued training waits; None when it is not in the queue's order.

    The simulation has one worker for each running training, or one when none runs. Each worker takes the next training
    when its own ends or gives way. For a training that needs a GPU, only workers with one count, and what they train.
    """
    order = transitions.claim_order(Kind.TRAIN)
    if job.pk not in order:
        return None
    before = order[: order.index(job.pk)]
    durations = _Durations(job.needs_gpu)
    live = _trainings().filter(state__in=LIVE, on_gpu__in=[True, job.needs_gpu])
    free_at = [_until_it_gives_way(one, durations.left(one), job) for one in live] or [0.0]
    heapq.heapify(free_at)
    waiting = _trainings().filter(needs_gpu=job.needs_gpu).in_bulk(before)
    for one in (waiting[pk] for pk in before if pk in waiting):  # some may have been deleted meanwhile
        heapq.heapreplace(free_at, free_at[0] + _until_it_gives_way(one, durations.whole(one), job))
    return free_at[0]


def _until_it_gives_way(one: Job, seconds: float, other: Job) -> float:
    """Return how long a training keeps its worker while another waits. It gives way only to another owner's."""
    must = settings.TURN_SECONDS and one.owner_id != other.owner_id
    return min(seconds, settings.TURN_SECONDS) if must else seconds


def _trainings() -> QuerySet[Job]:
    return Job.objects.filter(kind=Kind.TRAIN).select_related("study")


class _Durations:
    """The durations of trainings in seconds: the estimates, corrected by how wrong they were for the latest ones."""

    def __init__(self, needs_gpu: bool) -> None:
        self._estimator = Estimator(needs_gpu)
        self._slower = self._typical_ratio()

    def whole(self, job: Job) -> float:
        return self._slower * self._estimator.seconds_of(job.study)

    def left(self, job: Job) -> float:
        """Return how many seconds are left of a running training."""
        if job.study.progress is None or job.state == State.STARTING:
            return self.whole(job)
        after = sizing.seconds_to_score(job.study.characters, self._estimator.speed)
        return float(job.study.progress["seconds_left"]) + after

    def _typical_ratio(self) -> float:
        """Return the median of real by estimated durations of the latest trainings; 1 before the first."""
        whole = Count("study__jobs", filter=Q(study__jobs__kind=Kind.TRAIN))  # 1: never resumed and not trained further
        done = _trainings().annotate(parts=whole).filter(parts=1, state=State.SUCCEEDED, attempt=1)
        ratios = [
            (job.finished - job.started).total_seconds()
            / self._estimator.seconds(job.study.choices, job.study.characters_an_epoch)
            for job in done.order_by("-pk")[:_LATEST]
            if job.finished and job.started
        ]
        return float(median(ratios)) if ratios else 1.0
