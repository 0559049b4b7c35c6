"""Simultaneous claims: two workers never get the same job, nor more of one person's than the limit allows."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from tests.support.factory import queue_trainings
from webapp.accounts.models import User
from webapp.queue import transitions
from webapp.queue.models import LIVE, Job, Kind

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sql]
WORKERS, JOBS = 4, 12


def claim_all(worker: int) -> list[int]:
    """Claim jobs until none is left."""
    claimed = []
    try:
        while job := transitions.claim(Kind.TRAIN, str(worker)):
            claimed.append(job.pk)
    finally:
        connection.close()
    return claimed


def all_at_once() -> list[int]:
    with ThreadPoolExecutor(WORKERS) as pool:
        return [pk for claimed in pool.map(claim_all, range(WORKERS)) for pk in claimed]


def test_each_job_is_claimed_once(alice: User, bob: User) -> None:
    queue_trainings(alice, JOBS)
    queue_trainings(bob, JOBS)
    assert sorted(all_at_once()) == sorted(Job.objects.values_list("pk", flat=True))
    assert set(Job.objects.values_list("attempt", flat=True)) == {1}
    turns = Counter(Job.objects.values_list("claim_number", flat=True))
    assert len(turns) == 2 * JOBS or connection.vendor == "postgresql"  # there, two owners may get one number


def test_no_more_of_a_person_run_than_may(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(running_limit=2)
    queue_trainings(alice, JOBS)
    queue_trainings(bob, JOBS)
    all_at_once()
    assert Job.objects.filter(owner=alice, state__in=LIVE).count() == 2
    assert Job.objects.filter(owner=bob, state__in=LIVE).count() == JOBS
