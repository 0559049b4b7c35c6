"""The training loop. Read `Training.run` first: it is the whole training from top to bottom.

The weights depend only on the recipe, the text and the step. So a training that was killed continues from its
checkpoint and ends with the same weights, byte for byte. Only a budget in minutes also depends on the clock.
"""

import time

import numpy as np

from trainer.contract.events import Reporter
from trainer.contract.layout import HISTORY, SAMPLES
from trainer.contract.recipe import Recipe
from trainer.data.corpus import Corpus
from trainer.engine import symbol_rows, voices
from trainer.engine.learning import Arrays, weights_of, with_scaled_logits
from trainer.evaluation import calibration
from trainer.procedures import choice
from trainer.storage import checkpoints
from trainer.storage.checkpoints import Checkpoint
from trainer.storage.model_directory import ModelDirectory
from trainer.training import divergence, early_ending
from trainer.training.best_model import BestModel
from trainer.training.budget import Budget, Clock
from trainer.training.checkpointing import Checkpointing
from trainer.training.divergence import Diverged
from trainer.training.evaluation import Evaluation
from trainer.training.logs import Logs
from trainer.training.reporting import Reports
from trainer.training.state import TrainingState
from trainer.training.stopping import Stopped, StopRequest


class Training:
    """One attempt at a training. It continues from the newest checkpoint, if there is one.

    Args:
        began: `time.perf_counter()` at the start of the process: the start-up of the first attempt counts too.
        checkpoint_seconds: the least time between two checkpoints.
        base: the model to begin with, which has learned this text (if the recipe has a `first_step`) or another one.
    """

    def __init__(
        self,
        recipe: Recipe,
        corpus: Corpus,
        directory: ModelDirectory,
        reporter: Reporter,
        stop: StopRequest,
        began: float,
        checkpoint_seconds: float = 30.0,
        base: ModelDirectory | None = None,
    ) -> None:
        self.recipe, self.corpus, self.stop = recipe, corpus, stop
        self.directory = directory
        self.procedure = choice.procedure_of(recipe)
        self.feed = self.procedure.feed(corpus.train)
        self.learner = self.procedure.learner(corpus.vocabulary.size)
        newest = checkpoints.newest_sound(directory.checkpoints)
        self.begins_with_a_model = base is not None and newest is None
        state = _state_before(recipe, directory, newest, base)
        clock = Clock(time.perf_counter(), state.seconds) if newest else Clock(began)
        self.budget = Budget(recipe, self.feed.steps_per_epoch, clock)
        self.reports = Reports(reporter, Logs(directory, state), recipe, corpus, self.feed, self.budget)
        self.best = BestModel(directory, self.reports)
        self.evaluation = Evaluation(self.procedure, self.learner.average, corpus, self.best, self.reports)
        self.checkpointing = Checkpointing(directory, self.learner, self.best, self.reports, clock, checkpoint_seconds)
        self.first_state = self._restored(state, newest, base)

    def run(self) -> None:
        """Train to the end of the budget.

        Raises Stopped, after a checkpoint, if a stop is requested, and TrainingFailed if the training diverges again
        after its last rollback.
        """
        state = self.first_state
        self.reports.started(state, self.learner.average.parameters)
        if self.begins_with_a_model:
            state = self.evaluation.before_learning(state)
            state = self.checkpointing.save(state)  # with this, a resume does not need the base model any more
        self.checkpointing.restart_interval()

        while not self._is_over(state):
            if self.stop.is_set:
                self.checkpointing.save(state)
                raise Stopped
            try:
                inputs, targets, starts = self.feed.at(state.step)
                loss = self.learner.learn(state.step, inputs, targets, starts, self._learning_rate(state))
                loss *= targets.size / self._characters(targets)  # nats per symbol → nats per character
                state = state.learned(loss)
                divergence.check_number(loss, state.step)

                is_last = self.budget.is_used(state.step)
                if is_last or self.reports.progress_is_due(state.step):
                    state = self.reports.progress(state)
                self.reports.step_taken(state.step)
                if is_last or self.evaluation.is_due(state.step):
                    state = self.evaluation.run(state)
            except Diverged as problem:
                state = self._roll_back(state, problem)
            if self.checkpointing.is_due:
                state = self.checkpointing.save(state)

        state = self.checkpointing.save(state)
        self.stop.raise_from_now_on()
        self._finish(state)

    def _is_over(self, state: TrainingState) -> bool:
        """Whether the training is at its end, and its last step was evaluated."""
        is_at_its_end = self.budget.is_used(state.step) or early_ending.is_due(self.recipe, state)
        return is_at_its_end and state.evaluated_step == state.step

    def _learning_rate(self, state: TrainingState) -> float:
        steps = state.step - max(state.rollback_step, self.recipe.first_step)
        rate = self.procedure.learning_rate(self.budget.done(state.step), steps)
        return rate * divergence.SLOWER**state.rollbacks

    def _characters(self, symbols: np.ndarray) -> int:
        return int(self.corpus.vocabulary.lengths[symbols].sum())

    def _roll_back(self, state: TrainingState, problem: Diverged) -> TrainingState:
        """Return to the best weights with a smaller learning rate; to the initial weights if none were evaluated.

        The training does not return to its last checkpoint, because the step of that depends on the clock. The step of
        the best weights does not, so a training that was killed and resumed returns to the same step.
        """
        if state.rollbacks == divergence.MOST_ROLLBACKS:
            rate = self.recipe.rate * divergence.SLOWER**state.rollbacks
            raise divergence.failure(problem, self.procedure.advice_against_divergence(rate))
        step = state.best_step if self.best.weights else self.recipe.first_step
        self.learner.begin_with(self.best.weights or self._initial_weights())
        self.reports.logs.forget_after(step)
        state = state.rolled_back(step, divergence.message(problem, step, state.rollbacks + 1))
        state = self.checkpointing.save(state)
        self.reports.started(state, self.learner.average.parameters)
        return state

    def _initial_weights(self) -> Arrays:
        return weights_of(self.procedure.network(self.corpus.vocabulary.size))

    def _finish(self, state: TrainingState) -> None:
        """Calibrate the best weights, report a sample, score them on all held-out text, and report the end."""
        why_early = early_ending.reason(self.recipe, state, self.budget)
        scale = self.evaluation.calibrate(self.best.weights)
        if scale != 1:
            self.best.replace(weights_of(self.learner.average), state.best_step)
        if state.best_step != state.step or scale != 1:  # else the last evaluation has reported their sample
            self.evaluation.sample(state.best_step)
            self.reports.write_for_certain(state.step, self.reports.logs.flush)
        score = {**self.evaluation.score(), "earlier": state.gain_of_the_best(), "logit_scale": round(scale, 4)}
        self.reports.write_for_certain(state.step, self.best.write_or_raise)
        self.reports.write_for_certain(state.step, lambda: self.directory.keep_score(score))
        self.reports.finished(state, why_early, score)

    def _restored(self, state: TrainingState, newest: Checkpoint | None, base: ModelDirectory | None) -> TrainingState:
        """Restore the weights of the newest checkpoint, or of the base model, and return the state with them."""
        if newest is not None:
            self.learner.restore(newest.arrays)
            self.best.restore(newest.arrays, state.best_step, state.step)
        elif base is not None:
            self.learner.begin_with(self._weights_of(base))
        return state

    def _weights_of(self, base: ModelDirectory) -> Arrays:
        """Return the weights of the base model for the symbols and the voices of this text.

        They are those before its calibration, so that their losses compare with those of the steps to come. What is
        the best in the end is calibrated.
        """
        known, symbols, recipe = base.vocabulary(), self.corpus.vocabulary, base.recipe()
        network = choice.procedure_of(recipe).network(known.size, blank=True)
        weights = base.weights({name: weight.shape for name, weight in network.variables.items()})
        weights = with_scaled_logits(weights, 1 / calibration.scale_of(base.score()))
        weights = voices.fitted(weights, recipe.voice_names, self.recipe.voice_names)
        if known == symbols:
            return weights
        return symbol_rows.fitted(weights, weights_of(self.learner.network), symbols.places_in(known))


def _state_before(
    recipe: Recipe, directory: ModelDirectory, newest: Checkpoint | None, base: ModelDirectory | None
) -> TrainingState:
    """Return the state of the newest checkpoint; if there is none, the state before the first step."""
    if newest is not None:
        return TrainingState.from_checkpoint(newest.step, newest.training_state)
    if base is not None:  # the files already have the lines of the base model
        history, samples = ((directory.path / name).stat().st_size for name in (HISTORY, SAMPLES))
        return TrainingState(recipe.first_step, history_bytes=history, samples_bytes=samples)
    return TrainingState(recipe.first_step)
