"""The fairness of the queue: with three people and forty jobs, nobody waits longer than with strict turns."""

from collections import deque

import pytest

from tests.support.factory import queue_trainings
from webapp.accounts.models import User
from webapp.queue import transitions
from webapp.queue.models import Kind
from webapp.queue.transitions import Lease

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

#: who submits how many jobs, after how many trainings of all people
ARRIVALS = {"alice": (28, 0), "bob": (8, 5), "charlie": (4, 12)}


def waits_here(people: dict[str, User]) -> dict[str, list[int]]:
    """Run all jobs. Return how many turns passed between any two trainings of a person who waited."""
    waits: dict[str, list[int]] = {name: [] for name in people}
    since: dict[str, int] = {}
    for turn in range(sum(count for count, _ in ARRIVALS.values())):
        for name, (count, after) in ARRIVALS.items():
            if turn == after:
                queue_trainings(people[name], count)
                since[name] = turn
        job = transitions.claim(Kind.TRAIN, "the only one")
        assert job, "somebody waits and is not served"
        waits[job.owner.username].append(turn - since[job.owner.username])
        since[job.owner.username] = turn + 1
        Lease(job.pk, job.token).move("succeed")
    return waits


def waits_in_strict_turns() -> dict[str, list[int]]:
    """Return the same for strict turns: people stand in a ring, and each in turn gets one training."""
    waits: dict[str, list[int]] = {name: [] for name in ARRIVALS}
    left, since, ring = {}, {}, deque[str]()
    for turn in range(sum(count for count, _ in ARRIVALS.values())):
        for name, (count, after) in ARRIVALS.items():
            if turn == after:
                left[name], since[name] = count, turn
                ring.appendleft(name)  # a person who was never served is next
        name = ring.popleft()
        waits[name].append(turn - since[name])
        since[name] = turn + 1
        left[name] -= 1
        if left[name]:
            ring.append(name)
    return waits


def test_nobody_waits_longer_than_strict_turns_would_have_them_wait(alice: User, bob: User, charlie: User) -> None:
    people = {person.username: person for person in (alice, bob, charlie)}
    here, strict = waits_here(people), waits_in_strict_turns()
    print(f"\n{'':8} {'jobs':>5} {'longest wait, turns':>20} {'strict turns':>13}")
    for name in people:
        print(f"{name:8} {len(here[name]):5} {max(here[name]):20} {max(strict[name]):13}")
    assert {name: len(found) for name, found in here.items()} == {name: n for name, (n, _) in ARRIVALS.items()}
    for name in people:
        assert max(here[name]) <= max(strict[name])
    assert max(map(max, here.values())) == len(people) - 1
