"""The training: steps, progress, evaluations, samples, checkpoints, and the end. Read `Training.run` first.

All that decides the weights is a function of the recipe, the text and the step, so a training that was killed goes
on from its checkpoint to the same end, byte for byte. Only a budget in minutes looks at the clock.
"""

import time
from collections.abc import Callable
from dataclasses import asdict, replace

import numpy as np

from trainer.contract import file_errors
from trainer.contract.events import CheckpointWritten, Evaluated, Finished, Progress, Reporter, Sample, Started, Warned
from trainer.contract.layout import HISTORY, SAMPLES
from trainer.contract.recipe import Recipe
from trainer.contract.writing_settings import SamplingOptions, WritingRequest
from trainer.data.corpus import Corpus
from trainer.data.streams import Streams, Windows
from trainer.engine import network as networks
from trainer.engine.learning import Learner, weights_of
from trainer.engine.setup import device_name
from trainer.engine.writing import writer
from trainer.evaluation import evaluator
from trainer.generation import passages
from trainer.generation.loaded_model import Model
from trainer.storage import checkpoints
from trainer.storage.checkpoints import Checkpoint
from trainer.storage.json_lines import JsonLinesLog
from trainer.storage.model_directory import ModelDirectory
from trainer.training import divergence
from trainer.training.divergence import Diverged
from trainer.training.schedule import Budget
from trainer.training.state import TrainingState
from trainer.training.stopping import Stopped, StopRequest

_SAMPLE_CHARACTERS = 200
_WAIT_FOR_ROOM_SECONDS = 5


