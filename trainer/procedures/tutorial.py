"""The tutorial procedure: windows of the text at stride 1, each read from a zero state."""

import numpy as np

from trainer.contract.procedures import TUTORIAL
from trainer.contract.writing_settings import SamplingOptions
from trainer.data import random_streams
from trainer.data.streams import Feed, Windows
from trainer.data.training_text import TrainingText
from trainer.engine import learning
from trainer.engine.fast_adamw import FastAdamW
from trainer.engine.network import Network, WindowNetwork
from trainer.engine.writing import WindowWriter, Writer
from trainer.evaluation.evaluator import Evaluator, WindowEvaluator
from trainer.procedures.procedure import Procedure, known_symbols
from trainer.text.vocabulary import Vocabulary


class TutorialProcedure(Procedure):
    """The procedure with a constant learning rate, no average of the weights, and always the likeliest symbol."""

    sampling = SamplingOptions(TUTORIAL.sample_temperature)

    def feed(self, text: TrainingText) -> Feed:
        return Windows(text, self.recipe.batch, self.recipe.sequence, self.recipe.seed)

    def network(self, symbols: int, blank: bool = False, gpu: bool | None = None) -> Network:
        return WindowNetwork(self.recipe, symbols, blank, gpu)

    def optimizer(self) -> FastAdamW:
        return learning.adam()

    def new_share(self, step: int) -> float:
        return 1.0

    def learning_rate(self, done: float, steps: int) -> float:
        return self.recipe.rate

    def evaluator(self, network: Network, escape_floor: float) -> Evaluator:
        return WindowEvaluator(network, escape_floor)

    def writer(self, network: Network, lengths: np.ndarray) -> Writer:
        return WindowWriter(network, lengths)

    @property
    def reach(self) -> int | None:
        return self.recipe.sequence

    def first_symbols(self, vocabulary: Vocabulary, seed: int) -> np.ndarray:
        """Return a random piece of the training text."""
        number = random_streams.generator(seed, "opening").integers(len(vocabulary.openings))
        return known_symbols(vocabulary, vocabulary.openings[number])

    def advice_against_divergence(self, rate: float) -> str:
        return "Train with another recipe, which chooses its learning rate to fit."
