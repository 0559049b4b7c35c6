"""The places of queued jobs. They are read once for all jobs of a kind that are shown together."""

from datetime import timedelta
from functools import cached_property

from django.utils import timezone

from webapp.queue import transitions
from webapp.queue.models import LIVE, Job

_WITHOUT_WORKER = timedelta(seconds=15)  # longer than a period of the reconciler, in which a free worker takes a job


class Places:
    """The queue of one kind of jobs as it is now."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    @cached_property
    def order(self) -> list[int]:
        """The ids of the queued jobs, in the order in which they will be claimed."""
        return transitions.claim_order(self._kind)

    @cached_property
    def _live_on_gpu(self) -> list[bool]:
        """Of each live job whether it is on a GPU."""
        return list(Job.objects.filter(kind=self._kind, state__in=LIVE).values_list("on_gpu", flat=True))

    def place(self, job: Job) -> int | None:
        """Return 1 for the job that is claimed next, 2 for the one after it…, or None for one that doesn't wait for its
        turn."""
        return self.order.index(job.pk) + 1 if job.pk in self.order else None

    def lacks_worker(self, job: Job) -> bool:
        """Whether a free worker would have taken the queued job long ago, and no such worker has a job of its kind."""
        if timezone.now() - job.created < _WITHOUT_WORKER:
            return False
        return not any(on_gpu or not job.needs_gpu for on_gpu in self._live_on_gpu)
