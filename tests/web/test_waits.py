"""The waiting times of trainings: the queue is simulated, at the speeds that were measured on this site."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.support.events import record
from tests.support.factory import PROGRESS, a_study, begin
from webapp.accounts.models import User
from webapp.queue.models import Job, State
from webapp.studies import services, waits
from webapp.studies.estimates import Estimator
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


def wait(study: Study) -> float | None:
    return waits.Queue().seconds_until_start(services.training(study))


def test_the_first_of_an_idle_machine_waits_for_nothing(alice: User) -> None:
    assert wait(a_study(alice)) == 0


def test_with_one_worker_it_waits_for_all_before_it(alice: User) -> None:
    first, second, third = a_study(alice), a_study(alice), a_study(alice)
    one = Estimator().seconds_of(first)
    assert wait(second) == pytest.approx(one)
    assert wait(third) == pytest.approx(2 * one)


def test_a_training_under_way_counts_with_what_is_left_of_it(alice: User) -> None:
    running, waiting = a_study(alice), a_study(alice)
    begin(running)
    record(running.pk, [{**PROGRESS, "seconds_left": 40.0}])
    assert 40 < (wait(waiting) or 0) < 60


def test_two_workers_halve_the_wait(alice: User) -> None:
    studies = [a_study(alice) for _ in range(4)]
    for study in studies[:2]:
        begin(study)
        record(study.pk, [{**PROGRESS, "seconds_left": 30.0}])
    assert wait(studies[2]) == wait(studies[3])


def test_what_trainings_really_took_here_is_learned_from(alice: User) -> None:
    done, first, second = a_study(alice), a_study(alice), a_study(alice)
    before = wait(second)
    begin(done).move("succeed")
    now = timezone.now()
    estimated = Estimator().seconds_of(done)
    Job.objects.filter(study=done).update(started=now - timedelta(seconds=3 * estimated), finished=now)
    assert before and wait(second) == pytest.approx(before / 2 * 3)
    assert wait(first) == 0


def test_what_does_not_wait_has_no_wait(alice: User) -> None:
    study = a_study(alice)
    begin(study)
    assert wait(study) is None


def test_the_page_says_the_place_and_the_wait(client: Client, alice: User) -> None:
    a_study(alice)
    second = a_study(alice)
    client.force_login(alice)
    said = client.get(f"/models/{second.pk}/").content.decode()
    assert "Place 2 in the queue. It starts in about 30 seconds." in said
    assert services.training(second).state == State.QUEUED
