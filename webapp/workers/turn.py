"""The turn of a training on its worker. When the turn is over, the training gives way to others who wait."""

import time

from django.conf import settings
from django.db import DatabaseError

from trainer.contract.events import Progress
from webapp.queue import transitions
from webapp.queue.models import Job


class Turn:
    """How long a training has learned in this attempt, and how long others have waited for its worker."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self._learning_since: float | None = None
        self._others_since: float | None = None
        self._checked_at = 0.0

    def observe(self, event: Progress) -> None:
        """Begin the turn at the first progress, since the start takes a while. After the last step there is no turn."""
        if event.done >= 1:
            self._learning_since = None
        elif self._learning_since is None:
            self._learning_since = time.monotonic()

    def is_over(self) -> bool:
        """Whether the training has learned for TURN_SECONDS, and others wait for whom no other worker is free.

        A free worker would have claimed their job within two periods of the reconciler.
        """
        now = time.monotonic()
        if not settings.TURN_SECONDS or self._learning_since is None:
            return False
        if now - self._learning_since < settings.TURN_SECONDS or now - self._checked_at < settings.RENEW_SECONDS:
            return False
        self._checked_at = now
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
