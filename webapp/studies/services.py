"""Submitting trainings, and what may be done with a study."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet

from trainer.text import TextProblem, check_trainable
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.jobs import bell, life
from webapp.jobs.models import TERMINAL, Job, Kind, Wish
from webapp.studies.models import Study


def problem(corpus: Corpus) -> str:
    """Return the sentence that says why this corpus can't be trained on, or nothing."""
    try:
        check_trainable([text for _, text in corpora.texts(corpus)])
    except TextProblem as found:
        return str(found)
    return ""


def submit(owner: User, corpus: Corpus, recipe: dict[str, Any], name: str, submission: UUID | None = None) -> Study:
    """Freeze the corpus's cleaned text and the recipe, and queue the training.

    A form that is sent twice trains once: its second sending returns the study of the first. Sent again with
    another recipe (back, changed, sent), it trains again.
    Raises TextProblem when the text can't be trained on. All or nothing.
    """
    try:
        return _submit(owner, corpus, recipe, name, submission)
    except IntegrityError:
        if submission is None:
            raise
    same = Study.objects.filter(owner=owner, submission=submission, corpus=corpus, recipe=recipe).first()
    return same or _submit(owner, corpus, recipe, name, None)


def _submit(owner: User, corpus: Corpus, recipe: dict[str, Any], name: str, submission: UUID | None) -> Study:
    texts = corpora.texts(corpus)
    check_trainable([text for _, text in texts])
    with transaction.atomic():
        study = Study.objects.create(
            owner=owner,
            name=name,
            submission=submission,
            corpus=corpus,
            corpus_name=corpus.name,
            recipe=recipe,
            documents=[],
            characters=sum(len(text) for _, text in texts),
        )
        try:
            study.documents = _freeze(study, texts)
        except Exception:
            files.delete_tree(study.prefix)
            raise
        study.save(update_fields=["documents"])
        Job.objects.create(owner=owner, kind=Kind.TRAIN, study=study)
        bell.ring_on_commit(Kind.TRAIN)
    return study


def _freeze(study: Study, texts: list[tuple[str, str]]) -> list[dict[str, Any]]:
    frozen = []
    for number, (name, text) in enumerate(texts):
        data = text.encode()
        key = files.add(f"{study.prefix}/corpus", f"{number}.txt", data)
        frozen.append(
            {"name": name, "key": key, "sha256": files.sha256(data), "characters": len(text)},
        )
    return frozen


def with_trainings(studies: QuerySet[Study]) -> QuerySet[Study]:
    """Give each study `trainings`, its training jobs with the newest first, in one query for all."""
    newest_first = Job.objects.filter(kind=Kind.TRAIN).order_by("-pk")
    return studies.prefetch_related(Prefetch("jobs", newest_first, to_attr="trainings"))


def training(study: Study) -> Job:
    """Return the study's newest training job."""
    return study.jobs.filter(kind=Kind.TRAIN).latest("pk")


def stop(study: Study) -> None:
    """Stop the training and keep what it has learned. Asking twice is asking once."""
    life.cancel(training(study), Wish.STOP)


def rename(study: Study, name: str) -> None:
    """Change the name and nothing else: a worker may be writing to the same row."""
    Study.objects.filter(pk=study.pk).update(name=name)


def is_busy(study: Study) -> bool:
    """Whether a job of it waits or is under way."""
    return study.jobs.exclude(state__in=TERMINAL).exists()


def delete(study: Study) -> None:
    """Delete the study, its passages and its files. A job under way loses its lease and stops."""
    prefix = study.prefix
    with transaction.atomic():
        study.delete()
        transaction.on_commit(lambda: files.delete_tree(prefix))
