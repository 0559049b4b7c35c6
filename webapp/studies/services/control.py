"""Control of a study by its owner: stop, pause, resume, train further, rename."""

from typing import Any

from django.db import transaction

from webapp import files
from webapp.accounts import limits
from webapp.queue import transitions
from webapp.queue.models import Job, State, Wish
from webapp.studies.models import Study
from webapp.studies.services.training_jobs import queue, training


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
            queue(study)


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
        queue(study)
        if old:
            transaction.on_commit(lambda: files.delete_tree(old), robust=True)


def rename(study: Study, name: str) -> None:
    """Change the name and nothing else: a worker may be writing to the same row."""
    Study.objects.filter(pk=study.pk).update(name=name)
