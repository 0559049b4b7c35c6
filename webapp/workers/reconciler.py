"""The reconciler, which sends wake-up messages for queued jobs and takes back jobs whose lease is not renewed.

Two reconcilers can run at the same time: they make conditional updates only, and send a message only when none waits.
"""

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from webapp.corpora import services as corpora
from webapp.queue import transitions, wake_up
from webapp.queue.models import LIVE, Job, State, Worker
from webapp.studies import services as studies
from webapp.workers import erasing, orphans

log = logging.getLogger(__name__)
_CLEARING_SECONDS = 3600
_EMPTYING_SECONDS = 60
_FORGOTTEN = timedelta(days=30)  # a worker that was not heard of: its machine has another name now, or is gone
_WHY = "The worker that worked on it was lost, again and again, with no progress in between."


class Reconciler:
    """The state of one reconciler: the renewals that it has seen of each lease, timed by its own monotonic clock."""

    def __init__(self) -> None:
        self._next_clearing = self._next_emptying = time.monotonic()
        self._seen: dict[tuple[int, str], tuple[int, float]] = {}  # (job, token) → (renewals, when they last grew)

    def tick(self) -> None:
        self._take_back_dead_leases()
        studies.purge_deleted()
        corpora.clear_uploads()
        self._erase()
        queued = Job.objects.filter(state=State.QUEUED).order_by().values_list("kind", "needs_gpu").distinct()
        for kind, needs_gpu in queued:
            wake_up.send_unless_one_waits(kind, needs_gpu)
        self._clear_up()

    def _erase(self) -> None:
        """Erase what is left of deleted models here, and once a minute what the database's log has of deleted rows."""
        if erasing.erase_deleted() or time.monotonic() >= self._next_emptying:
            erasing.empty_log()
            self._next_emptying = time.monotonic() + _EMPTYING_SECONDS

    def _clear_up(self) -> None:
        """At the start and once an hour, delete what is over: sessions, workers that have been silent for long, and
        local copies of deleted models and texts."""
        if time.monotonic() >= self._next_clearing:
            SessionStore.clear_expired()
            Worker.objects.filter(heard__lt=timezone.now() - _FORGOTTEN).delete()
            for copy in orphans.local_copies():
                copy.remove()
            self._next_clearing = time.monotonic() + _CLEARING_SECONDS

    def _take_back_dead_leases(self) -> None:
        now = time.monotonic()
        seen = {}
        for job_id, token, renewals in Job.objects.filter(state__in=LIVE).values_list("pk", "token", "renewals"):
            before, since = self._seen.get((job_id, token), (-1, now))
            if before != renewals:
                since = now
            seen[job_id, token] = renewals, since
            if now - since >= settings.LEASE_SECONDS and transitions.take_back(job_id, token, _WHY, renewals):
                stood_still = "job %s: its lease stood still for %.0f s and was taken back"
                log.warning(stood_still, job_id, now - since, extra={"job": job_id})
        self._seen = seen
