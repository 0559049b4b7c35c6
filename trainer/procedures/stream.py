"""The stream procedure: truncated backpropagation through time along contiguous streams of the text."""

import math

import numpy as np

from trainer.contract.procedures import STREAM
from trainer.contract.writing_settings import SamplingOptions
from trainer.data.streams import Feed, Streams
from trainer.data.training_text import TrainingText
from trainer.engine import learning, native_writing
from trainer.engine.committee import Committee
from trainer.engine.fast_adamw import FastAdamW
from trainer.engine.network import Network, StreamNetwork
from trainer.engine.writing import Writer
from trainer.evaluation.evaluator import Evaluator, StreamEvaluator
from trainer.procedures.procedure import Procedure, known_symbols
from trainer.text.vocabulary import Vocabulary

_WARM_UP_STEPS = 20
_LAST_RATE = 0.02  # the last learning rate, as a share of the largest
_AVERAGED_STEPS = 100  # weights are averaged over about the last tenth of the steps, but over at most this many


class StreamProcedure(Procedure):
    """The procedure with a carried state, averaged weights, and a learning rate that falls over the budget."""

    sampling = SamplingOptions(STREAM.sample_temperature)

    def feed(self, text: TrainingText) -> Feed:
        return Streams(text, self.recipe.batch, self.recipe.sequence, self.recipe.seed)

    def network(self, symbols: int, blank: bool = False, gpu: bool | None = None) -> Network:
        kind = StreamNetwork if self.recipe.networks == 1 else Committee
        return kind(self.recipe, symbols, blank, gpu)

    def optimizer(self) -> FastAdamW:
        return learning.clipped_adamw(self.recipe.weight_decay, self.recipe.networks)

    def new_share(self, step: int) -> float:
        return 1 / min(1 + step / 10, _AVERAGED_STEPS)

    def learning_rate(self, done: float, steps: int) -> float:
        """Return a rate that rises in a short warm-up, and falls to a fiftieth along half a cosine.

        The cosine is that of Loshchilov & Hutter 2017, eq. 5.
        """
        warm = min(1.0, (steps + 1) / _WARM_UP_STEPS)
        cosine = 0.5 * (1 + math.cos(math.pi * done))
        return self.recipe.rate * warm * (_LAST_RATE + (1 - _LAST_RATE) * cosine)

    def evaluator(self, network: Network, escape_floor: float) -> Evaluator:
        return StreamEvaluator(network, escape_floor)

    def writer(self, network: Network, lengths: np.ndarray) -> Writer:
        return native_writing.writer(network, lengths)

    def first_symbols(self, vocabulary: Vocabulary, seed: int) -> np.ndarray:
        """Return a line end, or the first symbol of an opening if the text has no line ends."""
        opening = "\n" if "\n" in vocabulary.characters else vocabulary.openings[0]
        return known_symbols(vocabulary, opening)[:1]

    def advice_against_divergence(self, rate: float) -> str:
        return f"Train with a learning rate below {rate:g}, or fewer units."
