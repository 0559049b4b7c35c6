"""Real trainings and real writing for tests of what comes of them, without the queue's workers."""

import threading
from typing import Any

from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.passages.models import Passage
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State
from webapp.studies import services
from webapp.studies.models import Study
from webapp.workers import serving, writing
from webapp.workers.training import TrainingSupervisor

RECIPE = {"recipe": "quick", "steps": 5, "units": 16, "layers": 1, "batch": 8, "sequence": 16}


def bring(owner: User, text: str, lowercase: bool = False) -> Corpus:
    return corpora.add_corpus(owner, "A text", [("text.txt", text.encode())], lowercase)


def learn(study: Study) -> Study:
    """Train a study that was submitted, as a worker does."""
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job and job.study_id == study.pk
    TrainingSupervisor(job, threading.Event()).run()
    assert Job.objects.get(pk=job.pk).state == State.SUCCEEDED
    study.refresh_from_db()
    return study


def a_learned(owner: User, corpus: Corpus, name: str = "Banquo", **recipe: Any) -> Study:
    return learn(services.submit(owner, corpus, {**RECIPE, **recipe}, name))


def write(job: Job) -> list[Passage]:
    """Write a request as a worker does, and return its passages."""
    claimed = transitions.claim(Kind.WRITE, "writer")
    assert claimed and claimed.pk == job.pk
    writing.supervise(claimed, threading.Event())
    assert Job.objects.get(pk=job.pk).state == State.SUCCEEDED
    return list(job.passages.order_by("index"))


def end_of_writing() -> None:
    """End the process that writes."""
    if serving._serve is not None:
        serving._serve.kill()
