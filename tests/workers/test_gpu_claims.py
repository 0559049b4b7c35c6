"""Jobs that need a GPU: only workers that have one take them, are woken for them, and are made to give way to them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.support.factory import a_corpus, begin
from webapp.accounts.models import User
from webapp.celery import app
from webapp.queue import transitions, wake_up
from webapp.queue.models import Job, Kind, State
from webapp.queue.places import Places
from webapp.studies import services
from webapp.studies.models import Study
from webapp.workers import device, tasks
from webapp.workers.device import Device
from webapp.workers.reconciler import Reconciler

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


def submitted(owner: User, needs_gpu: bool = False) -> Study:
    return services.submit(owner, a_corpus(owner), {"recipe": "quick"}, "Banquo", needs_gpu=needs_gpu)


def waiting_messages(queue: str) -> int:
    with app.pool.acquire(block=True) as connection:
        return int(connection.default_channel.queue_declare(queue).message_count)


def test_only_a_worker_with_a_gpu_takes_it(alice: User) -> None:
    study = submitted(alice, needs_gpu=True)
    assert transitions.claim(Kind.TRAIN, "processor") is None
    job = transitions.claim(Kind.TRAIN, "gpu", has_gpu=True)
    assert job and job.study_id == study.pk and job.on_gpu


def test_a_worker_without_one_takes_what_comes_after_it(alice: User) -> None:
    submitted(alice, needs_gpu=True)
    usual = submitted(alice)
    job = transitions.claim(Kind.TRAIN, "processor")
    assert job and job.study_id == usual.pk and not job.on_gpu


def test_a_worker_with_one_takes_all_in_turn(alice: User) -> None:
    studies = [submitted(alice), submitted(alice, needs_gpu=True)]
    claimed = [transitions.claim(Kind.TRAIN, "gpu", has_gpu=True) for _ in studies]
    assert [job and job.study_id for job in claimed] == [study.pk for study in studies]


def test_what_goes_on_needs_it_still(alice: User) -> None:
    study = submitted(alice, needs_gpu=True)
    services.stop(study)
    services.resume(study)
    assert list(study.jobs.values_list("needs_gpu", flat=True)) == [True, True]


def test_nobody_gives_way_to_a_job_that_the_worker_could_not_take(alice: User, bob: User) -> None:
    submitted(alice), submitted(alice)
    here = transitions.claim(Kind.TRAIN, "processor")
    there = transitions.claim(Kind.TRAIN, "gpu", has_gpu=True)
    submitted(bob, needs_gpu=True)
    assert here and not transitions.has_to_give_way(here)
    assert there and transitions.has_to_give_way(there)


def test_it_lacks_a_worker_while_only_others_train(alice: User) -> None:
    waiting = submitted(alice, needs_gpu=True).jobs.get()
    for _ in range(2):
        submitted(alice)
    Job.objects.update(created=timezone.now() - timedelta(minutes=1))
    waiting.refresh_from_db()
    begin(Study.objects.exclude(needs_gpu=True).latest("-pk"))
    assert Places(Kind.TRAIN).lacks_worker(waiting)
    Job.objects.filter(state=State.RUNNING).update(on_gpu=True)
    assert not Places(Kind.TRAIN).lacks_worker(waiting)


def test_its_messages_have_a_queue_of_their_own(
    alice: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    before = waiting_messages(wake_up.GPU_QUEUE), waiting_messages(Kind.TRAIN)
    with django_capture_on_commit_callbacks(execute=True):
        submitted(alice, needs_gpu=True)
    assert (waiting_messages(wake_up.GPU_QUEUE), waiting_messages(Kind.TRAIN)) == (before[0] + 1, before[1])
    Reconciler().tick()
    assert waiting_messages(wake_up.GPU_QUEUE) == before[0] + 1, "one waits already"


@pytest.fixture
def gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine on which `nvidia-smi` tells of a GPU."""
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771 MiB'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    device.own.cache_clear()
    yield
    device.own.cache_clear()


@pytest.mark.usefixtures("gpu")
def test_a_worker_that_sees_a_gpu_listens_to_that_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    assert device.own() == Device("NVIDIA H200, 143771 MiB", is_gpu=True)
    queues = app.amqp.queues
    monkeypatch.setattr(queues, "_consume_from", {})
    queues.select(Kind.EXTRACT)
    tasks.listen_for_gpu_jobs()
    assert set(queues.consume_from) == {Kind.EXTRACT}, "it does not train"
    queues.select(Kind.TRAIN)
    tasks.listen_for_gpu_jobs()
    assert set(queues.consume_from) == {Kind.TRAIN, wake_up.GPU_QUEUE}


@pytest.mark.usefixtures("gpu")
def test_a_worker_that_may_see_no_gpu_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert not device.own().is_gpu and device.own().name
