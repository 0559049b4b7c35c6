"""The outcome of a training: the exit code and the reason to stop decide the job's next transition."""

import signal

import pytest

from tests.support.factory import a_study
from trainer.contract.events import Failed
from trainer.contract.exit_codes import ExitCode
from webapp.accounts.models import User
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State, Wish
from webapp.queue.transitions import Lease
from webapp.workers import outcome
from webapp.workers.lease_holder import LeaseHolder
from webapp.workers.outcome import Outcome, TrainerEnd
from webapp.workers.stopping import StopReason


def ended(
    code: int, reason: StopReason | None = None, last_line: str = "", failure: Failed | None = None, oom: bool = False
) -> TrainerEnd:
    return TrainerEnd(code, last_line, failure, reason, oom)


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        (ended(ExitCode.DONE), Outcome.SUCCEEDED),
        (ended(ExitCode.DONE, StopReason.WISH), Outcome.SUCCEEDED),  # it had finished before the request reached it
        (ended(ExitCode.STOPPED, StopReason.WISH), Outcome.CANCELLED),
        (ended(ExitCode.STOPPED, StopReason.DEADLINE), Outcome.SUCCEEDED),
        (ended(ExitCode.STOPPED, StopReason.TURN), Outcome.GAVE_WAY),
        (ended(ExitCode.STOPPED, StopReason.DRAIN), Outcome.PUT_BACK),
        (ended(ExitCode.STOPPED), Outcome.PUT_BACK),
        (ended(-signal.SIGKILL, StopReason.STUCK), Outcome.STUCK),
        (ended(-signal.SIGKILL, StopReason.WISH), Outcome.CANCELLED),  # it did not stop within the grace period
        (ended(-signal.SIGKILL), Outcome.ENDED_FROM_OUTSIDE),
        (ended(-signal.SIGKILL, oom=True), Outcome.OUT_OF_MEMORY),
        (ended(-signal.SIGTERM, oom=True), Outcome.ENDED_FROM_OUTSIDE),
        (ended(-signal.SIGABRT), Outcome.ENDED_FROM_OUTSIDE),
        (ended(-signal.SIGABRT, last_line="what():  std::bad_alloc"), Outcome.OUT_OF_MEMORY),
        (ended(ExitCode.OUT_OF_MEMORY), Outcome.OUT_OF_MEMORY),
        (ended(ExitCode.OUT_OF_MEMORY, StopReason.WISH), Outcome.OUT_OF_MEMORY),
        (ended(ExitCode.BAD_INPUT, StopReason.DRAIN), Outcome.FAILED),
        (ended(ExitCode.FAILED), Outcome.FAILED),
        (ended(ExitCode.OUTPUT_CLOSED), Outcome.FAILED),
    ],
)
def test_an_end_has_one_outcome(end: TrainerEnd, expected: Outcome) -> None:
    assert outcome.decide(end) is expected


@pytest.fixture
def job(alice: User) -> Job:
    a_study(alice)
    job = transitions.claim(Kind.TRAIN, "worker")
    assert job
    return job


def record(job: Job, end: TrainerEnd, wish: str = Wish.NONE) -> Job:
    holder = LeaseHolder(Lease(job.pk, job.token))
    holder.wish = wish
    outcome.record(outcome.decide(end), end, job, holder)
    job.refresh_from_db()
    return job


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("end", "wish", "state", "paused"),
    [
        (ended(ExitCode.DONE), Wish.NONE, State.SUCCEEDED, False),
        (ended(ExitCode.STOPPED, StopReason.WISH), Wish.PAUSE, State.CANCELLED, True),
        (ended(ExitCode.STOPPED, StopReason.WISH), Wish.STOP, State.CANCELLED, False),
        (ended(ExitCode.STOPPED, StopReason.TURN), Wish.NONE, State.QUEUED, False),
        (ended(ExitCode.STOPPED, StopReason.DRAIN), Wish.PAUSE, State.CANCELLED, True),  # the owner asked meanwhile
        (ended(-signal.SIGKILL), Wish.NONE, State.QUEUED, False),
    ],
)
def test_an_outcome_is_one_transition(job: Job, end: TrainerEnd, wish: str, state: State, paused: bool) -> None:
    found = record(job, end, wish)
    assert (found.state, found.paused) == (state, paused)
    assert found.gave_way == (end.stop_reason is StopReason.TURN)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("end", "reason", "advice"),
    [
        (ended(2, failure=Failed(reason="No text.", advice="Add one."), last_line="x"), "No text.", "Add one."),
        (ended(ExitCode.BAD_INPUT, last_line="The text is too short."), "The text is too short.", ""),
        (ended(ExitCode.FAILED, last_line="Traceback"), outcome._FAILED_WITHOUT_WORDS, ""),
        (ended(ExitCode.FAILED, failure=Failed(reason="x" * 900)), "x" * 500, ""),
        (ended(ExitCode.OUT_OF_MEMORY), outcome._NO_MEMORY, outcome._LESS_MEMORY),
    ],
)
def test_a_failure_says_why_and_what_to_do(job: Job, end: TrainerEnd, reason: str, advice: str) -> None:
    found = record(job, end)
    assert (found.state, found.reason, found.advice) == (State.FAILED, reason, advice)
