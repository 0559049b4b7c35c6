"""Asking for passages, and what may be done with them."""

from dataclasses import dataclass

from django.db import transaction

from webapp.accounts.models import User
from webapp.jobs import bell, life
from webapp.jobs.models import Job, Kind
from webapp.passages.models import Passage
from webapp.studies.models import Study


@dataclass(frozen=True)
class Wanted:
    """One request: how many passages, and how they are to be written."""

    prompt: str
    length: int  # characters
    temperature: float  # 0 is greedy
    seed: int
    passages: int = 1
    top_k: int = 0  # 0: all
    top_p: float = 1.0


def write(owner: User, study: Study, wanted: Wanted) -> Job:
    """Queue the writing of passages; they exist at once, empty, and fill as they are written."""
    with transaction.atomic():
        job = Job.objects.create(owner=owner, kind=Kind.WRITE, study=study)
        Passage.objects.bulk_create(
            Passage(
                owner=owner,
                study=study,
                job=job,
                index=index,
                prompt=wanted.prompt,
                length=wanted.length,
                temperature=wanted.temperature,
                top_k=wanted.top_k,
                top_p=wanted.top_p,
                seed=wanted.seed,
                model_sha256=study.model_sha256,
            )
            for index in range(wanted.passages)
        )
        bell.ring_on_commit(Kind.WRITE)
    return job


def stop(job: Job) -> None:
    """Stop writing; what stands on the page is kept."""
    life.cancel(job)


def delete(passage: Passage) -> None:
    """Delete a passage. Nobody goes on writing when it was the last of its request."""
    with transaction.atomic():
        job = passage.job
        passage.delete()
        if job is not None and not job.is_over and not job.passages.exists():
            life.cancel(job)
