"""The announcement of a worker: a row that says on what machine it is, what it can do, and when it was heard of last.

The operator's page shows it. The queue never looks at it: a worker that can't write its row works all the same.
"""

import importlib.metadata
import logging
import os
import platform
import shutil
import subprocess
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from webapp.memory import machine_memory
from webapp.queue.models import LIVE, Job, Kind, Worker
from webapp.workers import heartbeat

log = logging.getLogger(__name__)

SECONDS = 30.0  # between two announcements
_PACKAGES = ("tensorflow", "tensorflow-cpu", "keras", "numpy")
_ASKING_SECONDS = 10.0


def start(name: str, queues: Iterable[str]) -> None:
    """Announce the worker with this name now, and again every SECONDS as long as it takes work."""
    threading.Thread(target=_keep_announcing, args=(name, about(queues)), daemon=True).start()


def _keep_announcing(name: str, unchanging: dict[str, Any]) -> None:
    pause = threading.Event()
    while True:
        if heartbeat.seconds_since() < SECONDS:
            announce(name, unchanging)
            close_old_connections()
        pause.wait(SECONDS)


def announce(name: str, unchanging: dict[str, Any]) -> None:
    """Write the worker's row."""
    try:
        speed = _speed(name)
        changed = {**unchanging, "heard": timezone.now(), **({"speed": speed} if speed else {})}
        Worker.objects.update_or_create(name=name, defaults=changed)
    except DatabaseError as error:
        log.warning("the worker's row could not be written: %s", error)


def about(queues: Iterable[str]) -> dict[str, Any]:
    """Return the fields of this worker's row that do not change while it lives."""
    return {
        "queues": ", ".join(sorted(queues)),
        "device": device()[:120],
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


def _speed(name: str) -> int | None:
    """Return the characters per second of the training that the worker has in hand, if it has one that told it."""
    trainings = Job.objects.filter(worker__startswith=f"{name}/", kind=Kind.TRAIN, state__in=LIVE)
    job = trainings.select_related("study").first()
    progress = job.study.progress if job else None
    return progress.get("chars_per_s") if progress else None


def device() -> str:
    """Return the name of the GPU that this worker's trainers see, or else of the processor. No TensorFlow is loaded."""
    return _gpu() or _processor()


def _gpu() -> str:
    program, chosen = shutil.which("nvidia-smi"), os.environ.get("CUDA_VISIBLE_DEVICES")
    if program is None or chosen == "" or chosen == "-1":
        return ""
    which = ["-i", chosen.split(",")[0]] if chosen else []
    try:
        command = [program, *which, "--query-gpu=name,memory.total", "--format=csv,noheader"]
        said = subprocess.run(command, capture_output=True, text=True, timeout=_ASKING_SECONDS, check=True).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
    return said.splitlines()[0].strip() if said.strip() else ""


def _processor(file: Path = Path("/proc/cpuinfo")) -> str:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        lines = []
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, "") or platform.processor() or platform.machine()
