"""Supervising one training: a thin process around `python -m trainer train` (DESIGN.md, 4.4)."""

import contextlib
import logging
import shutil
import signal
import threading
import time
from enum import Enum
from pathlib import Path
from typing import Any

from django.conf import settings

from trainer.contract.exit_codes import ExitCode
from webapp import files
from webapp.accounts.limits import limits_of
from webapp.queue import transitions
from webapp.queue.models import TERMINAL, Job, State, Wish
from webapp.queue.transitions import Lease, LeaseLost
from webapp.studies import event_recorder
from webapp.studies.models import Study
from webapp.workers import artifacts
from webapp.workers.lease_keeper import LeaseKeeper
from webapp.workers.memory import oom_kills
from webapp.workers.trainer_process import Event, TrainerProcess
from webapp.workers.turn import Turn

log = logging.getLogger(__name__)

_ENDED_FROM_OUTSIDE = "The training was ended from outside, again and again, with no progress in between."
_STUCK = "The training stood still, again and again. It was logged for the operator."
_FAILED_WITHOUT_WORDS = "The training ended with an error that it did not explain. It was logged for the operator."
_NO_MEMORY = "The training needs more memory than its machine has left."
# What C++ and the compiler below TensorFlow say before they give up
_NO_MEMORY_SIGNS = ("bad_alloc", "Unable to allocate", "Cannot allocate memory", "out of memory")
_LESS_MEMORY = "Train again with a smaller batch, or with fewer units."
_NO_ROOM = "What it has learned can't be stored now. It is tried again: whoever runs this site has to make room."
_STORE_AGAIN_SECONDS = 5
_COUNT_SECONDS = 10
_LOW_PRIORITY = 10
_NOT_BROUGHT = {
    "event": "warning",
    "reason": "Its text can't be brought to the machine that trains now. It is tried again until it can.",
}


class Why(Enum):
    """Why a trainer was asked to stop."""

    WISH = "its owner asked for it"
    DRAIN = "the worker drains"
    DEADLINE = "it reached its time limit"
    TURN = "others wait"
    STUCK = "it said nothing for too long"


def supervise(job: Job, drain: threading.Event, *inherited: int) -> None:
    """Work on a claimed training until it ends, is asked to stop, drains, or its lease is lost.

    `inherited` are open files that the trainer holds as long as it lives.
    """
    try:
        TrainingSupervisor(job, drain, inherited).run()
    except Exception as problem:
        if transitions.is_deleted(job):
            log.info("job %s: it was deleted with its owner's account, its trainer is stopped", job.pk)
            _remove_files(job.study_id)
        elif isinstance(problem, LeaseLost):
            log.warning("job %s: the lease was lost, its trainer is stopped", job.pk)
        else:
            log.exception("job %s: the supervisor failed", job.pk)
            transitions.give_back(
                job.pk, job.token, "The work on it failed again and again. It was logged for the operator."
            )


def _remove_files(study_id: int) -> None:
    """Remove what this machine has of a deleted study, and what was still being stored when it was deleted."""
    shutil.rmtree(_folder(study_id), ignore_errors=True)
    try:
        files.delete_tree(Study(pk=study_id).prefix)
    except OSError as error:  # `manage.py orphans` finds it
        log.warning("study %s is deleted, and its files could not be (%s)", study_id, error)


def _folder(study_id: int) -> Path:
    """Return where this machine keeps the trainings of a study."""
    return Path(settings.WORK_DIR / "trainings" / str(study_id))


def _option(name: str, value: Any) -> list[str]:
    """Return a choice in the words of the trainer's command line, where a yes is the name alone."""
    return [f"--{name}"] if value is True else [f"--{name}", str(value)]


