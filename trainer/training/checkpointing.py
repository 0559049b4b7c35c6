"""The checkpointing of a training: it decides when a checkpoint is due, and collects its content."""

import time
from dataclasses import asdict, replace

from trainer.contract import file_errors
from trainer.engine.learning import Learner
from trainer.storage import checkpoints
from trainer.storage.checkpoints import Checkpoint
from trainer.storage.model_directory import ModelDirectory
from trainer.training.best_model import BestModel
from trainer.training.budget import Clock
from trainer.training.reporting import Reports
from trainer.training.state import TrainingState


class Checkpointing:
    """Saves all that an exact resume needs: the training state, the arrays of the learner, and the best weights."""

    def __init__(
        self,
        directory: ModelDirectory,
        learner: Learner,
        best: BestModel,
        reports: Reports,
        clock: Clock,
        every_seconds: float,
    ) -> None:
        self._folder = directory.checkpoints
        self._learner, self._best, self._reports, self._clock = learner, best, reports, clock
        self._every_seconds = every_seconds
        self._saved_at = time.perf_counter()

    @property
    def is_due(self) -> bool:
        return time.perf_counter() - self._saved_at >= self._every_seconds

    def restart_interval(self) -> None:
        """Count the seconds to the next checkpoint from now on."""
        self._saved_at = time.perf_counter()

    def save(self, state: TrainingState) -> TrainingState:
        """Write a checkpoint and return the state after it.

        If it can't be written, report a warning. The next one is due after the usual interval.
        """
        began = self._saved_at = time.perf_counter()
        state = replace(state, seconds=self._clock.seconds)
        try:
            self._best.write(state.step)
            history, samples = self._reports.logs.flush()
            state = replace(state, history_bytes=history, samples_bytes=samples)
            path = checkpoints.save(self._folder, self._checkpoint(state))
        except OSError as error:
            self._reports.warn(
                state.step,
                f"A checkpoint could not be written ({error.strerror or error}). The training goes on, and tries "
                f"again. {file_errors.advice(error)}".strip(),
            )
            return state
        stalled = time.perf_counter() - began
        self._reports.checkpoint(state.step, str(path))
        return replace(state, stalled_seconds=state.stalled_seconds + stalled)

    def _checkpoint(self, state: TrainingState) -> Checkpoint:
        return Checkpoint(state.step, {**self._learner.arrays(), **self._best.arrays()}, asdict(state))
