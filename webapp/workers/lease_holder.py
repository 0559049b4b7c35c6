"""The holder of a lease, through which a supervisor writes to the database, renews its lease and reads the wish."""

import contextlib
import contextvars
import logging
import threading
import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connection, transaction

from webapp.queue.models import Wish
from webapp.queue.transitions import Lease, LeaseLost
from webapp.workers import heartbeat

log = logging.getLogger(__name__)


class LeaseHolder:
    """One lease. Every write goes through `write`, in one transaction with a renewal of the lease.

    While the database is away, the caller keeps what it could not write. After LEASE_GIVE_UP_SECONDS without a renewal
    the lease counts as lost. That is before the reconciler takes the job back, after LEASE_SECONDS.
    """

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.wish: str = Wish.NONE
        self._renewed = time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._renewed >= settings.RENEW_SECONDS

    def write(self, change: Callable[[], object] = lambda: None) -> bool:
        """Renew the lease and make the change, or do neither. Return False while the database is away.

        Raises LeaseLost when the job was taken back, or the lease could not be renewed for too long.
        """
        heartbeat.beat()
        try:
            with transaction.atomic():
                self.lease.renew()
                change()
                self.wish = self.lease.rows().values_list("wish", flat=True).get()
        except DatabaseError as error:
            log.warning("job %s: the database is away (%s)", self.lease.job_id, error)
            close_old_connections()
            too_long = time.monotonic() - self._renewed > settings.LEASE_GIVE_UP_SECONDS
            if too_long and not _has_no_room(error):
                raise LeaseLost(self.lease.job_id) from error
            return False
        self._renewed = time.monotonic()
        return True

    @contextlib.contextmanager
    def renewing(self) -> Iterator[None]:
        """Renew the lease in another thread during slow work, such as copying files. Raises LeaseLost at its end."""
        over, lost = threading.Event(), list[LeaseLost]()

        def renew() -> None:
            try:
                while not over.wait(settings.RENEW_SECONDS):
                    self.write()
            except LeaseLost as error:
                lost.append(error)
            finally:
                connection.close()

        thread = threading.Thread(target=contextvars.copy_context().run, args=(renew,))
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()
        if lost:
            raise lost[0]


def _has_no_room(error: DatabaseError) -> bool:
    """Whether SQLite's disk is full: then nobody else can write either, and nobody can have taken the job back."""
    return "disk is full" in str(error)
