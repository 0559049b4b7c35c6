"""Submitting trainings, and what may be done with a study: stop, pause, resume, train further, delete."""

import logging
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Prefetch, QuerySet

from trainer.contract import recipe as recipes
from trainer.contract.documents import TextProblem, check_trainable
from webapp import files
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.queue import transitions, wake_up
from webapp.queue.models import TERMINAL, Job, Kind, State, Wish
from webapp.studies.models import Study

log = logging.getLogger(__name__)
Text = tuple[str, str]  # a document's name and its cleaned text


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
    Raises TextProblem when the text can't be trained on, LimitReached when its owner may have no more. All or nothing.
    """
    recipe = _with_spelling(recipe, corpus.lowercase)
    study = Study(owner=owner, corpus=corpus, corpus_name=corpus.name, recipe=recipe, name=name)
    return _submit_once(study, corpora.texts(corpus), submission)


def again(before: Study, recipe: dict[str, Any], name: str, submission: UUID | None = None) -> Study:
    """Queue a training on the very text that another study was trained on. Otherwise as `submit`."""
    recipe = _with_spelling(recipe, before.recipe.get("lowercase", False))
    study = Study(owner=before.owner, corpus=before.corpus, corpus_name=before.corpus_name, recipe=recipe, name=name)
    texts = [(document["name"], files.read_whole_text(document["key"])) for document in before.documents]
    return _submit_once(study, texts, submission)


def _with_spelling(recipe: dict[str, Any], lowercase: bool) -> dict[str, Any]:
    """Say in the recipe that the text is lower-cased: its model then lower-cases what it is given to read, too."""
    return recipe | {"lowercase": True} if lowercase else recipe


def _submit_once(study: Study, texts: list[Text], submission: UUID | None) -> Study:
    check_trainable([text for _, text in texts])
    study.characters = sum(len(text) for _, text in texts)
    study.text_bytes = sum(len(text.encode()) for _, text in texts)
    study.submission = submission
    if same := _sent_before(study):
        return same
    _check_limits(study, limits.limits_of(study.owner))
    study.documents = _freeze(texts)  # before the transaction: while it lasts, nobody else can write
    try:
        submitted = _insert_once(study)
    except Exception:
        _delete_texts(study)
        raise
    if submitted is not study:
        _delete_texts(study)
    return submitted


def _insert_once(study: Study) -> Study:
    """Save the study and queue its training; return that of the form's other sending where this came in between."""
    try:
        return _insert(study)
    except IntegrityError:
        if study.submission is None:
            raise
    study.pk = None
    if same := _sent_before(study):
        return same
    study.submission = None  # another recipe was sent with the same form
    return _insert(study)


def _sent_before(study: Study) -> Study | None:
    if study.submission is None:
        return None
    wanted = {"owner": study.owner, "corpus": study.corpus, "recipe": study.recipe}
    return Study.objects.filter(submission=study.submission, **wanted).first()


def _insert(study: Study) -> Study:
    with transaction.atomic():
        _check_limits(study, limits.lock(study.owner))
        study.save(force_insert=True)
        _queue(study)
    return study


def _check_limits(study: Study, allowed: limits.Limits) -> None:
    limits.check_minutes(allowed, recipes.check(study.recipe).get("minutes"))
    limits.check_waiting(study.owner, allowed)
    limits.check_stored(study.owner, allowed, study.text_bytes)


def _queue(study: Study) -> None:
    Job.objects.create(owner=study.owner, kind=Kind.TRAIN, study=study)
    wake_up.send_on_commit(Kind.TRAIN)


def _freeze(texts: list[Text]) -> list[dict[str, Any]]:
    """Store the texts in a folder of their own, all or none."""
    folder = files.fresh("texts")
    frozen = []
    try:
        for number, (name, text) in enumerate(texts):
            data = text.encode()
            key = files.add(folder, f"{number}.txt", data)
            frozen.append({"name": name, "key": key, "sha256": files.sha256(data), "characters": len(text)})
    except Exception:
        files.delete_tree(folder)
        raise
    return frozen


def _delete_texts(study: Study) -> None:
    for folder in study.text_folders:
        files.delete_tree(folder)


def _delete_files(*studies: Study) -> None:
    """Delete all that is stored of studies, until the storage does not do it."""
    for study in studies:
        files.delete_tree(study.prefix)
        _delete_texts(study)


def with_trainings(studies: QuerySet[Study]) -> QuerySet[Study]:
    """Give each study `trainings`, its training jobs with the newest first, in one query for all."""
    newest_first = Job.objects.filter(kind=Kind.TRAIN).order_by("-pk")
    return studies.prefetch_related(Prefetch("jobs", newest_first, to_attr="trainings"))


def training(study: Study) -> Job:
    """Return the study's newest training job."""
    return study.jobs.filter(kind=Kind.TRAIN).latest("pk")


def stop(study: Study) -> None:
    """Stop the training and keep what it has learned. Asking twice is asking once."""
    transitions.cancel(training(study), Wish.STOP)


def pause(study: Study) -> None:
    """Free the machine. `resume` goes on from exactly here."""
    transitions.cancel(training(study), Wish.PAUSE)


def can_resume(job: Job) -> bool:
    """Whether a training ended before its time: paused, stopped or failed."""
    return job.state in (State.CANCELLED, State.FAILED)


def resume(study: Study) -> None:
    """Queue the training again, to go on exactly from its last checkpoint. Asking twice is asking once.

    Raises LimitReached.
    """
    with transaction.atomic():
        allowed = limits.lock(study.owner)
        if can_resume(training(study)):
            limits.check_waiting(study.owner, allowed)
            _queue(study)


def can_train_further(study: Study, job: Job) -> bool:
    """Whether it is over and has learned something."""
    return job.state in (State.SUCCEEDED, State.CANCELLED) and study.is_readable


def train_further(study: Study, budget: dict[str, Any]) -> None:
    """Queue more training of a finished model: from its best weights, with a schedule of its own.

    Args:
        budget: {"minutes": …} or {"epochs": …}. Asking twice is asking once. Raises LimitReached.
    """
    with transaction.atomic():
        allowed = limits.lock(study.owner)
        study.refresh_from_db()
        if not can_train_further(study, training(study)):
            return
        limits.check_minutes(allowed, budget.get("minutes"))
        limits.check_waiting(study.owner, allowed)
        old = study.checkpoint_key
        study.further = budget
        study.checkpoint_key, study.checkpoint_step, study.progress = "", 0, None
        study.save(update_fields=["further", "checkpoint_key", "checkpoint_step", "progress"])
        _queue(study)
        if old:
            transaction.on_commit(lambda: files.delete_tree(old), robust=True)


def rename(study: Study, name: str) -> None:
    """Change the name and nothing else: a worker may be writing to the same row."""
    Study.objects.filter(pk=study.pk).update(name=name)


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
