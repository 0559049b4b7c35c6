"""The transitions of a job: the table that lists all of them, and the conditional updates that make them.

Each transition is an UPDATE that must change exactly one row. A terminal state is final. Each update that a worker
makes names the random token of its lease: when no row has changed, the worker has lost the lease.
"""

import secrets
from collections import Counter, deque
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from webapp.accounts.limits import lock
from webapp.accounts.models import User
from webapp.queue.models import LIVE, TERMINAL, Job, Kind, State, Wish

#: transition → (the states from which it may start, the state in which it ends)
TRANSITIONS: dict[str, tuple[tuple[State, ...], State]] = {
    "claim": ((State.QUEUED,), State.STARTING),
    "run": ((State.STARTING,), State.RUNNING),
    "requeue": (LIVE, State.QUEUED),
    "succeed": (LIVE, State.SUCCEEDED),
    "fail": (LIVE, State.FAILED),
    "cancel": (LIVE, State.CANCELLED),
    "cancel_waiting": ((State.QUEUED,), State.CANCELLED),
}

#: the fields of a job on which no worker works
_NO_LEASE = {"token": "", "worker": ""}


class LeaseLost(Exception):
    """The job was taken back from this worker, which must stop at once and write nothing more."""


@dataclass(frozen=True)
class Lease:
    """The right to work on a job: the job's id, and the token that the row must still hold."""

    job_id: int
    token: str

    def rows(self) -> QuerySet[Job]:
        """Return the job's row, if this lease still holds it."""
        return Job.objects.filter(pk=self.job_id, token=self.token, state__in=LIVE)

    def renew(self) -> None:
        if self.rows().update(renewals=F("renewals") + 1, last_renewal=timezone.now()) != 1:
            raise LeaseLost(self.job_id)

    def reset_lost_attempts(self) -> None:
        """Count lost attempts anew, because the job has made progress that a next attempt goes on from."""
        self.rows().update(lost_attempts=0)

    def move(self, transition: str, **fields: Any) -> None:
        """Make a transition, or raise LeaseLost."""
        if not _move(self.rows(), transition, **fields):
            raise LeaseLost(self.job_id)


def _move(rows: QuerySet[Job], transition: str, **fields: Any) -> bool:
    origins, target = TRANSITIONS[transition]
    if target not in LIVE:
        fields |= _NO_LEASE
    if target in (State.SUCCEEDED, State.FAILED, State.CANCELLED):
        fields["finished"] = timezone.now()
    return rows.filter(state__in=origins).update(state=target, **fields) == 1


def waiting(kind: str, has_gpu: bool = True) -> QuerySet[Job]:
    """Return the queued jobs in the order in which workers would claim them now; without a GPU, those that need none.

    First come the jobs of the owner with the fewest running jobs, then of the owner whose last claim is the oldest;
    among the jobs of one owner the oldest comes first. Trainings of an owner who has reached the limit of running
    trainings are left out.
    """
    of_owner = Job.objects.filter(owner=OuterRef("owner"), kind=kind).order_by().values("owner")
    running = of_owner.annotate(n=Count("pk", filter=Q(state__in=LIVE))).values("n")
    served = of_owner.annotate(n=Max("claim_number")).values("n")
    limit = Coalesce(F("owner__running_limit"), settings.RUNNING_LIMIT) if kind == Kind.TRAIN else Value(0)
    return (
        Job.objects.filter(kind=kind, state=State.QUEUED, needs_gpu__in=[False, has_gpu])
        .annotate(owner_running=Coalesce(Subquery(running), 0), owner_served=Coalesce(Subquery(served), 0))
        .annotate(owner_limit=limit)
        .exclude(owner_limit__gt=0, owner_running__gte=F("owner_limit"))
        .order_by("owner_running", "owner_served", "pk")
    )


