"""Whatever happens in whatever order: one owner of a job at a time, and a terminal state is final."""

from collections import Counter
from typing import Any

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from tests.support.events import record
from webapp.accounts.models import User
from webapp.queue import transitions
from webapp.queue.models import LIVE, TERMINAL, Job, Kind, State, Wish
from webapp.queue.transitions import Lease, LeaseLost
from webapp.studies import services
from webapp.studies.models import HistoryPoint, Study

pytestmark = [pytest.mark.django_db, pytest.mark.sql]

PEOPLE = 3
WORKERS = ["one", "two"]


def a_study(owner: User) -> Study:
    return Study.objects.create(owner=owner, name="Study", corpus_name="Corpus", recipe={}, documents=[], characters=1)


def a_job(owner: User, kind: str = Kind.TRAIN) -> Job:
    return Job.objects.create(owner=owner, kind=kind, study=a_study(owner))


def _progress(step: int) -> dict[str, Any]:
    return {"event": "progress", "step": step, "chars": step * 10, "train_loss": 2.0}


class JobTransitions(RuleBasedStateMachine):
    """Claim, renew, lose, cancel, drain, finish and reconcile, in random order."""

    def __init__(self) -> None:
        super().__init__()
        Study.objects.all().delete()
        self.people = [User.objects.get_or_create(username=f"person{n}")[0] for n in range(PEOPLE)]
        self.held: dict[str, tuple[Job, Lease]] = {}  # what each worker believes that it holds
        self.believers: dict[int, Lease] = {}  # the newest lease given out for each job
        User.objects.filter(pk=self.people[-1].pk).update(running_limit=1)
        self.over: dict[int, str] = {}
        self.attempts: dict[int, int] = {}
        self.told: dict[int, list[int]] = {}  # the steps that each study's rows have to hold
        self.passed_over: Counter[tuple[int, int]] = Counter()  # (who waits, with nothing running; who was served)

    @initialize()
    def two_jobs(self) -> None:
        self.submit(0)
        self.submit(1)

    @rule(person=st.integers(0, PEOPLE - 1))
    def submit(self, person: int) -> None:
        job = a_job(self.people[person])
        self.attempts[job.pk] = 0
        self.told[job.study.pk] = []

    @rule(number=st.integers(0, 20))
    def resume(self, number: int) -> None:
        ended = list(Job.objects.filter(state__in=[State.CANCELLED, State.FAILED]).order_by("pk"))
        if ended:
            study = ended[number % len(ended)].study
            before = study.jobs.count()
            could = services.can_resume(services.training(study))
            services.resume(study)
            assert study.jobs.count() == before + could
            self.attempts.setdefault(services.training(study).pk, 0)

    @rule(worker=st.sampled_from(WORKERS))
    def claim(self, worker: str) -> None:
        if worker in self.held:
            return
        order = transitions.claim_order(Kind.TRAIN)
        patient = self._who_waits_with_nothing_running()
        job = transitions.claim(Kind.TRAIN, worker)
        assert (job is None) == (not order)
        if job is None:
            return
        self._note_served(job.owner_id, patient)
        assert job.pk == order[0], "the page promised this turn to another job"
        self.held[worker] = job, Lease(job.pk, job.token)
        self.believers[job.pk] = self.held[worker][1]
        self.attempts[job.pk] += 1
        assert job.attempt == self.attempts[job.pk]
        self._tell(worker, [{"event": "started", "step": job.study.checkpoint_step}], job.study.checkpoint_step)

    @rule(worker=st.sampled_from(WORKERS))
    def is_lost_and_taken_back(self, worker: str) -> None:
        if worker in self.held:
            job, lease = self.held.pop(worker)
            holds = lease.rows().exists()
            assert transitions.take_back(job.pk, lease.token, "lost") == holds

    @rule(worker=st.sampled_from(WORKERS), steps=st.integers(1, 3), checkpoint=st.booleans())
    def learn(self, worker: str, steps: int, checkpoint: bool) -> None:
        """Tell some steps, and perhaps store a checkpoint of the last."""
        if worker in self.held:
            study = self.held[worker][0].study.pk
            last = max(self.told[study], default=0)
            events = [_progress(step) for step in range(last + 1, last + steps + 1)]
            self._tell(worker, events, last + steps, checkpoint)

    @rule(worker=st.sampled_from(WORKERS))
    def tell_twice(self, worker: str) -> None:
        if worker in self.held and self.told[self.held[worker][0].study.pk]:
            last = max(self.told[self.held[worker][0].study.pk])
            self._tell(worker, [_progress(last)], last)

    def _tell(self, worker: str, events: list[dict[str, Any]], last: int, checkpoint: bool = False) -> None:
        """Write events as a supervisor does: under the lease, in one transaction with its renewal."""
        job, lease = self.held[worker]

        def write() -> None:
            record(job.study.pk, events)
            if checkpoint:
                Study.objects.filter(pk=job.study.pk).update(checkpoint_step=last)
                lease.reset_lost_attempts()

        try:
            with transaction.atomic():
                lease.renew()
                write()
        except LeaseLost:
            del self.held[worker]
        else:
            self.told[job.study.pk] = list(range(1, last + 1))

    def _who_waits_with_nothing_running(self) -> set[int]:
        waiting = set(Job.objects.filter(state=State.QUEUED).values_list("owner", flat=True))
        return waiting - set(Job.objects.filter(state__in=LIVE).values_list("owner", flat=True))

    def _note_served(self, served: int, patient: set[int]) -> None:
        """Nobody who waits with nothing running sees another served twice before."""
        self.passed_over = Counter({k: n for k, n in self.passed_over.items() if k[0] in patient - {served}})
        for person in patient - {served}:
            self.passed_over[person, served] += 1
            assert self.passed_over[person, served] == 1, "somebody is starved"

    @rule(worker=st.sampled_from(WORKERS))
    def renew(self, worker: str) -> None:
        self._act(worker, lambda lease: lease.renew(), ends=False)

    @rule(worker=st.sampled_from(WORKERS))
    def run(self, worker: str) -> None:
        if worker in self.held and Job.objects.filter(pk=self.held[worker][0].pk, state=State.STARTING).exists():
            self._act(worker, lambda lease: lease.move("run"), ends=False)

    @rule(worker=st.sampled_from(WORKERS), how=st.sampled_from(["succeed", "fail", "cancel", "requeue"]))
    def end(self, worker: str, how: str) -> None:
        self._act(worker, lambda lease: lease.move(how), ends=True)

    @rule(worker=st.sampled_from(WORKERS))
    def worker_forgets(self, worker: str) -> None:
        """It was killed: the row still says that it works."""
        self.held.pop(worker, None)

    @rule(worker=st.sampled_from(WORKERS), renewed=st.booleans())
    def reconcile(self, worker: str, renewed: bool) -> None:
        for job in Job.objects.filter(state__in=LIVE, worker=worker):
            counter = job.renewals - 1 if renewed else job.renewals
            before = job.lost_attempts
            taken = transitions.take_back(job.pk, job.token, "lost", counter)
            assert taken != renewed, "a worker that renewed meanwhile keeps its job"
            job.refresh_from_db()
            if taken and not job.wish:
                assert job.lost_attempts == before + 1
                assert (job.state == State.FAILED) == (job.lost_attempts >= settings.LOST_ATTEMPTS)

    @rule(number=st.integers(0, 20), wish=st.sampled_from([Wish.STOP, Wish.PAUSE]))
    def cancel(self, number: int, wish: str) -> None:
        jobs = list(Job.objects.order_by("pk"))
        if jobs:
            job = jobs[number % len(jobs)]
            before = job.state
            transitions.cancel(job, wish)
            job.refresh_from_db()
            assert job.state == (State.CANCELLED if before == State.QUEUED else before)

    def _act(self, worker: str, action: object, ends: bool) -> None:
        if worker not in self.held:
            return
        job, lease = self.held[worker]
        row = Job.objects.get(pk=job.pk)
        holds = row.token == lease.token and row.state in LIVE
        try:
            action(lease)  # type: ignore[operator]
            assert holds, "a worker wrote without holding the lease"
        except LeaseLost:
            assert not holds, "a worker lost a lease that was its own"
            ends = True
        if ends:
            del self.held[worker]

    @invariant()
    def every_rule_of_the_rows_is_kept(self) -> None:
        """The rows are read once for all of them: they are looked at after every step."""
        jobs = list(Job.objects.all())
        self._at_most_one_holds_a_job(jobs)
        self._what_is_over_stays_over(jobs)
        self._one_job_of_a_study_is_not_over(jobs)
        self._turns_name_each_waiting_job_once(jobs)
        self._no_row_of_a_history_is_twice_or_missing()

    def _at_most_one_holds_a_job(self, jobs: list[Job]) -> None:
        held = [(lease.job_id, lease.token) for _, lease in self.held.values()]
        for job in jobs:
            assert held.count((job.pk, job.token)) <= 1
            assert bool(job.token) == (job.state in LIVE)

    def _what_is_over_stays_over(self, jobs: list[Job]) -> None:
        over = {job.pk: job.state for job in jobs if job.state in TERMINAL}
        assert self.over.items() <= over.items()
        self.over = over

    def _one_job_of_a_study_is_not_over(self, jobs: list[Job]) -> None:
        unfinished = [job.study.pk for job in jobs if job.state not in TERMINAL]
        assert len(unfinished) == len(set(unfinished))

    def _turns_name_each_waiting_job_once(self, jobs: list[Job]) -> None:
        limited = self.people[-1].pk  # one of theirs may run
        is_at_the_limit = any(job.owner_id == limited and job.state in LIVE for job in jobs)
        queued = {
            job.pk for job in jobs if job.state == State.QUEUED and not (is_at_the_limit and job.owner_id == limited)
        }
        order = transitions.claim_order(Kind.TRAIN)
        assert len(order) == len(set(order)) and set(order) == queued

    def _no_row_of_a_history_is_twice_or_missing(self) -> None:
        found: dict[int, list[int]] = {study: [] for study in self.told}
        for study, step in HistoryPoint.objects.values_list("study", "step"):
            found[study].append(step)
        assert found == self.told


