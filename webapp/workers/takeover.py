"""What a worker's last life left behind is taken back at once, without waiting for its leases to run out.

A file with the worker's name is locked for as long as it lives. Its trainers inherit the lock, so whoever gets it
knows that the last worker of that name and all its trainers are gone.
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
_WHY = "The worker that trained it died, again and again, with no progress in between."


class Life:
    """One life of the worker called `worker`.

    `name` tells it from its other lives. `lock` is the file's descriptor, for its trainers to inherit.
    """

    def __init__(self, worker: str, file: Path) -> None:
        self.name = f"{worker}/{secrets.token_hex(4)}"
        self.lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)

    def begin(self) -> None:
        """Take back what the last life held as soon as that is over for certain, in a thread of its own."""
        threading.Thread(target=self._succeed, daemon=True).start()

    def _succeed(self) -> None:
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        before = os.pread(self.lock, 200, 0).decode()
        if before:
            self._take_back(before)
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, self.name.encode(), 0)

    def _take_back(self, before: str) -> None:
        try:
            for job in Job.objects.filter(worker=before, state__in=LIVE):
                log.warning("job %s: its worker died, it is taken back", job.pk)
                transitions.give_back(job.pk, job.token, _WHY)
        except DatabaseError as error:
            log.warning("what the last life left could not be looked up (%s): the reconciler finds it", error)
        finally:
            close_old_connections()
