"""Supervising one training: a thin process around `python -m trainer train` (DESIGN.md, 4.4)."""

import logging
import shutil
import threading
import time
from pathlib import Path

from django.conf import settings

from webapp import files
from webapp.jobs import life, snapshots
from webapp.jobs.lease_keeper import LeaseKeeper
from webapp.jobs.life import Lease, LeaseLost
from webapp.jobs.models import Job, Wish
from webapp.jobs.trainer_process import Event, TrainerProcess
from webapp.studies import records
from webapp.studies.models import Study

log = logging.getLogger(__name__)

DONE, BAD_INPUT, STOPPED, OUT_OF_MEMORY = 0, 2, 3, 4  # the trainer's exit codes
_FAILED_WITHOUT_WORDS = "The training ended with an error that it did not explain. It was logged for the operator."
_LOW_PRIORITY = 10


def supervise(job: Job, drain: threading.Event) -> None:
    """Work on a claimed training until it ends, is asked to stop, drains, or its lease is lost."""
    supervisor = TrainingSupervisor(job, drain)
    try:
        supervisor.run()
    except LeaseLost:
        log.warning("job %s: the lease was lost, its trainer is stopped", job.pk)
    except Exception:
        log.exception("job %s: the supervisor failed", job.pk)
        life.give_back(job.pk, job.token, "The work on it failed again and again. It was logged for the operator.")


class TrainingSupervisor:
    """One attempt at one training."""

    def __init__(self, job: Job, drain: threading.Event) -> None:
        self.job = job
        self.study: Study = job.study
        self.keeper = LeaseKeeper(Lease(job.pk, job.token))
        self.drain = drain
        self.folder = settings.WORK_DIR / "trainings" / str(self.study.pk) / str(job.pk) / str(job.attempt)
        self.model = self.folder / "model"
        self.unwritten: list[Event] = []
        self.failure: Event = {}
        self.stopping_since: float | None = None
        self.shared_at = time.monotonic()
        self.has_news = False  # something learned that the storage does not have yet

    def run(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        texts = self.copy_in()
        log_path = self.folder / "trainer.log"
        with TrainerProcess(self.arguments(texts), log_path, niceness=_LOW_PRIORITY) as trainer:
            while not trainer.has_ended:
                self.hear(trainer.events(timeout=0.25))
                self.write_down()
                self.mind_wishes(trainer)
                self.share_sometimes()
            code = trainer.exit_code()
            words = trainer.last_words()
        self.conclude(code, words)
        self.forget_older_attempts()

    def copy_in(self) -> list[Path]:
        """Bring the frozen texts, and what an earlier attempt left, into the local folder."""
        texts = []
        for number, document in enumerate(self.study.documents):
            path = self.folder / "texts" / f"{number}.txt"
            files.copy_in(document["key"], path)
            snapshots.check_sha256(path, document["sha256"])
            texts.append(path)
        snapshots.restore(self.study, self.folder.parent, self.model)
        return texts

    def arguments(self, texts: list[Path]) -> list[str]:
        options = [
            part
            for name, value in self.study.recipe.items()
            if value not in (None, "")
            for part in (f"--{name}", str(value))
        ]
        fixed = ["--out", str(self.model), "--resume", "--json", "--supervised"]
        return ["train", *map(str, texts), *options, *fixed]

    def hear(self, events: list[Event]) -> None:
        for event in events:
            if event["event"] == "failed":
                self.failure = event
            elif event["event"] in ("evaluated", "checkpoint"):
                self.has_news = True
        self.unwritten += events

    def write_down(self, at_once: bool = False) -> None:
        """Turn events into rows, at most once a second, and renew the lease when it is due."""
        if not (at_once or self.keeper.is_due or self.is_time_to_write()):
            return
        events = self.unwritten

        def change() -> None:
            if events and self.job.state == "starting":
                self.keeper.lease.move("run")
            records.record(self.study.pk, events)

        if self.keeper.write(change):
            self.unwritten = []
            self.written_at = time.monotonic()
            if events and self.job.state == "starting":
                self.job.state = "running"

    written_at = float("-inf")

    def is_time_to_write(self) -> bool:
        return time.monotonic() - self.written_at >= 1

    def mind_wishes(self, trainer: TrainerProcess) -> None:
        """Ask the trainer to stop when someone wants it; end it when it takes too long."""
        if self.stopping_since is None:
            if self.keeper.wish or self.drain.is_set():
                self.stopping_since = time.monotonic()
                trainer.stop()
        elif time.monotonic() - self.stopping_since > settings.STOP_GRACE_SECONDS:
            trainer.kill()

    def share_sometimes(self) -> None:
        """Put the newest checkpoint and model into the storage, so that another machine can go on."""
        if self.has_news and time.monotonic() - self.shared_at >= settings.SHARE_CHECKPOINT_SECONDS:
            self.share()

    def share(self) -> None:
        snapshots.share(self.study.pk, self.job, self.model, self.keeper)
        self.shared_at = time.monotonic()
        self.has_news = False

    def conclude(self, code: int, words: str) -> None:
        """Record how it ended: the trainer's exit code, and what was asked of it, decide."""
        while not self.keeper.write(lambda: records.record(self.study.pk, self.unwritten)):
            time.sleep(1)
        if code in (DONE, STOPPED) or self.keeper.wish or self.drain.is_set():
            self.share()
        lease = self.keeper.lease
        if code == DONE:
            lease.move("succeed")
        elif self.keeper.wish and code not in (BAD_INPUT, OUT_OF_MEMORY):
            lease.move("cancel", paused=self.keeper.wish == Wish.PAUSE)
        elif code == STOPPED or (self.drain.is_set() and code < 0):
            lease.move("requeue")
        elif code < 0:
            log.warning("job %s: its trainer was ended by signal %s", self.job.pk, -code)
            life.give_back(self.job.pk, self.job.token, "The training was ended from outside, again and again.")
        else:
            log.error("job %s: the trainer ended with code %s: %s", self.job.pk, code, words)
            reason = self.failure.get("reason") or (words if code == BAD_INPUT else _FAILED_WITHOUT_WORDS)
            lease.move("fail", reason=str(reason)[:500], advice=str(self.failure.get("advice", ""))[:500])

    def forget_older_attempts(self) -> None:
        """Once the row says that it is over, the storage holds all that is kept."""
        if Job.objects.get(pk=self.job.pk).is_over:
            shutil.rmtree(self.folder.parent, ignore_errors=True)
