"""The turns of trainings: a long one gives way when others wait, and then continues exactly where it was."""

import threading
from typing import Any

import pytest
from django.test import Client

from tests.support.events import record
from tests.support.factory import PROGRESS, a_corpus, a_study, begin
from tests.support.waiting import wait_for
from trainer.contract.events import Progress
from webapp import files
from webapp.accounts.models import User
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State
from webapp.queue.transitions import Lease
from webapp.studies import services, waits
from webapp.studies.models import HistoryPoint, Study
from webapp.workers.training import TrainingSupervisor
from webapp.workers.turn import Turn

SHORT = {"recipe": "quick", "steps": 300, "units": 16, "layers": 1, "batch": 8, "sequence": 16, "seed": 5}
LEARNS: dict[str, Any] = {name: value for name, value in PROGRESS.items() if name != "event"}


def claim() -> Job:
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job
    Lease(job.pk, job.token).move("run")
    return job


def give_way(job: Job) -> None:
    assert transitions.has_to_give_way(job)
    Lease(job.pk, job.token).move("requeue", gave_way=True)


@pytest.mark.django_db
def test_people_with_long_trainings_take_turns_on_one_worker(alice: User, bob: User, charlie: User) -> None:
    for owner, count in ((alice, 3), (bob, 1), (charlie, 2)):
        for _ in range(count):
            a_study(owner)
    turns = []
    for _ in range(9):
        job = claim()
        turns.append(job.owner.username)
        give_way(job)
    assert turns == ["alice", "bob", "charlie"] * 3
    assert set(Job.objects.values_list("lost_attempts", flat=True)) == {0}


@pytest.mark.django_db
def test_nobody_gives_way_to_who_would_not_be_served_before_them(alice: User, bob: User) -> None:
    a_study(alice), a_study(alice)
    job = claim()
    assert not transitions.has_to_give_way(job), "only its own owner waits"
    bobs = a_study(bob)
    assert transitions.has_to_give_way(job)
    second = claim()
    assert second.study == bobs
    a_study(bob)
    assert not transitions.has_to_give_way(job) and not transitions.has_to_give_way(second), (
        "each has one, and each has one waiting"
    )


@pytest.mark.django_db
def test_who_waits_gets_one_place_and_not_all(alice: User, bob: User) -> None:
    for _ in range(3):
        a_study(alice)
    first, *others = [claim() for _ in range(3)]
    a_study(bob)
    assert transitions.has_to_give_way(first)
    assert not any(transitions.has_to_give_way(job) for job in others)


@pytest.mark.django_db
def test_nobody_gives_way_to_who_may_have_no_more(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(running_limit=1)
    begin(a_study(bob))
    begin(a_study(alice)), begin(a_study(alice)), begin(a_study(alice))
    a_study(bob)
    assert not any(transitions.has_to_give_way(job) for job in Job.objects.filter(state=State.RUNNING))


@pytest.mark.django_db
def test_a_turn_begins_with_learning_and_is_over_only_for_others(alice: User, bob: User, settings: Any) -> None:
    settings.TURN_SECONDS, settings.RENEW_SECONDS, settings.RECONCILE_SECONDS = 0.001, 0, 0
    a_study(alice)
    turn = Turn(claim())
    turn.observe(Progress(**LEARNS))
    assert not turn.is_over()
    a_study(bob)
    wait_for(turn.is_over)
    turn.observe(Progress(**{**LEARNS, "done": 1.0}))
    assert not turn.is_over(), "it has learned all: what is left is its score"
    settings.TURN_SECONDS = 0
    turn.observe(Progress(**LEARNS))
    assert not turn.is_over(), "0: never"
    settings.TURN_SECONDS = 600
    fresh = Turn(Job.objects.get(owner=alice))
    fresh.observe(Progress(**LEARNS))
    assert not fresh.is_over()


@pytest.mark.django_db
def test_the_page_says_why_it_waits_again_and_about_how_long(client: Client, alice: User, bob: User) -> None:
    study = a_study(alice)
    lease = begin(study)
    bobs = a_study(bob)
    lease.move("requeue", gave_way=True)
    begin(bobs)
    record(bobs.pk, [{**PROGRESS, "seconds_left": 600_000.0}])
    assert waits.Queue().seconds_until_start(services.training(study)) == 600
    client.force_login(alice)
    said = client.get(f"/models/{study.pk}/").content.decode()
    assert "Others wait, so it gave way to them. It goes on by itself, from exactly here. Next in the queue." in said
    assert "went away" not in said
    Lease(*Job.objects.filter(study=bobs).values_list("pk", "token").get()).move("succeed")
    assert not claim().gave_way


def works(job: Job) -> TrainingSupervisor:
    supervisor = TrainingSupervisor(job, threading.Event())
    supervisor.run()
    return supervisor


def ended_as(study: Study) -> tuple[bytes, list[Any]]:
    study.refresh_from_db()
    history = HistoryPoint.objects.filter(study=study).order_by("kind", "step")
    weights = files.read(f"{study.model_key}/weights.safetensors")
    return weights, list(history.values_list("kind", "step", "train_loss", "carried", "cold"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("warm_trainers")
def test_a_training_that_gave_way_ends_with_the_same_bytes(alice: User, bob: User, settings: Any) -> None:
    study = services.submit(alice, a_corpus(alice), SHORT, "Macbeth")
    first = transitions.claim(Kind.TRAIN, "worker")
    assert first
    undisturbed = services.submit(bob, a_corpus(bob), SHORT, "Duncan")  # the same text, recipe and seed
    settings.TURN_SECONDS, settings.RENEW_SECONDS, settings.RECONCILE_SECONDS = 0.001, 0, 0
    supervisor = works(first)
    job, step = Job.objects.get(study=study), Study.objects.get(pk=study.pk).checkpoint_step
    assert (job.state, job.gave_way, job.lost_attempts) == (State.QUEUED, True, 0)
    assert 0 < step < SHORT["steps"]  # type: ignore[operator]
    assert not supervisor.files.attempts.exists(), "each of hundreds of turns would leave its files"
    settings.TURN_SECONDS = 0
    for owner in (bob, alice):
        following = transitions.claim(Kind.TRAIN, "worker")
        assert following and following.owner == owner
        works(following)
    study.refresh_from_db()
    assert study.started and study.started["step"] == step
    assert ended_as(study) == ended_as(undisturbed)