class Training:
    """One attempt at a training, from its newest checkpoint if there is one.

    Args:
        began: `time.perf_counter()` from which the first attempt's time counts, start-up included.
        checkpoint_seconds: between two checkpoints, at least.
        source: the model that a recipe with a `first_step` goes on from.
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
        source: ModelDirectory | None = None,
    ) -> None:
        self.recipe, self.corpus, self.directory = recipe, corpus, directory
        self.reporter, self.stop = reporter, stop
        symbols = corpus.vocabulary.size
        self.feed = (Windows if recipe.procedure == "tutorial" else Streams)(
            corpus.train, recipe.batch, recipe.sequence, recipe.seed
        )
        self.budget = Budget(recipe, self.feed.steps_per_epoch)
        network, average = networks.build(recipe, symbols), networks.build(recipe, symbols, blank=True)
        self.learner = Learner(network, average)
        self.average = average
        self.judge = evaluator.build(average, corpus.vocabulary.escape_floor)
        self.reader = Model(recipe, corpus.vocabulary, average, writer(average, corpus.vocabulary.lengths), "")
        self.step = recipe.first_step
        self.facts = TrainingState()
        self.best_weights: dict[str, np.ndarray] = {}
        self.best_is_on_disk = True
        self._began = began
        self._checkpoint_seconds = checkpoint_seconds
        newest = checkpoints.newest_sound(directory.checkpoints)
        if newest is not None:
            self._restore(newest)
        elif source is not None:
            self._go_further(source)
        self.history = JsonLinesLog(directory.path / HISTORY, self.facts.history)
        self.samples = JsonLinesLog(directory.path / SAMPLES, self.facts.samples)

    def run(self) -> None:
        """Train to the end of the budget. Raises Stopped after a checkpoint when asked to stop, and TrainingFailed
        when the numbers explode again and again."""
        self._begin_stretch()
        if self._steps_done == 0 and self.best_weights:
            self._save_checkpoint()  # training further no longer needs the model that it went on from
        self._saved_at = time.perf_counter()
        while not self._is_over:
            if self.stop.is_set:
                self._save_checkpoint()
                raise Stopped
            try:
                self._go_on()
            except Diverged as explosion:
                self._go_back(explosion)
            if time.perf_counter() - self._saved_at >= self._checkpoint_seconds:
                self._save_checkpoint()
        self._save_checkpoint()
        self.stop.raise_from_now_on()
        self._finish()

    def _write_for_certain(self, write: Callable[[], object]) -> None:
        """Write what a training ends with. On a full disk, say so and wait: hours of learning wait for room."""
        while True:
            try:
                write()
                return
            except OSError as error:
                self._warn(
                    f"The model could not be written ({error.strerror or error}). It waits, and tries again. "
                    f"{file_errors.advice(error)}".strip()
                )
                time.sleep(_WAIT_FOR_ROOM_SECONDS)

    def _begin_stretch(self) -> None:
        self._tell_started()
        self._began_step = self._told_step = self.step
        self._told_at = time.perf_counter()

    def _go_on(self) -> None:
        """Take one step, and say and do what is due after it."""
        self._learn()
        is_last = self._budget_is_used
        if is_last or self._is_due(self.recipe.progress_every) or self._steps_done == 2:
            self._tell_progress()
        elif self.step == self._began_step + 1:  # it held the compilation, which says nothing of the speed
            self._told_at, self._told_step = time.perf_counter(), self.step
        is_first = self._steps_done == self.recipe.first_evaluation
        if is_last or is_first or self._is_due(self.recipe.evaluate_every):
            self._evaluate()

    @property
    def seconds(self) -> float:
        """Training time over all attempts."""
        return time.perf_counter() - self._began

    @property
    def epoch(self) -> float:
        return round(self.step / self.feed.steps_per_epoch, 3)

    @property
    def characters(self) -> int:
        """Characters read, at the training text's own number for each symbol."""
        symbols = self.step * self.recipe.batch * (1 if self.recipe.procedure == "tutorial" else self.recipe.sequence)
        return round(symbols * self.corpus.symbol_length)

    @property
    def _steps_done(self) -> int:
        """Steps of this budget, over all attempts."""
        return self.step - self.recipe.first_step

    @property
    def _budget_is_used(self) -> bool:
        return self._steps_done > 0 and self.budget.done(self.step, self.seconds) >= 1

    @property
    def _stops_early(self) -> bool:
        patience = self.recipe.patience
        return patience is not None and self.facts.without_gain >= patience

    @property
    def _is_over(self) -> bool:
        """Whether the training has come to its end, and was evaluated there."""
        return (self._budget_is_used or self._stops_early) and self.facts.evaluated_step == self.step

    def _is_due(self, every: int) -> bool:
        return self.step % every == 0

    def _learn(self) -> None:
        inputs, targets, starts = self.feed.at(self.step)
        began = max(self.facts.back_to, self.recipe.first_step)
        rate = self.budget.rate(self.step, self.seconds, began) * divergence.SLOWER**self.facts.explosions
        loss = self.learner.learn(self.step, inputs, targets, starts, rate)  # nats per symbol
        loss *= targets.size / int(self.corpus.vocabulary.lengths[targets].sum())
        self.step += 1
        divergence.check_number(loss, self.step)
        self.facts = self.facts.learned(loss)

    def _evaluate(self) -> None:
        """Read held-out text with the averaged weights, keep them if they are the best, and show what they write."""
        carried, cold, figure = self._read_held_out()
        divergence.check_jump(figure, self.step, self.facts, self.corpus.vocabulary.size)
        self.facts = self.facts.evaluated(self.step, figure)
        if self.facts.best_step == self.step:
            self.best_weights = weights_of(self.average)
            self.best_is_on_disk = False
        self._put_best_on_disk()
        assert self.facts.best is not None
        self._record(
            Evaluated(
                step=self.step,
                chars=self.characters,
                seconds=round(self.seconds, 1),
                carried=carried,
                cold=cold,
                best=self.facts.best,
                best_step=self.facts.best_step,
            )
        )
        self._write_sample(self.step)

    def _read_held_out(self) -> tuple[float | None, float, float]:
        """Return the averaged weights' held-out losses, carried and cold, and the one that chooses the best."""
        carried, cold = self.judge.quick(self.corpus.held_out, self.recipe.evaluate_characters)
        return carried, cold, cold if carried is None else carried

    def _put_best_on_disk(self) -> None:
        if self.best_is_on_disk:
            return
        try:
            self.directory.keep_weights(self.best_weights, self.facts.best_step)
            self.best_is_on_disk = True
        except OSError as error:
            self._warn(f"The model could not be written ({error.strerror or error}). It will be tried again.")

    def _write_sample(self, step: int) -> None:
        """Show what the averaged weights write, which are those of the step."""
        sampling = SamplingOptions(0.0) if self.recipe.procedure == "tutorial" else SamplingOptions(0.8)
        request = WritingRequest("", _SAMPLE_CHARACTERS, sampling, self.recipe.seed)
        text = "".join(piece.text for piece in passages.passages(self.reader, request))
        sample = Sample(step=step, text=text)
        self.samples.write(sample.to_json())
        self.reporter.tell(sample)

    # Telling

    def _tell_started(self) -> None:
        self.reporter.tell(
            Started(
                step=self.step,
                recipe=asdict(self.recipe),
                vocabulary=self.corpus.vocabulary.size,
                parameters=self.average.parameters,
                device=device_name(),
                characters=self.corpus.characters,
                steps=self.budget.last_step,
                went_back=self.facts.went_back,
            )
        )

    def _tell_progress(self) -> None:
        now = time.perf_counter()
        steps_per_second = (self.step - self._told_step) / (now - self._told_at)
        self._told_at, self._told_step = now, self.step
        characters_per_step = self.characters / self.step
        self._record(
            Progress(
                step=self.step,
                epoch=self.epoch,
                chars=self.characters,
                train_loss=self.facts.loss_sum / self.facts.loss_steps,
                chars_per_s=round(steps_per_second * characters_per_step),
                seconds=round(self.seconds, 1),
                seconds_left=round(self.budget.seconds_left(self.step, self.seconds, steps_per_second), 1),
                done=round(self.budget.done(self.step, self.seconds), 4),
            )
        )
        self.facts = replace(self.facts, loss_sum=0.0, loss_steps=0)

    def _record(self, event: Progress | Evaluated) -> None:
        self.history.write(event.to_json())
        self.reporter.tell(event)

    def _warn(self, reason: str) -> None:
        self.reporter.tell(Warned(step=self.step, reason=reason))

    # Checkpoints

    def _save_checkpoint(self) -> None:
        """Write a checkpoint; where that fails, say so, go on, and try again later."""
        began = self._saved_at = time.perf_counter()
        try:
            self._put_best_on_disk()
            path = checkpoints.save(self.directory.checkpoints, self._checkpoint())
        except OSError as error:
            self._warn(
                f"A checkpoint could not be written ({error.strerror or error}). The training goes on, and tries "
                f"again. {file_errors.advice(error)}".strip()
            )
            return
        stalled = time.perf_counter() - began
        self.facts = replace(self.facts, stalled=self.facts.stalled + stalled)
        self.reporter.tell(CheckpointWritten(step=self.step, path=str(path)))

    def _checkpoint(self) -> Checkpoint:
        self.facts = replace(
            self.facts, seconds=self.seconds, history=self.history.position(), samples=self.samples.position()
        )
        best = {f"best/{name}": array for name, array in self.best_weights.items()}
        return Checkpoint(self.step, {**self.learner.arrays(), **best}, asdict(self.facts))

    def _restore(self, checkpoint: Checkpoint) -> None:
        self.step, self.facts = checkpoint.step, TrainingState(**checkpoint.facts)
        self.learner.restore(checkpoint.arrays)
        self._began = time.perf_counter() - self.facts.seconds
        prefix = "best/"
        self.best_weights = {
            name.removeprefix(prefix): array for name, array in checkpoint.arrays.items() if name.startswith(prefix)
        }
        self.best_is_on_disk = not self.best_weights
        self._put_best_on_disk()

    def _go_back(self, explosion: Diverged) -> None:
        """Go on from the best weights with a smaller rate, as if nothing had come after them.

        The best are kept anyway, and their step depends on no clock, as that of the last checkpoint would.
        """
        times = self.facts.explosions + 1
        if times > divergence.MOST:
            raise divergence.failure(explosion, self.recipe)
        self.step = self.facts.best_step if self.best_weights else self.recipe.first_step
        self.learner.begin_with(self.best_weights or self._initial_weights())
        self.history.go_back(self.step)
        self.samples.go_back(self.step)
        self.facts = self.facts.gone_back(self.step, divergence.sentence(explosion, self.step, times))
        self._save_checkpoint()
        self._begin_stretch()

    def _initial_weights(self) -> dict[str, np.ndarray]:
        return weights_of(networks.build(self.recipe, self.corpus.vocabulary.size))

    def _go_further(self, source: ModelDirectory) -> None:
        """Begin with another model's best weights, which stay the best until better ones are found."""
        self.best_weights = source.weights({name: weight.shape for name, weight in self.average.variables.items()})
        self.learner.begin_with(self.best_weights)
        self.facts = TrainingState(
            evaluated_step=self.step,
            best=self._read_held_out()[2],
            best_step=self.step,
            history=(self.directory.path / HISTORY).stat().st_size,
            samples=(self.directory.path / SAMPLES).stat().st_size,
        )
        self.best_is_on_disk = False
        self._put_best_on_disk()

    # The end

    def _finish(self) -> None:
        """Show what the best weights write, score them over all that is held out, and say how it went."""
        seconds = self.facts.seconds
        is_early = self._stops_early and self.budget.done(self.step, seconds) < 1
        for name, weight in self.average.variables.items():
            weight.assign(self.best_weights[name])
        if self.facts.best_step != self.step:  # else the last sample is theirs
            self._write_sample(self.facts.best_step)
            self._write_for_certain(self.samples.position)
        score = {**evaluator.score(self.judge, self.corpus), "earlier": self.facts.before_the_best()}
        if not self.best_is_on_disk:
            self._write_for_certain(lambda: self.directory.keep_weights(self.best_weights, self.facts.best_step))
        self._write_for_certain(lambda: self.directory.keep_score(score))
        assert self.facts.best is not None
        self.reporter.tell(
            Finished(
                step=self.step,
                epoch=self.epoch,
                chars=self.characters,
                best=self.facts.best,
                best_step=self.facts.best_step,
                seconds=round(seconds, 1),
                stalled_seconds=round(self.facts.stalled, 3),
                stopped_early=self.facts.why_it_ends(self.step) if is_early else "",
                score=score,
            )
        )
