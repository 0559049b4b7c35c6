"""The reconciler: it takes back jobs whose lease is not renewed, and sends wake-up messages for queued ones."""

import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from tests.support.factory import a_model, a_study, begin
from webapp.accounts.models import User
from webapp.queue import wake_up
from webapp.queue.models import Job, Kind, State, Worker
from webapp.queue.transitions import LeaseLost
from webapp.studies.models import Study
from webapp.workers import model_cache
from webapp.workers.reconciler import Reconciler

pytestmark = pytest.mark.django_db


@pytest.fixture
def broker() -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.delete(*Kind)
        yield client
        client.delete(*Kind)


def test_a_lease_that_stands_still_is_taken_back_and_its_holder_can_write_nothing_more(
    alice: User, settings: Any
) -> None:
    settings.LEASE_SECONDS = 0.2
    lease = begin(a_study(alice))
    reconciler = Reconciler()
    reconciler.tick()
    assert Job.objects.get().state == State.RUNNING, "it has only been seen once"
    time.sleep(0.3)
    reconciler.tick()
    assert Job.objects.get().state == State.QUEUED
    with pytest.raises(LeaseLost):
        lease.renew()


def test_a_lease_that_moves_is_left_alone(alice: User, settings: Any) -> None:
    settings.LEASE_SECONDS = 0.2
    lease = begin(a_study(alice))
    reconciler = Reconciler()
    for _ in range(3):
        reconciler.tick()
        lease.renew()
        time.sleep(0.3)
    assert Job.objects.get().state == State.RUNNING


def test_two_reconcilers_take_a_lease_back_once(alice: User, settings: Any) -> None:
    settings.LEASE_SECONDS = 0.2
    begin(a_study(alice))
    both = [Reconciler(), Reconciler()]
    for reconciler in both:
        reconciler.tick()
    time.sleep(0.3)
    for reconciler in both:
        reconciler.tick()
    assert Job.objects.get().lost_attempts == 1


def test_a_message_is_sent_for_what_waits_and_messages_do_not_pile_up(alice: User, broker: redis.Redis) -> None:
    a_study(alice)
    for _ in range(3):
        Reconciler().tick()
    assert broker.llen(Kind.TRAIN) == 1
    assert broker.llen(Kind.WRITE) == 0


def test_a_message_that_was_lost_is_sent_again(alice: User, broker: redis.Redis) -> None:
    a_study(alice)
    Reconciler().tick()
    broker.flushall()
    Reconciler().tick()
    assert broker.llen(Kind.TRAIN) == 1


def test_a_message_does_not_grow_old(broker: redis.Redis) -> None:
    """A worker whose clock is ahead would discard each message that has an expiry time."""
    wake_up.send(Kind.TRAIN)
    assert b'"expires": null' in broker.lrange(Kind.TRAIN, 0, 0)[0]


def test_sessions_that_are_over_are_cleared(alice: User, client: Client) -> None:
    client.force_login(alice)
    Session.objects.create(session_key="over", expire_date=timezone.now() - timedelta(days=1))
    Reconciler().tick()
    assert [session.session_key for session in Session.objects.all()] == [client.session.session_key]


def test_workers_that_were_not_heard_of_for_a_month_are_forgotten() -> None:
    for name, days in (("train@gone", 31), ("train@hall", 29)):
        heard = timezone.now() - timedelta(days=days)
        Worker.objects.create(name=name, queues="train", cores=1, memory=1, versions={}, started=heard, heard=heard)
    Reconciler().tick()
    assert [worker.name for worker in Worker.objects.all()] == ["train@hall"]


def test_copies_on_its_machine_of_what_was_deleted_are_removed(alice: User, settings: Any, tmp_path: Path) -> None:
    settings.WORK_DIR = tmp_path
    gone, kept = a_model(alice), a_model(alice)
    then = time.time() - 7200
    copies = {study: tmp_path / "models" / model_cache.name(study.model_key) for study in (gone, kept)}
    for copy in copies.values():
        copy.mkdir(parents=True)
        os.utime(copy, (then, then))
    Study.objects.filter(pk=gone.pk).delete()
    Reconciler().tick()
    assert (copies[gone].exists(), copies[kept].exists()) == (False, True)
