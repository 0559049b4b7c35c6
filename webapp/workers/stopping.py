"""Reasons to stop a trainer before it has finished: its owner's wish, a draining worker, silence, time limit, turn."""

import logging
import threading
import time
from collections.abc import Iterable
from enum import Enum

from django.conf import settings

from trainer.contract.events import Event, Progress
from webapp.accounts.limits import limits_of
from webapp.queue.models import Job
from webapp.workers.lease_holder import LeaseHolder
from webapp.workers.trainer_process import TrainerProcess
from webapp.workers.turn import Turn

log = logging.getLogger(__name__)


class StopReason(Enum):
    """The reason why a trainer was asked to stop. The value is the text in the log."""

    WISH = "its owner asked for it"
    DRAIN = "the worker drains"
    DEADLINE = "it reached its time limit"
    TURN = "others wait"
    STUCK = "it said nothing for too long"


class Stopping:
    """Asks one trainer to stop when there is a reason, and ends it when it takes too long.

    `reason` is the first reason that was found.
    """

    def __init__(self, job: Job, holder: LeaseHolder, drain: threading.Event) -> None:
        self.reason: StopReason | None = None
        self.limit_minutes = limits_of(job.study.owner).minutes
        self._job = job
        self._holder = holder
        self._drain = drain
        self._turn = Turn(job)
        self._seconds_trained = 0.0  # in all attempts together, as the trainer reports
        self._last_event_at = self._asked_at = time.monotonic()

    def trainer_started(self) -> None:
        """Start to measure how long the trainer is silent."""
        self._last_event_at = time.monotonic()

    def observe(self, events: Iterable[Event]) -> None:
        for event in events:
            self._last_event_at = time.monotonic()
            if isinstance(event, Progress):
                self._turn.observe(event)
                self._seconds_trained = event.seconds if event.done < 1 else 0.0  # the limit does not cut the scoring

    def check(self, trainer: TrainerProcess) -> None:
        """Ask the trainer to stop when there is a reason. Kill it when it was asked and takes too long."""
        now = time.monotonic()
        if self.reason is None:
            self.reason = self._find_reason()
            self._asked_at = now
            if self.reason:
                log.info("job %s: its trainer is asked to stop, since %s", self._job.pk, self.reason.value)
                trainer.stop()
        elif now - self._asked_at > settings.STOP_GRACE_SECONDS:
            trainer.kill()

    def _find_reason(self) -> StopReason | None:
        if self._holder.wish:
            return StopReason.WISH
        if self._drain.is_set():
            return StopReason.DRAIN
        if time.monotonic() - self._last_event_at > settings.STUCK_SECONDS:
            return StopReason.STUCK
        if self.limit_minutes and self._seconds_trained > self.limit_minutes * 60:
            return StopReason.DEADLINE
        return StopReason.TURN if self._turn.is_over() else None
