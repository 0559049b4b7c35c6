"""Celery's side: a message means "run the next one". The row decides which, and whether there is one."""

import logging
import socket
import threading
from typing import Any

from celery import current_app, shared_task
from celery.signals import worker_ready, worker_shutting_down
from django.db import close_old_connections

from webapp.jobs import bell, life, training, writing
from webapp.jobs.models import Job, Kind

log = logging.getLogger(__name__)

#: set when this worker was asked to end: no new claim, checkpoint, requeue, exit (DESIGN.md, 4.11)
DRAIN = threading.Event()
_SUPERVISORS = {Kind.TRAIN: training.supervise, Kind.WRITE: writing.supervise}


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _drain(**_: Any) -> None:
    DRAIN.set()


@worker_ready.connect  # type: ignore[untyped-decorator]
def _warm_up(**_: Any) -> None:
    """A writing worker loads TensorFlow before the first request, not while somebody waits for it."""
    if Kind.WRITE in current_app.amqp.queues.consume_from:
        writing.warm_up()


@shared_task(name="jobs.train")  # type: ignore[untyped-decorator]
def train() -> None:
    run_next(Kind.TRAIN)


@shared_task(name="jobs.write")  # type: ignore[untyped-decorator]
def write() -> None:
    run_next(Kind.WRITE)


def run_next(kind: Kind) -> None:
    """Claim the next job of a kind and work on it; ring for the one after it."""
    if DRAIN.is_set():
        return
    close_old_connections()
    try:
        job = life.claim(kind, worker=f"{kind}@{socket.gethostname()}")
        if job is None:
            return
        log.info("job %s: attempt %s", job.pk, job.attempt)
        _SUPERVISORS[kind](job, DRAIN)
        if not DRAIN.is_set() and Job.objects.filter(kind=kind, state="queued").exists():
            bell.ring(kind)
    finally:
        close_old_connections()
