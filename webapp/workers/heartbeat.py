"""The heartbeat of a worker: a file that changes as long as the worker is able to work. The launcher watches it.

A worker process can run, and even answer pings, without taking anything from its queue any more: after the broker came
back empty, or when a thread hangs. So the heartbeat takes the same way as the work: a message is sent to the worker's
own queue, and the thread that does the work takes it. While that thread works on a job, each tick of the job's
supervisor is a heartbeat.
"""

import contextlib
import itertools
import os
import threading
import time
from pathlib import Path

from celery.utils.nodenames import worker_direct

from webapp.broker import AWAY
from webapp.celery import app

TASK = "jobs.heartbeat"
_CHECK_SECONDS = 5.0
_ASK_AFTER_SECONDS = 9.0  # without a heartbeat; a thread that works on a job has one more often, and is never asked
_beats = itertools.count()
_beat_at = 0.0
_file: int | None = None  # a descriptor that stays open, since on a full disk the file could not be opened again


def start(worker: str, file: Path) -> None:
    """Start to keep the heartbeat of the worker with this name in the file."""
    global _file
    _file = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    beat()
    threading.Thread(target=_keep_asking, args=(worker,), daemon=True).start()


def beat() -> None:
    """Note that the working thread is alive."""
    global _beat_at
    _beat_at = time.monotonic()
    if _file is not None:
        with contextlib.suppress(OSError):  # the disk is full now; a later heartbeat is written
            os.pwrite(_file, b"%020d" % next(_beats), 0)


def seconds_since() -> float:
    """Return how long ago the working thread was last seen alive."""
    return time.monotonic() - _beat_at


def _keep_asking(worker: str) -> None:
    pause = threading.Event()
    while not pause.wait(_CHECK_SECONDS):
        if seconds_since() < _ASK_AFTER_SECONDS:
            continue
        try:
            app.send_task(TASK, queue=worker_direct(worker), expires=2 * _CHECK_SECONDS, retry=False)
        except AWAY:
            beat()  # the broker is away, so the worker must not be restarted: that would not help
