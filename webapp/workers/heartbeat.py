"""A worker's heartbeat: a file that changes as long as the worker works, or would. Whoever supervises it watches.

A worker can be up, and even answer when it is asked how it is, and take nothing from its queue any more: after a
broker that came back empty, or with a thread that hangs. So the heartbeat goes the way of the work: a message to the
worker's own queue, taken by the thread that works. While that thread is at work, its supervisor's ticks are what beats.
"""

import contextlib
import itertools
import os
import threading
import time
from pathlib import Path

from celery import current_app
from celery.utils.nodenames import worker_direct

from webapp.broker import AWAY

TASK = "jobs.heartbeat"
_LOOK_SECONDS = 5.0
_ASK_AFTER_SECONDS = 9.0  # without a beat: a thread at work beats more often than that, and is not asked
_beats = itertools.count()
_beat_at = 0.0
_file: int | None = None  # its descriptor: on a full disk it could not be opened anew


def start(worker: str, file: Path) -> None:
    """Keep a heartbeat in the file, for the worker called so."""
    global _file
    _file = os.open(file, os.O_WRONLY | os.O_CREAT, 0o600)
    beat()
    threading.Thread(target=_keep_asking, args=(worker,), daemon=True).start()


def beat() -> None:
    """Note that the working thread is alive."""
    global _beat_at
    _beat_at = time.monotonic()
    if _file is not None:
        with contextlib.suppress(OSError):  # a full disk: the next one counts
            os.pwrite(_file, b"%020d" % next(_beats), 0)


def _keep_asking(worker: str) -> None:
    pause = threading.Event()
    while not pause.wait(_LOOK_SECONDS):
        if time.monotonic() - _beat_at < _ASK_AFTER_SECONDS:
            continue
        try:
            current_app.send_task(TASK, queue=worker_direct(worker), expires=2 * _LOOK_SECONDS, retry=False)
        except AWAY:
            beat()  # the broker is away, which no restart of the worker mends