class TrainingSupervisor:
    """One attempt at one training."""

    def __init__(self, job: Job, drain: threading.Event, inherited: tuple[int, ...] = ()) -> None:
        self.job = job
        self.inherited = inherited
        self.study: Study = job.study
        self.keeper = LeaseKeeper(Lease(job.pk, job.token))
        self.drain = drain
        self.attempts = _folder(self.study.pk) / str(job.pk)
        self.folder = self.attempts / str(job.attempt)
        self.model = self.folder / "model"
        self.before = self.folder / "before"  # the model that is trained further
        self.unwritten: list[Event] = []
        self.failure: Event = {}
        self.stopping: Why | None = None
        self.oom_kills = [oom_kills()]
        self.turn = Turn(job)
        self.limit_minutes = limits_of(self.study.owner).minutes
        self.seconds_trained = 0.0  # over all attempts, as the trainer counts
        self.has_news = False  # something learned that the storage does not have yet
        now = time.monotonic()
        self.written_at = self.heard_at = self.stopping_at = self.shared_at = self.counted_at = now

    def run(self) -> None:
        texts = self.copy_in_for_certain()
        if texts is None:
            self.put_back()
            return
        log_path = self.folder / "trainer.log"
        with TrainerProcess(self.arguments(texts), log_path, _LOW_PRIORITY, self.inherited) as trainer:
            self.accompany(trainer)
            code = trainer.exit_code()
            words = trainer.last_words()
        self.write_down_for_certain()
        if code not in (ExitCode.DONE, ExitCode.STOPPED) and not self.stopping:
            self.share()
        elif not self.share_for_certain():
            self.keeper.lease.move("requeue")  # what was learned is here alone: the next attempt finds it here
            return
        self.conclude(code, words)
        self.forget_attempts()

    def accompany(self, trainer: TrainerProcess) -> None:
        """Do what a supervisor does until the trainer has ended."""
        self.heard_at = time.monotonic()
        while not trainer.has_ended:
            self.hear(trainer.events(timeout=0.25))
            self.write_down_sometimes()
            self.mind_reasons_to_stop(trainer)
            self.share_sometimes()
            self.note_oom_kills()

    def note_oom_kills(self) -> None:
        """Keep a count that is some seconds old: a trainer that was killed takes a while to be gone."""
        if time.monotonic() - self.counted_at >= _COUNT_SECONDS:
            self.counted_at = time.monotonic()
            self.oom_kills = [self.oom_kills[-1], oom_kills()]

    def copy_in_for_certain(self) -> list[Path] | None:
        """Wait for a storage that is away, while the lease is kept. None: the worker drains, or its owner stops it."""
        while not self.drain.is_set() and not self.keeper.wish:
            try:
                return self.copy_in()
            except FileNotFoundError:
                raise
            except OSError as error:
                log.warning("job %s: its files can't be brought now (%s)", self.job.pk, error)
            self.keeper.write(lambda: event_recorder.record(self.study.pk, [_NOT_BROUGHT]))
            self.drain.wait(_STORE_AGAIN_SECONDS)
        return None

    def put_back(self, gave_way: bool = False) -> None:
        """Queue the job again, or grant what its owner asked for meanwhile."""
        if self.keeper.wish:
            self.keeper.lease.move("cancel", paused=self.keeper.wish == Wish.PAUSE)
        else:
            self.keeper.lease.move("requeue", gave_way=gave_way)

    def copy_in(self) -> list[Path]:
        """Bring the frozen texts, and what an earlier attempt left, into the local folder."""
        self.folder.mkdir(parents=True, exist_ok=True)
        texts = []
        with self.keeper.kept():
            for number, document in enumerate(self.study.documents):
                path = self.folder / "texts" / f"{number}.txt"
                files.copy_in(document["key"], path)
                artifacts.check_sha256(path, document["sha256"])
                texts.append(path)
            is_news = artifacts.restore(self.study, self.attempts, self.model)
            if self.study.further and not self.model.exists():
                files.copy_tree_in(self.study.model_key, self.before)
        if is_news:
            self.share()  # a lost attempt that had a new checkpoint is none of those that fail a job
        return texts

    def arguments(self, texts: list[Path]) -> list[str]:
        choices = dict(self.study.further or self.study.recipe)
        if self.study.further and not self.model.exists():
            choices["from"] = self.before
        options = [part for name, value in choices.items() for part in _option(name, value)]
        fixed = ["--frozen", "--out", str(self.model), "--resume", "--json", "--supervised"]
        fixed += ["--checkpoint-seconds", str(settings.CHECKPOINT_SECONDS)]
        return ["train", *map(str, texts), *options, *fixed]

    def hear(self, events: list[Event]) -> None:
        for event in events:
            if event["event"] == "failed":
                self.failure = event
            elif event["event"] in ("evaluated", "checkpoint"):
                self.has_news = True
            elif event["event"] == "progress":
                self.seconds_trained = event["seconds"] if event["done"] < 1 else 0.0  # at its end it needs no limit
            self.turn.hear(event)
            self.unwritten.append(event)
            if event["event"] == "started" and event["step"]:
                self.unwritten += artifacts.told_before(self.model, event["step"])
        if events:
            self.heard_at = time.monotonic()

    def write_down_sometimes(self) -> None:
        """Turn events into rows at most once a second; renew the lease when it is due."""
        if self.keeper.is_due or (self.unwritten and time.monotonic() - self.written_at >= 1):
            self.write_down()

    def write_down(self) -> bool:
        events = self.unwritten

        def change() -> None:
            if events and self.job.state == State.STARTING:
                self.keeper.lease.move("run")
            event_recorder.record(self.study.pk, events)

        if not self.keeper.write(change):
            return False
        self.unwritten = []
        self.written_at = time.monotonic()
        if events:
            self.job.state = State.RUNNING
        return True

    def write_down_for_certain(self) -> None:
        """Wait for a database that is away, until the lease is lost."""
        while not self.write_down():
            time.sleep(1)

    def mind_reasons_to_stop(self, trainer: TrainerProcess) -> None:
        """Ask the trainer to stop when there is a reason; end it when it takes too long."""
        now = time.monotonic()
        if self.stopping is None:
            self.stopping = self.reason_to_stop()
            self.stopping_at = now
            if self.stopping:
                log.info("job %s: its trainer is asked to stop, since %s", self.job.pk, self.stopping.value)
                trainer.stop()
        elif now - self.stopping_at > settings.STOP_GRACE_SECONDS:
            trainer.kill()

    def reason_to_stop(self) -> Why | None:
        if self.keeper.wish:
            return Why.WISH
        if self.drain.is_set():
            return Why.DRAIN
        if time.monotonic() - self.heard_at > settings.STUCK_SECONDS:
            return Why.STUCK
        if self.limit_minutes and self.seconds_trained > self.limit_minutes * 60:
            return Why.DEADLINE
        return Why.TURN if self.turn.is_over() else None

    def share_sometimes(self) -> None:
        """Put the newest checkpoint and model into the storage, so that another machine can go on."""
        if self.has_news and time.monotonic() - self.shared_at >= settings.SHARE_CHECKPOINT_SECONDS:
            self.share()

    def share_for_certain(self) -> bool:
        """Wait for a storage that is full or away, while the lease is kept: what was learned exists only here.

        False: the worker drains, and can't wait.
        """
        while not self.share() and not self.is_unwanted():
            if self.drain.is_set():
                return False
            self.unwritten.append({"event": "warning", "reason": _NO_ROOM})
            self.write_down()
            self.drain.wait(_STORE_AGAIN_SECONDS)
        self.unwritten.append({"event": "stored"})
        self.write_down()
        return True

    def is_unwanted(self) -> bool:
        """Whether its owner has deleted it meanwhile."""
        return bool(self.keeper.wish) and Study.objects.filter(pk=self.study.pk, deleting=True).exists()

    def share(self) -> bool:
        """Store what is new. False: it could not be stored now."""
        self.shared_at = time.monotonic()
        if not artifacts.share(self.study.pk, self.job, self.model, self.keeper):
            return False
        self.has_news = False
        return True

    def conclude(self, code: int, words: str) -> None:
        """Record how it ended: the trainer's exit code, and why it was asked to stop, decide."""
        lease = self.keeper.lease
        if code == ExitCode.DONE:
            lease.move("succeed")
        elif self.ran_out_of_memory(code, words):
            log.error("job %s: its trainer ran out of memory (code %s: %s)", self.job.pk, code, words)
            lease.move("fail", reason=_NO_MEMORY, advice=_LESS_MEMORY)
        elif code == ExitCode.BAD_INPUT:
            self.fail(code, words)
        elif self.stopping is Why.WISH:
            lease.move("cancel", paused=self.keeper.wish == Wish.PAUSE)
        elif self.stopping is Why.DEADLINE:
            lease.move("succeed")
        elif self.stopping is Why.STUCK:
            transitions.give_back(self.job.pk, self.job.token, _STUCK)
        elif self.stopping is Why.TURN:
            shutil.rmtree(self.attempts, ignore_errors=True)  # the storage has it, and there may be hundreds of turns
            self.put_back(gave_way=True)
        elif self.stopping is Why.DRAIN or code == ExitCode.STOPPED:
            self.put_back()
        elif code < 0:
            log.warning("job %s: its trainer was ended by signal %s", self.job.pk, -code)
            transitions.give_back(self.job.pk, self.job.token, _ENDED_FROM_OUTSIDE)
        else:
            self.fail(code, words)

    def ran_out_of_memory(self, code: int, words: str) -> bool:
        """Whether it said so, the kernel ended it for that, or the C++ below it gave up."""
        killed = code == -signal.SIGKILL and oom_kills() > self.oom_kills[0]
        return (
            killed
            or code == ExitCode.OUT_OF_MEMORY
            or (code == -signal.SIGABRT and any(sign in words for sign in _NO_MEMORY_SIGNS))
        )

    def fail(self, code: int, words: str) -> None:
        log.error("job %s: the trainer ended with code %s: %s", self.job.pk, code, words)
        reason = self.failure.get("reason") or (words if code == ExitCode.BAD_INPUT else _FAILED_WITHOUT_WORDS)
        advice = self.failure.get("advice", "")
        self.keeper.lease.move("fail", reason=str(reason)[:500], advice=str(advice)[:500])

    def forget_attempts(self) -> None:
        """Once the row says that it is over, the storage holds all that is kept."""
        if not Job.objects.filter(pk=self.job.pk).exclude(state__in=TERMINAL).exists():
            shutil.rmtree(self.attempts, ignore_errors=True)
            with contextlib.suppress(OSError):  # an earlier job's folder may be there
                self.attempts.parent.rmdir()
