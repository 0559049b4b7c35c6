"""The takeover: a new worker takes back the jobs of a dead worker of the same name, before their leases run out.

Each worker locks a file that has its name, for as long as the worker lives. Its trainers inherit the lock. So a worker
that gets the lock knows that the last worker of that name and all its trainers are gone.
"""

import fcntl
import logging
import os
import secrets
import threading
from pathlib import Path

from django.db import DatabaseError, close_old_connections

from webapp.queue import transitions
from webapp.queue.models import LIVE, Job

log = logging.getLogger(__name__)
_WHY = "The worker that worked on it died, again and again, with no progress in between."


class WorkerIdentity:
    """The identity of a worker: its `name`, which no earlier process had, and the `lock` that shows that it is alive.

    `worker` is the part of the name that its predecessors had too. `lock` is a file descriptor, which the worker's
    trainers inherit.
    """

    def __init__(self, worker: str, file: Path) -> None:
        self.worker = worker
        self.name = f"{worker}/{secrets.token_hex(4)}"
        self.lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)

    def take_over(self) -> None:
        """Take back the jobs of the previous worker as soon as it is certainly gone. A new thread waits for that."""
        threading.Thread(target=self._wait_and_take_over, daemon=True).start()

    def _wait_and_take_over(self) -> None:
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        predecessor = os.pread(self.lock, 200, 0).decode()
        if predecessor:
            _take_back_jobs_of(predecessor)
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, self.name.encode(), 0)


def _take_back_jobs_of(worker: str) -> None:
    try:
        for job in Job.objects.filter(worker=worker, state__in=LIVE):
            log.warning("job %s: its worker died, it is taken back", job.pk, extra={"job": job.pk})
            transitions.take_back(job.pk, job.token, _WHY)
    except DatabaseError as error:
        log.warning("the jobs of the worker before could not be looked up (%s): the reconciler finds them", error)
    finally:
        close_old_connections()
