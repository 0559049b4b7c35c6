"""The Celery tasks. A message only means "run the next job": the database decides which job that is, if any."""

import logging
import threading
from typing import Any

from celery.signals import celeryd_after_setup, worker_ready, worker_shutting_down
from django.conf import settings
from django.db import DatabaseError, close_old_connections

from webapp import log_context
from webapp.celery import app
from webapp.queue import transitions, wake_up
from webapp.queue.models import Job, Kind
from webapp.workers import (
    announcement,
    device,
    erasing,
    extracting,
    heartbeat,
    looking,
    serving,
    text_indexes,
    training,
    writing,
)
from webapp.workers.takeover import WorkerIdentity

log = logging.getLogger(__name__)

#: set when this worker was asked to end: it claims no more jobs, and its job writes a checkpoint and is queued again
DRAIN = threading.Event()
_identity: WorkerIdentity | None = None


@celeryd_after_setup.connect  # type: ignore[untyped-decorator]
def _identify(sender: str, **_: Any) -> None:
    global _identity
    folder = settings.WORK_DIR / "workers"
    folder.mkdir(parents=True, exist_ok=True)
    _identity = WorkerIdentity(sender, folder / f"{sender}.lock")
    listen_for_gpu_jobs()
    heartbeat.start(sender, folder / f"{sender}.pulse")  # an old name, since a launcher of before an update reads it


def listen_for_gpu_jobs() -> None:
    """Let a worker that trains and has a GPU take messages about jobs that need one, too."""
    queues = app.amqp.queues
    if device.own().is_gpu and Kind.TRAIN in queues.consume_from:
        queues.select_add(wake_up.GPU_QUEUE)


@worker_shutting_down.connect  # type: ignore[untyped-decorator]
def _drain(**_: Any) -> None:
    DRAIN.set()


@worker_ready.connect  # type: ignore[untyped-decorator]
def _begin(**_: Any) -> None:
    """Take over, and start the writing process: TensorFlow is loaded before anybody waits for it."""
    assert _identity is not None
    _identity.take_over()
    queues = set(app.amqp.queues.consume_from) & set(Kind.values)
    announcement.start(_identity.worker, queues)
    if Kind.WRITE in app.amqp.queues.consume_from:
        serving.warm_up()


@app.task(name=heartbeat.TASK)  # type: ignore[untyped-decorator]
def beat() -> None:
    """Show that the working thread is alive, which has no job now, and let it erase what is left of deleted models."""
    heartbeat.beat()
    _erase()


def _erase() -> None:
    close_old_connections()
    try:
        if erasing.erase_deleted():
            text_indexes.close_all()
            serving.forget_deleted()
    except DatabaseError as error:
        log.warning("the database is away (%s)", error)
    finally:
        close_old_connections()


@app.task(name="jobs.train")  # type: ignore[untyped-decorator]
def train() -> None:
    assert _identity is not None
    run_next(Kind.TRAIN, _identity)


@app.task(name="jobs.write")  # type: ignore[untyped-decorator]
def write() -> None:
    assert _identity is not None
    run_next(Kind.WRITE, _identity)


@app.task(name="jobs.extract")  # type: ignore[untyped-decorator]
def extract() -> None:
    assert _identity is not None
    run_next(Kind.EXTRACT, _identity)


@app.task(name="jobs.look")  # type: ignore[untyped-decorator]
def look() -> None:
    assert _identity is not None
    run_next(Kind.LOOK, _identity)


def run_next(kind: Kind, worker: WorkerIdentity) -> None:
    """Claim the next job of a kind and work on it, then send a wake-up message for the job after it."""
    if DRAIN.is_set():
        return
    close_old_connections()
    try:
        job = transitions.claim(kind, worker.name, device.own().is_gpu)
        if job is None:
            return
        with log_context.about(job=job.pk, attempt=job.attempt, request_id=job.request_id):
            log.info("job %s: attempt %s", job.pk, job.attempt)
            _work_on(job, worker)
        _erase()
        if not DRAIN.is_set() and transitions.waiting(kind, device.own().is_gpu).exists():
            wake_up.send(kind)
    finally:
        close_old_connections()


def _work_on(job: Job, worker: WorkerIdentity) -> None:
    match job.kind:
        case Kind.TRAIN:
            training.supervise(job, DRAIN, worker.lock)
        case Kind.WRITE:
            writing.supervise(job, DRAIN)
        case Kind.EXTRACT:
            extracting.supervise(job, DRAIN)
        case Kind.LOOK:
            looking.supervise(job, DRAIN)
