"""The supervisor of one training. The training itself runs in another process, `python -m trainer train`."""

import logging
import threading
from pathlib import Path
from typing import Any, cast

from django.conf import settings

from trainer.contract import recipe as recipes
from trainer.contract.events import CheckpointWritten, Evaluated, Event, Failed, Finished, Started, Warned
from webapp.memory import OomKillWatch
from webapp.queue import transitions
from webapp.queue.models import Job
from webapp.queue.transitions import Lease, LeaseLost
from webapp.workers import file_transfer, outcome, trainer_events
from webapp.workers.event_buffer import EventBuffer
from webapp.workers.file_transfer import FileTransfer
from webapp.workers.lease_holder import LeaseHolder
from webapp.workers.outcome import Outcome, TrainerEnd
from webapp.workers.stopping import Stopping
from webapp.workers.trainer_process import TrainerProcess

log = logging.getLogger(__name__)

_TICK_SECONDS = 0.25
_LOW_PRIORITY = 10
_TOLD = (Started, CheckpointWritten, Warned, Finished, Failed)  # events that the log has at the level INFO
_FAILED_TOO_OFTEN = "The work on it failed again and again. It was logged for the operator."


def supervise(job: Job, drain: threading.Event, *inherited: int) -> None:
    """Work on a claimed training until it ends or is stopped, the worker drains, or the lease is lost.

    `inherited` are open file descriptors, which the trainer keeps open as long as it lives.
    """
    try:
        TrainingSupervisor(job, drain, inherited).run()
    except Exception as problem:
        if transitions.is_deleted(job):
            log.info("job %s: it was deleted with its owner's account, its trainer is stopped", job.pk)
            file_transfer.remove_all(cast(int, job.study_id))
        elif isinstance(problem, LeaseLost):
            log.warning("job %s: the lease was lost, its trainer is stopped", job.pk)
        else:
            log.exception("job %s: the supervisor failed", job.pk)
            transitions.take_back(job.pk, job.token, _FAILED_TOO_OFTEN)


class TrainingSupervisor:
    """One attempt at one training, from the copying of its files to the job's next transition."""

    def __init__(self, job: Job, drain: threading.Event, inherited: tuple[int, ...] = ()) -> None:
        self.job = job
        self.inherited = inherited
        self.holder = LeaseHolder(Lease(job.pk, job.token))
        self.files = FileTransfer(job, self.holder, drain)
        self.events = EventBuffer(job, self.holder)
        self.stopping = Stopping(job, self.holder, drain)
        self.oom_kills = OomKillWatch()
        self.failure: Failed | None = None

    def run(self) -> None:
        """Copy the files, run the trainer, store the model and the checkpoint, and record the outcome.

        Raises LeaseLost.
        """
        texts = self.files.bring_in_for_certain()
        if texts is None:
            outcome.put_back(self.holder)
            return
        end = self._train(texts)
        self.events.write_for_certain()
        if end.was_unexpected:
            self.files.store()
        elif not self.files.store_for_certain():
            self.holder.lease.move("requeue")  # nothing is lost: the next attempt on this machine finds the local files
            return
        self._conclude(end)

    def _train(self, texts: list[Path]) -> TrainerEnd:
        log_path = self.files.folder / "trainer.log"
        with TrainerProcess(self.arguments(texts), log_path, _LOW_PRIORITY, self.inherited) as trainer:
            self.stopping.trainer_started()
            while not trainer.has_ended:
                self._handle(trainer.events(_TICK_SECONDS))
                self.events.write_if_due()
                self.stopping.check(trainer)
                self.files.store_if_due()
                self.oom_kills.look()
            return TrainerEnd(
                code=trainer.exit_code(),
                last_line=trainer.last_line(),
                failure=self.failure,
                stop_reason=self.stopping.reason,
                kernel_ran_out_of_memory=self.oom_kills.have_risen(),
            )

    def arguments(self, texts: list[Path]) -> list[str]:
        """Return the trainer's command line."""
        study = self.job.study
        choices = dict(study.further or study.recipe)
        if (study.further or study.base_key) and not self.files.model.exists():
            choices["from"] = self.files.first_model
        if study.weights:
            choices["weights"] = ",".join(map(str, study.weights))
        options = [part for name, value in choices.items() for part in _option(name, value)]
        options += [f"--voice-name={name}" for name in study.document_voices]
        fixed = ["--frozen", "--out", str(self.files.model), "--resume", "--json", "--supervised"]
        fixed += ["--checkpoint-seconds", str(settings.CHECKPOINT_SECONDS)]
        return ["train", *map(str, texts), *options, *fixed]

    def _handle(self, events: list[Event]) -> None:
        self.stopping.observe(events)
        for event in events:
            self._tell(event)
            self.events.add([event])
            match event:
                case Started(step=step) if step:
                    # The checkpoint may be newer than the rows, since a trainer whose supervisor dies writes one more.
                    self.events.add(trainer_events.recorded(self.files.model, step))
                case Evaluated() | CheckpointWritten():
                    self.files.has_unstored_work = True
                case Failed():
                    self.failure = event

    def _tell(self, event: Event) -> None:
        step = getattr(event, "step", None)
        level = logging.INFO if isinstance(event, _TOLD) else logging.DEBUG
        about = {"event": event.name, "step": step}
        log.log(level, "job %s: its trainer says %s, step %s", self.job.pk, event.name, step, extra=about)

    def _conclude(self, end: TrainerEnd) -> None:
        found = outcome.decide(end)
        if found is Outcome.GAVE_WAY:
            self.files.remove_attempts()  # the storage has the checkpoint, and a training may have hundreds of turns
        outcome.record(found, end, self.job, self.holder)
        self.files.remove_attempts_if_over()


def _option(name: str, value: Any) -> list[str]:
    """Return a choice as an option of the trainer's command line, on which True is the name alone."""
    return [recipes.option(name)] if value is True else [recipes.option(name), str(value)]