def claim(kind: str, worker: str, has_gpu: bool = False) -> Job | None:
    """Take the next queued job of a kind for a worker, or return None where nothing waits that it may take.

    At most one worker gets a job: the one whose UPDATE finds it still queued.
    """
    while True:
        with suppress(User.DoesNotExist), transaction.atomic():  # the account was deleted a moment ago
            job: Any = waiting(kind, has_gpu).first()
            if job is None:
                return None
            if job.owner_limit:
                lock(job.owner)
            if not waiting(kind, has_gpu).filter(pk=job.pk).exists():
                continue  # another worker has claimed it meanwhile, or its owner has reached the limit by another claim
            number = (Job.objects.aggregate(last=Max("claim_number"))["last"] or 0) + 1
            token = secrets.token_hex(16)
            claimed = _move(
                Job.objects.filter(pk=job.pk),
                "claim",
                worker=worker,
                on_gpu=has_gpu,
                token=token,
                claim_number=number,
                attempt=F("attempt") + 1,
                renewals=0,
                gave_way=False,
                last_renewal=timezone.now(),
                started=Coalesce(F("started"), timezone.now()),
            )
            if claimed:
                job.refresh_from_db()
                return cast(Job, job)


def has_to_give_way(job: Job) -> bool:
    """Whether this job has to be queued again, so that another owner's job gets its worker.

    It has to when the next waiting job would still be claimed first after this one was queued again. When this holds
    for several live jobs, only the one that was claimed first gives way, since the next job needs only one worker. For
    a job that needs a GPU, only a job on a GPU gives way.
    """
    following: Any = waiting(job.kind, job.on_gpu).first()
    if following is None:
        return False
    claimed = Job.objects.filter(kind=job.kind).exclude(claim_number=0)
    live = list(claimed.filter(state__in=LIVE).order_by("claim_number").values_list("pk", "owner", "on_gpu"))
    running = Counter(owner for _, owner, _ in live)
    served = dict(claimed.order_by().values_list("owner").annotate(last=Max("claim_number")))
    may_give = [(pk, owner) for pk, owner, on_gpu in live if owner in served and (on_gpu or not following.needs_gpu)]
    rank = (following.owner_running, following.owner_served)
    outranked = (pk for pk, owner in may_give if rank < (running[owner] - 1, served[owner]))
    return next(outranked, None) == job.pk


def cancel(job: Job, wish: str = Wish.STOP) -> None:
    """Ask for a job's end. A queued job ends at once, a running one as soon as its worker reads the wish."""
    rows = Job.objects.filter(pk=job.pk)
    # The wish is written first, in any state: a worker may put the job back into the queue between the two updates.
    rows.exclude(state__in=TERMINAL).exclude(wish=Wish.STOP).update(wish=wish)
    _move(rows, "cancel_waiting", paused=wish == Wish.PAUSE)


def take_back(job_id: int, token: str, why: str, renewals: int | None = None) -> bool:
    """Take a job back from a worker that is gone: the job is queued again, or fails after too many lost attempts.

    `renewals` is the counter as it was when it stood still: a worker that has renewed its lease since then keeps the
    job. When the owner has asked for the job's end, the job is cancelled instead, as its worker would have done.
    """
    rows = Job.objects.filter(pk=job_id, token=token, state__in=LIVE).exclude(token="")
    if renewals is not None:
        rows = rows.filter(renewals=renewals)
    job = rows.first()
    if job is None:
        return False
    if job.wish:
        return _move(rows, "cancel", paused=job.wish == Wish.PAUSE)
    lost = job.lost_attempts + 1
    if lost >= settings.LOST_ATTEMPTS:
        return _move(rows, "fail", lost_attempts=lost, reason=why[:500])
    return _move(rows, "requeue", lost_attempts=lost)


def is_deleted(job: Job) -> bool:
    """Whether the job's row is gone, and the lease with it, because the owner has deleted the account."""
    try:
        return not Job.objects.filter(pk=job.pk).exists()
    except DatabaseError:
        return False


def claim_order(kind: str) -> list[int]:
    """Return the ids of the queued jobs in the order in which they will be claimed if nothing new is submitted.

    Each claim follows the order of `waiting` and makes its owner the one who was served last, so owners take turns.
    """
    queues: dict[int, deque[int]] = {}
    rank: dict[int, tuple[int, int]] = {}
    columns: list[str] = ["pk", "owner", "owner_running", "owner_served"]
    rows = waiting(kind).values_list(*columns)
    for job_id, owner, running, served in rows:
        queues.setdefault(owner, deque()).append(job_id)
        rank[owner] = (running, served)
    order: list[int] = []
    last = max((served for _, served in rank.values()), default=0)
    while queues:
        owner = min(queues, key=lambda o: (*rank[o], queues[o][0]))
        order.append(queues[owner].popleft())
        last += 1
        rank[owner] = (rank[owner][0], last)
        if not queues[owner]:
            del queues[owner]
    return order
