"""The supervisor with a real trainer: a time limit, a pause at an exact step, and a trainer that is stuck."""

import threading
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.factory import a_corpus
from tests.support.waiting import wait_for
from tests.support.warm_trainer import OfWorker
from webapp import files
from webapp.accounts.models import User
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State
from webapp.studies import services
from webapp.studies.models import HistoryPoint, Study
from webapp.workers.training import TrainingSupervisor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("warm_trainers")]
LONG = {"recipe": "quick", "steps": 100_000, "units": 16, "layers": 1, "batch": 8, "sequence": 16}
SHORT = {**LONG, "steps": 500, "seed": 5}


def claimed(owner: User, recipe: dict[str, object] = LONG) -> TrainingSupervisor:
    services.submit(owner, a_corpus(owner), recipe, "Banquo")
    return next_one()


def next_one() -> TrainingSupervisor:
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job
    return TrainingSupervisor(job, threading.Event())


def when(true: Callable[[], bool], do: Callable[[], object]) -> threading.Thread:
    """Call a function in another thread as soon as a condition is true."""

    def wait() -> None:
        wait_for(true)
        do()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def limit(supervisor: TrainingSupervisor) -> None:
    """Make the training reach its time limit."""
    supervisor.stopping.limit_minutes = 0.01  # type: ignore[assignment]


def stand_still(supervisor: TrainingSupervisor, settings: Any) -> None:
    """Stop the trainer process during its work, with a short time until it counts as stuck."""
    for one in OfWorker.running(str(supervisor.files.model)):
        one.suspend()
    settings.STUCK_SECONDS = settings.STOP_GRACE_SECONDS = 1


def weights(study: Study) -> bytes:
    return files.read(f"{study.model_key}/weights.safetensors")


def test_a_paused_training_goes_on_from_the_very_step_and_a_deadline_ends_it_with_its_best_model(alice: User) -> None:
    supervisor = claimed(alice)
    asking = when(lambda: Study.objects.get().best_held_out is not None, lambda: services.pause(Study.objects.get()))
    supervisor.run()
    asking.join()
    study = Study.objects.get()
    assert Job.objects.get().paused
    paused_at = study.checkpoint_step
    told = list(HistoryPoint.objects.values_list("kind", "step", "train_loss", "carried"))
    services.resume(study)
    again = next_one()
    learning = when(lambda: Study.objects.get().step > paused_at, lambda: limit(again))
    again.run()
    learning.join()
    study.refresh_from_db()
    assert study.started and study.started["step"] == paused_at > 0
    job = study.jobs.latest("pk")
    assert (job.state, job.reason) == (State.SUCCEEDED, ""), "a deadline is no error"
    assert study.is_readable
    assert paused_at < study.step < LONG["steps"]  # type: ignore[operator]
    again_told = HistoryPoint.objects.filter(step__lte=paused_at)
    assert list(again_told.values_list("kind", "step", "train_loss", "carried")) == told


def test_a_trainer_that_stands_still_is_a_lost_attempt_and_the_next_ends_as_an_undisturbed_one(
    alice: User, settings: Any
) -> None:
    claimed(alice, SHORT).run()
    undisturbed = Study.objects.get()
    settings.CHECKPOINT_SECONDS = 0  # one after each step: so it is at work still when its first steps are in the rows
    stuck = claimed(alice, SHORT)
    study = Study.objects.exclude(pk=undisturbed.pk)
    standing = when(lambda: study.get().step > 0, lambda: stand_still(stuck, settings))
    stuck.run()
    settings.CHECKPOINT_SECONDS = 30
    standing.join()
    job = Job.objects.get(pk=stuck.job.pk)
    assert (job.state, job.lost_attempts) == (State.QUEUED, 1)
    settings.STUCK_SECONDS = 600
    next_one().run()
    job.refresh_from_db()
    assert (job.state, job.attempt) == (State.SUCCEEDED, 2)
    undisturbed.refresh_from_db()
    assert weights(study.get()) == weights(undisturbed)


def test_a_model_learns_another_text_and_goes_on_with_that(alice: User) -> None:
    supervisor = claimed(alice, {**SHORT, "steps": 30})
    supervisor.run()
    base = Study.objects.get()
    letters = a_corpus(alice, "Mein Schäfchen, die Äpfel sind reif. " * 60, "Letters")
    study = services.submit(alice, letters, {"recipe": "quick", "steps": 30}, "Letters", base=base)
    next_one().run()
    study.refresh_from_db()
    assert study.started and study.started["recipe"]["fine_tuned"]
    before, *_, after = study.history.filter(kind="evaluated")
    assert before.step == 0 and before.held_out and after.held_out and after.held_out < before.held_out
    best = study.model_step
    services.train_further(study, {"epochs": 1})
    next_one().run()
    study.refresh_from_db()
    assert services.training(study).state == State.SUCCEEDED
    assert study.started["step"] == best > 0
