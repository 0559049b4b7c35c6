"""What every supervisor does at each tick: write under the lease, renew it, hear its owner's wish."""

import logging
import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, close_old_connections, transaction

from webapp.jobs import pulse
from webapp.jobs.life import Lease, LeaseLost
from webapp.jobs.models import Wish

log = logging.getLogger(__name__)


class LeaseKeeper:
    """Holds one lease. Every write goes through `write`, in one transaction with a renewal.

    While the database is away, writes are kept back; after LEASE_GIVE_UP_SECONDS without a renewal the
    lease counts as lost, before the reconciler takes it (LEASE_SECONDS).
    """

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.wish: str = Wish.NONE
        self._renewed = time.monotonic()

    @property
    def is_due(self) -> bool:
        return time.monotonic() - self._renewed >= settings.RENEW_SECONDS

    def write(self, change: Callable[[], object] = lambda: None) -> bool:
        """Renew and make the change, or neither. False: the database is away, try again later.

        Raises LeaseLost when the lease is another's, or could not be renewed for too long.
        """
        pulse.beat()
        try:
            with transaction.atomic():
                self.lease.renew()
                change()
                self.wish = self.lease.rows().values_list("wish", flat=True).get()
        except DatabaseError as error:
            log.warning("job %s: the database is away (%s)", self.lease.job_id, error)
            close_old_connections()
            if time.monotonic() - self._renewed > settings.LEASE_GIVE_UP_SECONDS:
                raise LeaseLost(self.lease.job_id) from error
            return False
        self._renewed = time.monotonic()
        return True
