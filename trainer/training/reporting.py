"""The reports of a training: events for a reporter and for the logs."""

import time
from collections.abc import Callable
from dataclasses import asdict

from trainer.contract import file_errors
from trainer.contract.events import (
    CheckpointWritten,
    Evaluated,
    Event,
    Finished,
    Progress,
    Reporter,
    Sample,
    Started,
    Warned,
)
from trainer.contract.recipe import Recipe
from trainer.data.corpus import Corpus
from trainer.data.streams import Feed
from trainer.engine import network
from trainer.engine.setup import device_name
from trainer.training import early_ending
from trainer.training.budget import Budget
from trainer.training.logs import Logs
from trainer.training.state import TrainingState

_WAIT_FOR_ROOM_SECONDS = 5


class Speed:
    """A measurement of steps per second, from one progress report to the next."""

    def __init__(self) -> None:
        self._step, self._time = 0, time.perf_counter()

    def start(self, step: int) -> None:
        """Begin a measurement after this step."""
        self._step, self._time = step, time.perf_counter()

    def steps_per_second(self, step: int) -> float:
        return (step - self._step) / (time.perf_counter() - self._time)


class Reports:
    """The reports of one training. Progress, held-out losses and samples also go into the logs."""

    def __init__(
        self, reporter: Reporter, logs: Logs, recipe: Recipe, corpus: Corpus, feed: Feed, budget: Budget
    ) -> None:
        self._reporter, self.logs = reporter, logs
        self._recipe, self._corpus, self._feed, self._budget = recipe, corpus, feed, budget
        self._speed = Speed()
        self._slow_step = 0  # the first step of this attempt, in which TensorFlow compiles

    def started(self, state: TrainingState, parameters: int) -> None:
        """Report that a training begins with a state, or continues from it."""
        self._reporter.report(
            Started(
                step=state.step,
                recipe=asdict(self._recipe),
                vocabulary=self._corpus.vocabulary.size,
                parameters=parameters,
                device=device_name(),
                characters=self._corpus.characters,
                steps=self._budget.last_step,
                went_back=state.rollback_message,
                loops=network.loops(self._recipe),
            )
        )
        self._slow_step = state.step + 1
        self._speed.start(state.step)

    def progress_is_due(self, step: int) -> bool:
        """Whether progress is reported after a step. The second step is included, to show something soon."""
        return step % self._recipe.progress_every == 0 or step - self._recipe.first_step == 2

    def progress(self, state: TrainingState) -> TrainingState:
        """Report the progress, and return the state after that."""
        step = state.step
        characters = self._characters(step)
        steps_per_second = self._speed.steps_per_second(step)
        self._speed.start(step)
        self._record(
            Progress(
                step=step,
                epoch=self._epoch(step),
                chars=characters,
                train_loss=state.progress_loss_sum / state.progress_loss_steps,
                chars_per_s=round(steps_per_second * (characters / step)),
                seconds=round(self._budget.clock.seconds, 1),
                seconds_left=round(self._budget.seconds_left(step, steps_per_second), 1),
                done=round(self._budget.done(step), 4),
            )
        )
        return state.reported()

    def step_taken(self, step: int) -> None:
        """Exclude the first step from the speed, because its compilation takes longer than hundreds of steps."""
        if step == self._slow_step:
            self._speed.start(step)

    def evaluated(self, state: TrainingState, carried: float | None, cold: float) -> None:
        """Report the held-out losses of a state."""
        assert state.best is not None
        self._record(
            Evaluated(
                step=state.step,
                chars=self._characters(state.step),
                seconds=round(self._budget.clock.seconds, 1),
                carried=carried,
                cold=cold,
                best=state.best,
                best_step=state.best_step,
                rise=early_ending.rise(self._recipe, state),
            )
        )

    def sample(self, step: int, text: str, voice: str) -> None:
        """Report a text that the weights of a step wrote in a voice, or without one."""
        sample = Sample(step=step, text=text, voice=voice)
        self.logs.add_to_samples(sample)
        self._reporter.report(sample)

    def checkpoint(self, step: int, path: str) -> None:
        """Report that a checkpoint was written."""
        self._reporter.report(CheckpointWritten(step=step, path=path))

    def warn(self, step: int, reason: str) -> None:
        """Report a problem in spite of which the training continues."""
        self._reporter.report(Warned(step=step, reason=reason))

    def finished(self, state: TrainingState, stopped_early: str, score: dict[str, object]) -> None:
        """Report the end of the training."""
        assert state.best is not None
        self._reporter.report(
            Finished(
                step=state.step,
                epoch=self._epoch(state.step),
                chars=self._characters(state.step),
                best=state.best,
                best_step=state.best_step,
                seconds=round(state.seconds, 1),
                stalled_seconds=round(state.stalled_seconds, 3),
                stopped_early=stopped_early,
                score=score,
            )
        )

    def write_for_certain(self, step: int, write: Callable[[], object]) -> None:
        """Write a result of the training. If the disk is full, warn and wait for space: else hours of work are lost."""
        while True:
            try:
                write()
                return
            except OSError as error:
                self.warn(
                    step,
                    f"The model could not be written ({error.strerror or error}). It waits, and tries again. "
                    f"{file_errors.advice(error)}".strip(),
                )
                time.sleep(_WAIT_FOR_ROOM_SECONDS)

    def _record(self, event: Event) -> None:
        self.logs.add_to_history(event)
        self._reporter.report(event)

    def _epoch(self, step: int) -> float:
        return round(step / self._feed.steps_per_epoch, 3)

    def _characters(self, step: int) -> int:
        """Return the characters trained on, from the mean number of characters per symbol of the training text."""
        return round(step * self._feed.symbols_per_step * self._corpus.symbol_length)
