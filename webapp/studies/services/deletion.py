"""The services that delete studies, and a corpus or a document with the models that learned from it."""

import logging

from django.db import transaction
from django.db.models import QuerySet

from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus, Document
from webapp.queue import transitions
from webapp.queue.models import TERMINAL, Job, Kind, Wish
from webapp.studies.models import Study
from webapp.studies.services.dependents import learned_corpus, learned_document
from webapp.studies.services.frozen_texts import delete_texts

log = logging.getLogger(__name__)


def is_busy(studies: QuerySet[Study]) -> bool:
    """Whether any of the studies has a job that is not over."""
    return Job.objects.filter(study__in=studies).exclude(state__in=TERMINAL).exists()


def delete(study: Study) -> None:
    """Delete a study and its passages. Its jobs are cancelled; its files are deleted when all of them are over."""
    with transaction.atomic():
        study.passages.all().delete()
        _cancel_jobs(study.jobs.all())
        Study.objects.filter(pk=study.pk).update(deleting=True, corpus=None, submission=None)
        transaction.on_commit(purge_deleted)


def delete_all(owner: User) -> None:
    """Delete all models and passages of a person: the rows in one transaction, then the files.

    The jobs are deleted first, and with them all leases: a worker that has one of these jobs can write nothing more,
    stops its trainer and deletes its local files. `manage.py orphans` finds the files that can't be deleted now.
    """
    with transaction.atomic():
        owner.jobs.all().delete()
        owner.passages.all().delete()
        studies = list(owner.studies.all())
        owner.studies.all().delete()
        transaction.on_commit(lambda: _delete_files(*studies), robust=True)


def _delete_files(*studies: Study) -> None:
    """Delete all stored files of studies. An error of the storage ends this."""
    for study in studies:
        files.delete_tree(study.prefix)
        delete_texts(study)


def delete_corpus(corpus: Corpus, with_models: bool) -> None:
    """Delete a corpus, and its documents that stand in no other.

    Its owner's trainings are stopped first. The models of its owner that learned from it are kept, or deleted too if
    `with_models`. Those of others, with whom it was shared, go on: they have copies of the texts.
    """
    with transaction.atomic():
        if with_models:
            _delete_models(learned_corpus(corpus))
        own = corpus.studies.filter(owner=corpus.owner_id)
        _cancel_jobs(Job.objects.filter(study__in=own, kind=Kind.TRAIN))
        corpora.delete(corpus)


def delete_document(document: Document, with_models: bool) -> None:
    """Delete a document from all its corpora. The models that learned from it are kept, or deleted if `with_models`."""
    corpora.delete_document(document, lambda: _delete_models(learned_document(document) if with_models else []))


def _delete_models(studies: list[Study]) -> None:
    for study in studies:
        delete(study)


def _cancel_jobs(jobs: QuerySet[Job]) -> None:
    for job in jobs.exclude(state__in=TERMINAL):
        transitions.cancel(job, Wish.STOP)


def purge_deleted() -> None:
    """Remove those deleted studies whose jobs are all over: first their files, then their rows.

    A training that still runs reads its owner's wish and ends; the reconciler then calls this function again.
    """
    for study in Study.objects.filter(deleting=True):
        if study.jobs.exclude(state__in=TERMINAL).exists():
            continue
        try:
            _delete_files(study)
        except Exception:  # the storage is away: the reconciler tries again
            log.exception("study %s: its files could not be deleted", study.pk)
        else:
            study.delete()
