"""The waiting times of queued trainings, from a simulation of the queue with durations measured on this site."""

import heapq
from functools import cached_property
from statistics import median

from django.conf import settings
from django.db.models import Count, Q, QuerySet

from trainer.contract import sizing
from webapp.queue import announced
from webapp.queue.models import LIVE, Job, Kind, State
from webapp.queue.places import Places
from webapp.studies.estimates import Estimator

_LATEST = 20


class Queue:
    """The queue of trainings as it is now. It is read once for all trainings that are shown together."""

    def __init__(self) -> None:
        self._durations: dict[bool, _Durations] = {}
        self._places = Places(Kind.TRAIN)

    @property
    def _order(self) -> list[int]:
        return self._places.order

    @cached_property
    def _is_gpu_heard_of(self) -> bool:
        return announced.trainers(with_gpu=True).exists()

    @cached_property
    def _waiting(self) -> dict[int, Job]:
        return _trainings().in_bulk(self._order)

    @cached_property
    def _live(self) -> list[Job]:
        return list(_trainings().filter(state__in=LIVE))

    def place(self, job: Job) -> int | None:
        """Return 1 for the training that begins next, and None for one that doesn't wait for its turn."""
        return self._places.place(job)

    def lacks_worker(self, job: Job) -> bool:
        """Whether nobody is there who could take a job that is next. Nobody waits to be told that no GPU is there."""
        return (job.needs_gpu and not self._is_gpu_heard_of) or self._places.lacks_worker(job)

    def seconds_until_start(self, job: Job) -> float | None:
        """Return about how many seconds a queued training waits; None when it is not in the queue's order.

        The simulation has one worker for each running training, or one when none runs. Each worker takes the next
        training when its own ends or gives way. For a training that needs a GPU, only workers with one count, and what
        they train.
        """
        if job.pk not in self._order:
            return None
        durations = self._durations_of(job.needs_gpu)
        live = [one for one in self._live if one.on_gpu or not job.needs_gpu]
        free_at = [_until_it_gives_way(one, durations.left(one), job) for one in live] or [0.0]
        heapq.heapify(free_at)
        for pk in self._order[: self._order.index(job.pk)]:
            one = self._waiting.get(pk)  # some may have been deleted meanwhile
            if one and one.needs_gpu == job.needs_gpu:
                heapq.heapreplace(free_at, free_at[0] + _until_it_gives_way(one, durations.whole(one), job))
        return free_at[0]

    def _durations_of(self, needs_gpu: bool) -> "_Durations":
        if needs_gpu not in self._durations:
            self._durations[needs_gpu] = _Durations(needs_gpu)
        return self._durations[needs_gpu]


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
