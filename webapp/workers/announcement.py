"""The announcement of a worker: a row that says on what machine it is, what it can do, and when it was heard of last.

The operator's page shows it. The form of a training reads whether there are GPUs, and estimates how fast workers are.
No claim looks at it: a worker that can't write its row works all the same.
"""

import importlib.metadata
import logging
import os
import platform
import threading
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import DatabaseError, close_old_connections
from django.db.models import QuerySet
from django.utils import timezone

from webapp.memory import machine_memory
from webapp.queue.models import LIVE, Job, Kind, Worker
from webapp.studies.estimates import speed_of_reference
from webapp.workers import device, heartbeat, own_speed

log = logging.getLogger(__name__)

SECONDS = 30.0  # between two announcements
_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy")


def start(name: str, queues: Iterable[str]) -> None:
    """Announce the worker with this name now, and again every SECONDS as long as it takes work."""
    threading.Thread(target=_keep_announcing, args=(name, about(queues)), daemon=True).start()


def _keep_announcing(name: str, unchanging: dict[str, Any]) -> None:
    pause = threading.Event()
    announce(name, unchanging)
    is_measured = not settings.MEASURE_SPEED or Kind.TRAIN not in unchanging["queues"]
    while not pause.wait(SECONDS):  # what starts together with this worker has started when its speed is measured
        if heartbeat.seconds_since() < SECONDS:
            announce(name, unchanging)
            is_measured = is_measured or measure(name, unchanging)
            close_old_connections()


def measure(name: str, unchanging: dict[str, Any]) -> bool:
    """Measure how fast this worker trains, and announce it. Return whether that is known now.

    It is known already if it was measured on this device before. While the worker trains, nothing is measured, since
    its training reports the speed.
    """
    try:
        if Worker.objects.filter(name=name).exclude(reference_speed=None).exists():
            return True
        if not _live(name).exists() and (speed := own_speed.measured()):
            announce(name, {**unchanging, "reference_speed": speed})
            return True
    except DatabaseError as error:
        log.warning("the worker's row could not be read: %s", error)
    return False


def announce(name: str, unchanging: dict[str, Any]) -> None:
    """Write the worker's row."""
    try:
        if Worker.objects.filter(name=name).exclude(device=unchanging["device"]).exists():
            unchanging = {"speed": None, "reference_speed": None, **unchanging}  # they were another device's
        Worker.objects.update_or_create(name=name, defaults={**unchanging, "heard": timezone.now(), **_speeds(name)})
    except DatabaseError as error:
        log.warning("the worker's row could not be written: %s", error)


def about(queues: Iterable[str]) -> dict[str, Any]:
    """Return the fields of this worker's row that do not change while it lives."""
    return {
        "queues": ", ".join(sorted(queues)),
        "device": device.own().name,
        "gpu": device.own().is_gpu,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        "memory": machine_memory(),
        "versions": {"python": platform.python_version(), **_versions()},
        "started": timezone.now(),
    }


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _speeds(name: str) -> dict[str, int]:
    """Return the speeds of the training on which the worker works, as far as it has reported them."""
    job = _live(name).filter(kind=Kind.TRAIN).select_related("study").first()
    if job is None or not job.study.progress:
        return {}
    found = {"speed": round(job.study.progress["chars_per_s"])}
    if job.study.started and (reference := speed_of_reference(job.study.started, job.study.progress)):
        found["reference_speed"] = round(reference)
    return found


def _live(name: str) -> QuerySet[Job]:
    return Job.objects.filter(worker__startswith=f"{name}/", state__in=LIVE)
