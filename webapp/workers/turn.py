"""A training's turn on its worker. When it is over, the training gives way to others who wait."""

import time

from django.conf import settings
from django.db import DatabaseError

from trainer.contract.events import Progress
from webapp.queue import transitions
from webapp.queue.models import Job


class Turn:
    """How long a training has learned in this attempt, and whether others wait for its place."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._learns_since: float | None = None
        self._others_since: float | None = None
        self._looked_at = 0.0

    def hear(self, event: Progress) -> None:
        """Begin with the first progress: to start takes a while. Who has learned all ends, and needs no turn."""
        if event.done >= 1:
            self._learns_since = None
        elif self._learns_since is None:
            self._learns_since = time.monotonic()

    def is_over(self) -> bool:
        """Whether it has learned for TURN_SECONDS, and others have waited so long that no worker is free for them."""
        now = time.monotonic()
        if not settings.TURN_SECONDS or self._learns_since is None:
            return False
        if now - self._learns_since < settings.TURN_SECONDS or now - self._looked_at < settings.RENEW_SECONDS:
            return False
        self._looked_at = now
        if not self._others_wait():
            self._others_since = None
        elif self._others_since is None:
            self._others_since = now
        return self._others_since is not None and now - self._others_since >= 2 * settings.RECONCILE_SECONDS

    def _others_wait(self) -> bool:
        try:
            return transitions.has_to_give_way(self._job)
        except DatabaseError:
            return False
