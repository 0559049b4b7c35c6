"""What the operator's page shows: workers, queues, jobs, people, disk and versions, each by few queries."""

import importlib.metadata
import platform
import shutil
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Count, F, Min, Q, QuerySet
from django.utils import timezone

from webapp.accounts.limits import MEGABYTE, Limits, limits_of, storages
from webapp.accounts.models import User
from webapp.queue.announced import SILENT
from webapp.queue.models import LIVE, Job, Kind, State, Worker

_NEWEST = 20
_MOST_PEOPLE = 50
_PACKAGES = ("Django", "celery", "gunicorn", "psycopg", "tensorflow-cpu", "tensorflow", "keras")


@dataclass(frozen=True)
class WorkerShown:
    """A worker, whether it was heard of lately, and the job that it has in hand."""

    worker: Worker
    is_silent: bool
    job: Job | None


def workers() -> list[WorkerShown]:
    """Return all workers that have ever announced themselves, by name."""
    live = {job.worker.rpartition("/")[0]: job for job in jobs().filter(state__in=LIVE)}
    border = timezone.now() - SILENT
    return [WorkerShown(one, one.heard < border, live.get(one.name)) for one in Worker.objects.all()]


@dataclass(frozen=True)
class QueueShown:
    """The jobs of one kind: how many wait and run, how many have failed, and since when the oldest waits."""

    kind: Kind
    waiting: int
    live: int
    failed: int
    oldest: Any


def queues() -> list[QueueShown]:
    rows = (
        Job.objects.order_by()
        .values_list("kind")
        .annotate(
            waiting=Count("pk", Q(state=State.QUEUED)),
            live=Count("pk", Q(state__in=LIVE)),
            failed=Count("pk", Q(state=State.FAILED)),
            oldest=Min("created", filter=Q(state=State.QUEUED)),
        )
    )
    counted = {kind: numbers for kind, *numbers in rows}
    return [QueueShown(kind, *counted.get(kind.value, (0, 0, 0, None))) for kind in Kind]


def jobs() -> QuerySet[Job]:
    return Job.objects.select_related("owner", "study", "extraction__corpus", "extraction__document")


def unfinished() -> QuerySet[Job]:
    """Return the newest jobs that wait or run."""
    return jobs().filter(state__in=(State.QUEUED, *LIVE)).order_by("-state", "-pk")[:_NEWEST]


def failed() -> QuerySet[Job]:
    return jobs().filter(state=State.FAILED).order_by("-finished", "-pk")[:_NEWEST]


@dataclass(frozen=True)
class PersonShown:
    person: User
    stored_mb: float
    limits: Limits
    trainings: int


def people() -> list[PersonShown]:
    """Return the people who were here last, with what they store and what they may."""
    found = User.objects.annotate(trainings=Count("jobs", Q(jobs__kind=Kind.TRAIN)))
    latest = F("last_login").desc(nulls_last=True)  # PostgreSQL would begin with those who never were here
    shown = list(found.order_by(latest, "pk")[:_MOST_PEOPLE])
    stored = storages(shown)
    return [
        PersonShown(person, stored[person.pk].used / MEGABYTE, limits_of(person), person.trainings) for person in shown
    ]


def disk() -> dict[str, float]:
    """Return the gigabytes of the disk with the data folder: all, and free."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    return {"all": usage.total / 1e9, "free": usage.free / 1e9}


def versions() -> dict[str, str]:
    """Return the versions of what the pages run on; workers announce theirs."""
    found = {"Python": platform.python_version(), "database": connection.vendor}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found