def test_every_order_of_events_keeps_the_rules() -> None:
    run_state_machine_as_test(
        JobTransitions,
        settings=hypothesis_settings(
            max_examples=25 if connection.vendor == "sqlite" else 5,  # each statement is a journey there
            stateful_step_count=50,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_owners_take_turns_with_one_worker(alice: User, bob: User) -> None:
    alices = [a_job(alice) for _ in range(3)]
    bobs = [a_job(bob)]
    promised = transitions.claim_order(Kind.TRAIN)
    served = []
    while job := transitions.claim(Kind.TRAIN, "worker"):
        served.append(job.pk)
        Lease(job.pk, job.token).move("succeed")
    assert served == promised == [alices[0].pk, bobs[0].pk, alices[1].pk, alices[2].pk]


def test_an_owner_with_something_running_waits_for_the_others(alice: User, bob: User) -> None:
    a_job(alice), a_job(alice)
    first = transitions.claim(Kind.TRAIN, "one")
    bobs = a_job(bob)
    second = transitions.claim(Kind.TRAIN, "two")
    assert first and first.owner == alice
    assert second and second.pk == bobs.pk


def test_a_job_lost_three_times_without_a_new_checkpoint_fails(alice: User) -> None:
    job = a_job(alice)
    for state in (State.QUEUED, State.QUEUED, State.FAILED):
        claimed = transitions.claim(Kind.TRAIN, "worker")
        assert claimed
        transitions.take_back(claimed.pk, claimed.token, "The worker was lost.")
        job.refresh_from_db()
        assert job.state == state
    assert job.reason == "The worker was lost."


def test_lost_attempts_are_counted_anew_after_progress(alice: User) -> None:
    job = a_job(alice)
    for _ in range(5):
        claimed = transitions.claim(Kind.TRAIN, "worker")
        assert claimed
        Lease(claimed.pk, claimed.token).reset_lost_attempts()
        transitions.take_back(claimed.pk, claimed.token, "The worker was lost.")
    job.refresh_from_db()
    assert job.state == State.QUEUED
    assert job.lost_attempts == 1


def test_a_worker_that_lost_its_lease_can_write_nothing(alice: User) -> None:
    job = a_job(alice)
    first = transitions.claim(Kind.TRAIN, "one")
    assert first
    transitions.take_back(first.pk, first.token, "lost")
    second = transitions.claim(Kind.TRAIN, "two")
    assert second and second.pk == job.pk
    stale = Lease(first.pk, first.token)
    for act in (stale.renew, lambda: stale.move("run"), lambda: stale.move("succeed")):
        with pytest.raises(LeaseLost):
            act()
    Lease(second.pk, second.token).move("run")


def test_a_wish_to_stop_is_granted_when_its_worker_is_gone(alice: User) -> None:
    job = a_job(alice)
    claimed = transitions.claim(Kind.TRAIN, "worker")
    assert claimed
    transitions.cancel(job, Wish.STOP)
    transitions.take_back(claimed.pk, claimed.token, "lost")
    job.refresh_from_db()
    assert job.state == State.CANCELLED


def test_a_turn_is_a_number_and_no_clock(alice: User) -> None:
    a_job(alice), a_job(alice)
    turns = [transitions.claim(Kind.TRAIN, "worker").claim_number for _ in range(2)]  # type: ignore[union-attr]
    assert turns == [1, 2] == [1, Job.objects.aggregate(last=Max("claim_number"))["last"]]


def test_going_over_steps_again_leaves_no_history_row_twice_or_missing(alice: User) -> None:
    study = a_study(alice)
    points = [{"event": "progress", "step": s, "chars": s * 10, "train_loss": 2.0} for s in (10, 20, 30)]
    record(study.pk, [{"event": "started", "step": 0}, *points])
    record(study.pk, [{"event": "started", "step": 20}, *points[:2], points[2]])
    assert list(HistoryPoint.objects.values_list("step", flat=True)) == [10, 20, 30]


def test_what_was_told_before_a_training_went_back_is_dropped_within_a_batch_too(alice: User) -> None:
    study = a_study(alice)
    points = [{"event": "progress", "step": s, "chars": s * 10, "train_loss": 2.0} for s in (10, 20, 30)]
    samples = [{"event": "sample", "step": s, "text": "to be"} for s in (10, 20, 30)]
    record(study.pk, [points[0], samples[0]])
    record(study.pk, [*points[1:], *samples[1:], {"event": "started", "step": 20}, {**points[2], "step": 25}])
    assert list(HistoryPoint.objects.values_list("step", flat=True)) == [10, 20, 25]
    assert list(study.samples.values_list("step", flat=True)) == [10, 20]
    assert Study.objects.get().step == 25
