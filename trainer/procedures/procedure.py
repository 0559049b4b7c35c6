"""The interface of a procedure: how a network is fed, built, trained, evaluated and made to write."""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from trainer.contract.recipe import Recipe
from trainer.contract.writing_settings import SamplingOptions
from trainer.data.streams import Feed
from trainer.engine.learning import Learner
from trainer.engine.network import Network
from trainer.engine.writing import Writer
from trainer.evaluation.evaluator import Evaluator
from trainer.text.vocabulary import Vocabulary


class Procedure(ABC):
    """All in which one way of training differs from the other. `sampling` is how samples are written meanwhile."""

    sampling: SamplingOptions

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe

    def learner(self, symbols: int) -> Learner:
        """Return what learns, with the initial weights of the recipe's seed."""
        network, average = self.network(symbols), self.network(symbols, blank=True)
        return Learner(network, average, self.optimizer(), self.new_share)

    @abstractmethod
    def feed(self, ids: np.ndarray) -> Feed:
        """Return the batches of the training text, (symbols,)."""

    @abstractmethod
    def network(self, symbols: int, blank: bool = False, gpu: bool | None = None) -> Network:
        """Build the recipe's network; `blank` and `gpu` as in `Network`."""

    @abstractmethod
    def optimizer(self) -> Any:
        """Return a new optimizer of Keras."""

    @abstractmethod
    def new_share(self, step: int) -> float:
        """Return the share of the averaged weights that the weights of a step replace."""

    @abstractmethod
    def learning_rate(self, done: float, steps: int) -> float:
        """Return the learning rate of a step.

        Args:
            done: the share of the budget that is used, 0 … 1.
            steps: that were taken before it since the training began, or returned to its best weights.
        """

    @abstractmethod
    def evaluator(self, network: Network, escape_floor: float) -> Evaluator:
        """Return what reads held-out text with a network."""

    @abstractmethod
    def writer(self, network: Network, lengths: np.ndarray) -> Writer:
        """Return what writes with a network; `lengths` as in `Writer`."""

    @abstractmethod
    def first_symbols(self, vocabulary: Vocabulary, seed: int) -> np.ndarray:
        """Return the symbols, at least one, that a passage without a prompt goes on from."""

    @abstractmethod
    def advice_against_divergence(self, rate: float) -> str:
        """Say what to do about a training that diverged even at this learning rate."""


def known_symbols(vocabulary: Vocabulary, text: str) -> np.ndarray:
    """Return the symbols of a text without what the vocabulary does not know."""
    read = vocabulary.encode(text)
    known: np.ndarray = read[read != vocabulary.escape]
    return known if len(known) else np.zeros(1, int)
