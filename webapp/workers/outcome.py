"""The outcome of a training. The trainer's exit code and the reason to stop it decide the job's next transition."""

import logging
import signal
from dataclasses import dataclass
from enum import Enum, auto

from trainer.contract.events import Failed
from trainer.contract.exit_codes import ExitCode
from webapp.queue import transitions
from webapp.queue.models import Job, Wish
from webapp.workers.lease_holder import LeaseHolder
from webapp.workers.stopping import StopReason

log = logging.getLogger(__name__)

_ENDED_FROM_OUTSIDE = "The training was ended from outside, again and again, with no progress in between."
_STUCK = "The training stood still, again and again. It was logged for the operator."
_FAILED_WITHOUT_WORDS = "The training ended with an error that it did not explain. It was logged for the operator."
_NO_MEMORY = "The training needs more memory than its machine has left."
_LESS_MEMORY = "Train again with a smaller batch, or with fewer units."
#: error messages of TensorFlow's C++ code and compiler when they can't get memory
_NO_MEMORY_SIGNS = ("bad_alloc", "Unable to allocate", "Cannot allocate memory", "out of memory")


class Outcome(Enum):
    """What happens to a job whose trainer has ended."""

    SUCCEEDED = auto()
    CANCELLED = auto()
    FAILED = auto()
    OUT_OF_MEMORY = auto()  # the job fails at once, since a second attempt would need as much memory
    STUCK = auto()  # counts as a lost attempt
    ENDED_FROM_OUTSIDE = auto()  # counts as a lost attempt
    GAVE_WAY = auto()  # the job is queued again, since others wait
    PUT_BACK = auto()  # the job is queued again


@dataclass(frozen=True)
class TrainerEnd:
    """The end of a trainer process. A negative `code` is the number of the signal that ended it."""

    code: int
    last_line: str  # of its standard error
    failure: Failed | None
    stop_reason: StopReason | None
    kernel_ran_out_of_memory: bool

    @property
    def was_unexpected(self) -> bool:
        """Whether the trainer neither finished nor stopped, and nobody had asked it to stop."""
        return self.code not in (ExitCode.DONE, ExitCode.STOPPED) and self.stop_reason is None

    @property
    def ran_out_of_memory(self) -> bool:
        """Whether the trainer ended because it had no memory.

        It reports that itself by its exit code, or the kernel killed it, or TensorFlow's C++ code aborted.
        """
        if self.code == -signal.SIGABRT:
            return any(sign in self.last_line for sign in _NO_MEMORY_SIGNS)
        killed = self.code == -signal.SIGKILL and self.kernel_ran_out_of_memory
        return killed or self.code == ExitCode.OUT_OF_MEMORY


_BY_REASON = {
    StopReason.WISH: Outcome.CANCELLED,
    StopReason.DEADLINE: Outcome.SUCCEEDED,
    StopReason.STUCK: Outcome.STUCK,
    StopReason.TURN: Outcome.GAVE_WAY,
    StopReason.DRAIN: Outcome.PUT_BACK,
}


def decide(end: TrainerEnd) -> Outcome:
    """Return the outcome of a trainer's end.

    The exit code is read before the reason to stop: the trainer may have finished before the request reached it.
    """
    if end.code == ExitCode.DONE:
        return Outcome.SUCCEEDED
    if end.ran_out_of_memory:
        return Outcome.OUT_OF_MEMORY
    if end.code == ExitCode.BAD_INPUT:
        return Outcome.FAILED
    if end.stop_reason is not None:
        return _BY_REASON[end.stop_reason]
    if end.code == ExitCode.STOPPED:
        return Outcome.PUT_BACK
    return Outcome.ENDED_FROM_OUTSIDE if end.code < 0 else Outcome.FAILED


def record(outcome: Outcome, end: TrainerEnd, job: Job, holder: LeaseHolder) -> None:
    """Make the transition of an outcome. Raises LeaseLost."""
    log.info("job %s: its attempt %s ends: %s", job.pk, job.attempt, outcome.name.lower().replace("_", " "))
    match outcome:
        case Outcome.SUCCEEDED:
            holder.lease.move("succeed")
        case Outcome.CANCELLED:
            holder.lease.move("cancel", paused=holder.wish == Wish.PAUSE)
        case Outcome.OUT_OF_MEMORY:
            log.error("job %s: its trainer ran out of memory (code %s: %s)", job.pk, end.code, end.last_line)
            holder.lease.move("fail", reason=_NO_MEMORY, advice=_LESS_MEMORY)
        case Outcome.FAILED:
            _fail(end, job, holder)
        case Outcome.STUCK:
            transitions.take_back(job.pk, job.token, _STUCK)
        case Outcome.ENDED_FROM_OUTSIDE:
            log.warning("job %s: its trainer was ended by signal %s", job.pk, -end.code)
            transitions.take_back(job.pk, job.token, _ENDED_FROM_OUTSIDE)
        case Outcome.GAVE_WAY | Outcome.PUT_BACK:
            put_back(holder, gave_way=outcome is Outcome.GAVE_WAY)


def put_back(holder: LeaseHolder, gave_way: bool = False) -> None:
    """Queue the job again, or cancel it when its owner has asked for its end meanwhile. Raises LeaseLost."""
    if holder.wish:
        holder.lease.move("cancel", paused=holder.wish == Wish.PAUSE)
    else:
        holder.lease.move("requeue", gave_way=gave_way)


def _fail(end: TrainerEnd, job: Job, holder: LeaseHolder) -> None:
    log.error("job %s: the trainer ended with code %s: %s", job.pk, end.code, end.last_line)
    unexplained = end.last_line if end.code == ExitCode.BAD_INPUT else _FAILED_WITHOUT_WORDS
    reason, advice = (end.failure.reason, end.failure.advice) if end.failure else ("", "")
    holder.lease.move("fail", reason=(reason or unexplained)[:500], advice=advice[:500])
