"""The interface of a training procedure: the feed, network, optimizer, schedule, evaluator and writer."""

from abc import ABC, abstractmethod

import numpy as np

from trainer.contract.recipe import Recipe
from trainer.contract.writing_settings import SamplingOptions
from trainer.data.streams import Feed
from trainer.data.training_text import TrainingText
from trainer.engine.fast_adamw import FastAdamW
from trainer.engine.learning import Learner
from trainer.engine.network import Network
from trainer.engine.writing import Writer
from trainer.evaluation.evaluator import Evaluator
from trainer.text.vocabulary import Vocabulary


class Procedure(ABC):
    """Everything that differs between the procedures. `sampling` is for the samples during a training."""

    sampling: SamplingOptions

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe

    def learner(self, symbols: int) -> Learner:
        """Return a new learner, with weights that are initialised with the recipe's seed."""
        network, average = self.network(symbols), self.network(symbols, blank=True)
        return Learner(network, average, self.optimizer(), self.new_share)

    @abstractmethod
    def feed(self, text: TrainingText) -> Feed:
        """Return the batches of the training text."""

    @abstractmethod
    def network(self, symbols: int, blank: bool = False, gpu: bool | None = None) -> Network:
        """Build the network of the recipe; `blank` and `gpu` as in `Network`."""

    @abstractmethod
    def optimizer(self) -> FastAdamW:
        """Return a new optimizer."""

    @abstractmethod
    def new_share(self, step: int) -> float:
        """Return the share of the averaged weights that the weights after a step replace."""

    @abstractmethod
    def learning_rate(self, done: float, steps: int) -> float:
        """Return the learning rate of a step.

        Args:
            done: the used share of the budget, 0 … 1.
            steps: the number of steps before it, since the training began or returned to its best weights.
        """

    @abstractmethod
    def evaluator(self, network: Network, escape_floor: float) -> Evaluator:
        """Return an evaluator that reads held-out text with a network."""

    @abstractmethod
    def writer(self, network: Network, lengths: np.ndarray) -> Writer:
        """Return a writer for a network; `lengths` as in `Writer`."""

    @property
    def reach(self) -> int | None:
        """The most symbols that a prediction is made from. None: all that were read, since the state is carried."""
        return None

    @abstractmethod
    def first_symbols(self, vocabulary: Vocabulary, seed: int) -> np.ndarray:
        """Return the symbols, at least one, that are read before a passage without a prompt."""

    @abstractmethod
    def advice_against_divergence(self, rate: float) -> str:
        """Return a sentence that says what to do if a training diverged even at this learning rate."""


def known_symbols(vocabulary: Vocabulary, text: str) -> np.ndarray:
    """Return the symbols of a text without unknown characters; the first symbol of the vocabulary if none is known."""
    read = vocabulary.encode(text)
    known: np.ndarray = read[read != vocabulary.escape]
    return known if len(known) else np.zeros(1, int)
