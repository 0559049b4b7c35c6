"""The buffer that holds a trainer's events until they are written to the database."""

import time
from collections.abc import Iterable

from trainer.contract.events import Event
from webapp.queue.models import Job, State
from webapp.studies import event_recorder
from webapp.workers import device
from webapp.workers.lease_holder import LeaseHolder

_WRITE_SECONDS = 1  # at most one write a second
_AGAIN_SECONDS = 1


class EventBuffer:
    """The events of one attempt that are not in the database yet. The first event makes the job `running`."""

    def __init__(self, job: Job, holder: LeaseHolder) -> None:
        self._job = job
        self._holder = holder
        self._waiting: list[Event] = []
        self._written_at = time.monotonic()

    def add(self, events: Iterable[Event]) -> None:
        self._waiting += events

    def write_if_due(self) -> None:
        """Write the events at most once a second, and renew the lease when it is due."""
        is_time = time.monotonic() - self._written_at >= _WRITE_SECONDS
        if self._holder.is_due or (self._waiting and is_time):
            self._write()

    def write_for_certain(self) -> None:
        """Write the events, waiting while the database is away. Raises LeaseLost when that takes too long."""
        while not self._write():
            time.sleep(_AGAIN_SECONDS)

    def _write(self) -> bool:
        events = self._waiting
        if not self._holder.write(lambda: self._record(events)):
            return False
        self._waiting = []
        self._written_at = time.monotonic()
        if events:
            self._job.state = State.RUNNING
        return True

    def _record(self, events: list[Event]) -> None:
        if events and self._job.state == State.STARTING:
            self._holder.lease.move("run")
        event_recorder.record(self._job.study.pk, events, device.own().name)
