"""The training jobs of a study: finding the newest, and queueing one more."""

from typing import cast

from django.db.models import Prefetch, QuerySet

from webapp.queue import wake_up
from webapp.queue.models import Job, Kind
from webapp.studies.models import Study


def queue(study: Study) -> None:
    """Queue one more training of a study, and wake a worker once the row is there."""
    Job.objects.create(owner=study.owner, kind=Kind.TRAIN, study=study, needs_gpu=study.needs_gpu)
    wake_up.send_on_commit(Kind.TRAIN, study.needs_gpu)


def with_trainings(studies: QuerySet[Study]) -> QuerySet[Study]:
    """Give each study the attribute `trainings`: its training jobs, the newest first, by one query for all studies."""
    newest_first = Job.objects.filter(kind=Kind.TRAIN).order_by("-pk")
    return studies.prefetch_related(Prefetch("jobs", newest_first, to_attr="trainings"))


def training(study: Study) -> Job:
    """Return the study's newest training job."""
    if known := getattr(study, "trainings", None):
        return cast(Job, known[0])
    return study.jobs.filter(kind=Kind.TRAIN).latest("pk")
