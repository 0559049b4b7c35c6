"""The evaluations of a training: held-out losses of the averaged weights, and samples of what they write."""

from typing import Any

from trainer.contract.held_out import carried_or_cold
from trainer.contract.writing_settings import WritingRequest
from trainer.data.corpus import Corpus
from trainer.engine.learning import Arrays, weights_of, with_scaled_logits
from trainer.engine.network import Network
from trainer.evaluation import calibration, evaluator
from trainer.generation import passages
from trainer.generation.loaded_model import Model
from trainer.procedures.procedure import Procedure
from trainer.training import divergence
from trainer.training.best_model import BestModel
from trainer.training.reporting import Reports
from trainer.training.state import TrainingState

_SAMPLE_CHARACTERS = 200


class Evaluation:
    """Reads held-out text with the averaged weights, keeps the best of them, and reports samples of their text."""

    def __init__(
        self, procedure: Procedure, average: Network, corpus: Corpus, best: BestModel, reports: Reports
    ) -> None:
        self._recipe, self._corpus, self._best, self._reports = procedure.recipe, corpus, best, reports
        self._average = average
        vocabulary = corpus.vocabulary
        writer = procedure.writer(average, vocabulary.lengths)
        self._model = Model(procedure.recipe, vocabulary, procedure, average, writer, sha256="")
        self._evaluator = self._model.evaluator()

    def is_due(self, step: int) -> bool:
        """Whether the weights are evaluated after a step. An early evaluation makes sure that there is soon a model."""
        recipe = self._recipe
        return step % recipe.evaluate_every == 0 or step - recipe.first_step == recipe.first_evaluation

    def run(self, state: TrainingState) -> TrainingState:
        """Evaluate the weights of a state, and return the state after that. Raises Diverged if the losses show it."""
        carried, cold, held_out = self._losses()
        divergence.check_jump(held_out, state, self._corpus.vocabulary.size)
        state = state.evaluated(held_out)
        if state.best_step == state.step:
            self._best.replace(weights_of(self._average), state.step)
        else:
            self._best.write(state.step)
        self._reports.evaluated(state, carried, cold)
        self.sample(state.step)
        return state

    def before_learning(self, state: TrainingState) -> TrainingState:
        """Evaluate the weights of the model that a training begins with, and return the state after that.

        It is reported if the model has not learned this text yet; else its history has this evaluation already.
        """
        carried, cold, held_out = self._losses()
        state = state.begun_with_best(held_out)
        self._best.replace(weights_of(self._average), state.step)
        if self._recipe.fine_tuned:
            self._reports.evaluated(state, carried, cold)
            self.sample(state.step)
        return state

    def sample(self, step: int) -> None:
        """Report a text that the averaged weights of a step write, in the voices of the documents in turn."""
        procedure, voice = self._model.procedure, self._voice(step)
        self._model.writer.renew()
        shares = {voice: 1.0} if voice else {}
        request = WritingRequest("", _SAMPLE_CHARACTERS, procedure.sampling, self._recipe.seed, voices=shares)
        text = "".join(piece.text for piece in passages.passages(self._model, request))
        self._reports.sample(step, text, voice)

    def _voice(self, step: int) -> str:
        """Return the voice of the sample of a step: each document's in turn; empty if there are none."""
        names = list(dict.fromkeys(self._recipe.document_voices))
        return names[step // self._recipe.evaluate_every % len(names)] if names else ""

    def load(self, weights: Arrays) -> None:
        """Replace the averaged weights."""
        for name, weight in self._average.variables.items():
            weight.assign(weights[name])

    def calibrate(self, weights: Arrays) -> float:
        """Load weights with calibrated logits, and return the number that these were multiplied with.

        The weights stay as they are if too little is held out, or if the network reads windows as the tutorial's does.
        """
        is_possible = sum(part.half for part in self._corpus.held_out) >= calibration.ENOUGH
        scale = 1.0
        if is_possible and self._model.procedure.reach is None:
            scale = calibration.best_scale(lambda scale: self._loss_of(with_scaled_logits(weights, scale)))
        self.load(with_scaled_logits(weights, scale))
        return scale

    def _loss_of(self, weights: Arrays) -> float:
        self.load(weights)
        return self._losses()[2]

    def score(self) -> dict[str, Any]:
        """Return the figures and the verdict of the averaged weights on all held-out text."""
        return evaluator.score(self._evaluator, self._corpus, self._recipe.voice_names)

    def _losses(self) -> tuple[float | None, float, float]:
        """Return the losses carried and cold, and the one that decides (carried, if there is one)."""
        carried, cold = self._evaluator.quick(self._corpus.held_out, self._recipe.evaluate_characters)
        return carried, cold, carried_or_cold(carried, cold)
