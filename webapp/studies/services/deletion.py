"""Deletion of studies, and of a corpus with what was learned from it."""

import logging

from django.db import transaction
from django.db.models import QuerySet

from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.queue import transitions
from webapp.queue.models import TERMINAL, Job, Kind, Wish
from webapp.studies.models import Study
from webapp.studies.services.frozen_texts import delete_texts

log = logging.getLogger(__name__)


def is_busy(studies: QuerySet[Study]) -> bool:
    """Whether a job of any of them waits or is under way."""
    return Job.objects.filter(study__in=studies).exclude(state__in=TERMINAL).exists()


def delete(study: Study) -> None:
    """Delete the study and its passages. Its jobs are cancelled first; its files go when none is under way."""
    with transaction.atomic():
        study.passages.all().delete()
        _cancel_jobs(study.jobs.all())
        Study.objects.filter(pk=study.pk).update(deleting=True, corpus=None, submission=None)
        transaction.on_commit(purge_deleted)


def delete_all(owner: User) -> None:
    """Delete all that a person has trained and written: rows at once, in one transaction, and files then.

    The jobs go first, and with them every lease: a worker that is at one can write nothing more, stops its trainer and
    removes what it has. `manage.py orphans` finds the files that can't be deleted now.
    """
    with transaction.atomic():
        owner.jobs.all().delete()
        owner.passages.all().delete()
        studies = list(owner.studies.all())
        owner.studies.all().delete()
        transaction.on_commit(lambda: _delete_files(*studies), robust=True)


def _delete_files(*studies: Study) -> None:
    """Delete all that is stored of studies, until the storage does not do it."""
    for study in studies:
        files.delete_tree(study.prefix)
        delete_texts(study)


def delete_corpus(corpus: Corpus, with_models: bool) -> None:
    """Delete a corpus. Trainings on it are stopped first; what they learned is kept, or goes `with_models`."""
    with transaction.atomic():
        for study in corpus.studies.all():
            if with_models:
                delete(study)
            else:
                _cancel_jobs(study.jobs.filter(kind=Kind.TRAIN))
        corpora.delete(corpus)


def _cancel_jobs(jobs: QuerySet[Job]) -> None:
    for job in jobs.exclude(state__in=TERMINAL):
        transitions.cancel(job, Wish.STOP)


def purge_deleted() -> None:
    """Remove the deleted studies of which no job is under way any more: first their files, then their rows.

    A training that is under way sees its owner's wish, ends, and leaves this to the reconciler.
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
