"""Submitting trainings, and what may be done with a study."""

from typing import Any

from django.db import transaction

from trainer.text import check_trainable
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.jobs import bell, life
from webapp.jobs.models import TERMINAL, Job, Kind, Wish
from webapp.studies.models import Study


def submit(owner: User, corpus: Corpus, recipe: dict[str, Any], name: str) -> Study:
    """Freeze the corpus's cleaned text and the recipe, and queue the training.

    Raises TextProblem when the text can't be trained on. All or nothing.
    """
    texts = corpora.texts(corpus)
    check_trainable([text for _, text in texts])
    with transaction.atomic():
        study = Study.objects.create(
            owner=owner,
            name=name,
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
        key = f"{study.prefix}/corpus/{number}.txt"
        files.write(key, data)
        frozen.append(
            {"name": name, "key": key, "sha256": files.sha256(data), "characters": len(text)},
        )
    return frozen


def training(study: Study) -> Job:
    """Return the study's newest training job."""
    return study.jobs.filter(kind=Kind.TRAIN).latest("pk")


def stop(study: Study) -> None:
    """Stop the training and keep what it has learned. Asking twice is asking once."""
    life.cancel(training(study), Wish.STOP)


def can_delete(study: Study) -> bool:
    """Whether no job of it is under way: a running one is stopped first."""
    return not study.jobs.exclude(state__in=TERMINAL).exists()


def delete(study: Study) -> None:
    """Delete the study, its passages and its files. A job under way loses its lease and stops."""
    prefix = study.prefix
    with transaction.atomic():
        study.delete()
        transaction.on_commit(lambda: files.delete_tree(prefix))
