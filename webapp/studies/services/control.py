"""The services by which an owner controls a study: stop, pause, resume, train further, rename."""

from typing import Any

from django.db import transaction

from webapp import files, names
from webapp.accounts import limits
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State, Wish
from webapp.studies.models import Study
from webapp.studies.services.training_jobs import queue, training


def stop(study: Study) -> None:
    """Stop the training and keep its model. A second call changes nothing."""
    transitions.cancel(training(study), Wish.STOP)


def pause(study: Study) -> None:
    """Stop the training so that another can run. `resume` continues it from exactly this step."""
    transitions.cancel(training(study), Wish.PAUSE)


def can_resume(job: Job) -> bool:
    """Whether a training has ended before it was finished: it was paused or stopped, or has failed."""
    return job.state in (State.CANCELLED, State.FAILED)


def resume(study: Study) -> None:
    """Queue the training again, to continue exactly from its last checkpoint. A second call changes nothing.

    Raises LimitReached.
    """
    with transaction.atomic():
        allowed = limits.lock(study.owner)
        if can_resume(training(study)):
            limits.check_waiting(study.owner, allowed, Kind.TRAIN)
            queue(study)


def can_train_further(study: Study, job: Job) -> bool:
    """Whether the training is over and has left a model, and its text is here."""
    return job.state in (State.SUCCEEDED, State.CANCELLED) and study.is_readable and study.has_text


def train_further(study: Study, budget: dict[str, Any]) -> None:
    """Queue more training of a finished model. It starts from the best weights, with a new schedule.

    Args:
        budget: {"minutes": …} or {"epochs": …}.

    A second call changes nothing. Raises LimitReached.
    """
    with transaction.atomic():
        allowed = limits.lock(study.owner)
        study.refresh_from_db()
        if not can_train_further(study, training(study)):
            return
        limits.check_minutes(allowed, budget.get("minutes"))
        limits.check_waiting(study.owner, allowed, Kind.TRAIN)
        old = study.checkpoint_key
        study.further = budget
        study.checkpoint_key, study.checkpoint_step, study.progress = "", 0, None
        study.save(update_fields=["further", "checkpoint_key", "checkpoint_step", "progress"])
        queue(study)
        if old:
            transaction.on_commit(lambda: files.delete_tree(old), robust=True)


def rename(study: Study, name: str) -> None:
    """Change the name only, since a worker may be writing to the same row. One that is taken gets a number."""
    name = names.distinct(name, Study.objects.filter(owner=study.owner).exclude(pk=study.pk))
    Study.objects.filter(pk=study.pk).update(name=name)
