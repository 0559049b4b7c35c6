"""A trained model in memory, ready to write, to be scored and to be inspected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from trainer.contract.controls import plain
from trainer.contract.documents import ReadableFile, spelled
from trainer.contract.held_units import HeldUnit, check_places
from trainer.contract.marks import Form
from trainer.contract.recipe import Recipe
from trainer.contract.writing_settings import SettingProblem
from trainer.data import corpus
from trainer.engine.mixed_writing import MixedWriter
from trainer.engine.network import Network
from trainer.engine.writing import Writer
from trainer.evaluation import mixture as mixtures
from trainer.evaluation.evaluator import Evaluator
from trainer.evaluation.mixture import Mixture
from trainer.procedures import choice
from trainer.procedures.procedure import Procedure
from trainer.storage.model_directory import ModelDirectory
from trainer.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Model:
    """A network with its weights, its recipe and its vocabulary. `sha256` is the digest of the file of the weights."""

    recipe: Recipe
    vocabulary: Vocabulary
    procedure: Procedure
    network: Network
    writer: Writer
    sha256: str
    mixture: Mixture | None = None

    @property
    def bytes(self) -> int:
        """The size of the weights, and of the copy that a native writer keeps."""
        return 2 * 4 * self.network.parameters

    def evaluator(self) -> Evaluator:
        """Return an evaluator for this model."""
        return self.procedure.evaluator(self.network, self.vocabulary.escape_floor)

    def holding(self, held: Sequence[HeldUnit]) -> "Model":
        """Return the model as one that holds units at values while it writes. Raises SettingProblem.

        It does so until this function is called again.
        """
        if not held:
            return self
        check_places(held, self.recipe.layers, self.recipe.units)
        return replace(self, writer=self.writer.holding(held))

    def counting(self, share: float, files: Sequence[ReadableFile], frozen: bool) -> "Model":
        """Return the model as one that writes with the n-grams of its text, by this share. Raises SettingProblem.

        `files` is the text that it has learned; `frozen` as in `documents.read_files`. It does so until this function
        is called again. At share 0, the model is returned as it is.
        """
        if not share:
            return self
        if self.mixture is None:
            raise SettingProblem("This model has no mixture with counting: its text is too short, or read in words.")
        if not files:
            raise SettingProblem("To count the letters of its text, the model needs that text.")
        read = corpus.read_for(self.vocabulary, files, self.recipe.lowercase, frozen)
        writer = _mixed_writer(self.network, self.vocabulary, self.mixture.order)
        writer.mix = self.mixture.with_counts(mixtures.counts_of(read, self.mixture.order), share)
        return replace(self, writer=writer)

    def voice(self, shares: Mapping[str, float]) -> np.ndarray | None:
        """Return what `Writer.remember` takes for a mixture of voices; None for no voice. See `shares`."""
        found = self.shares(shares)
        return None if found is None else self.network.voice(found)

    def shares(self, shares: Mapping[str, float]) -> np.ndarray | None:
        """Return the share of each of the model's voices, (voices,), with the sum 1; None for no voice.

        Shares are given by name; their sum need not be one. Raises SettingProblem for a name that the model does not
        know.
        """
        known = self.recipe.voice_names
        for name in shares:
            if name not in known:
                has = f"It has {', '.join(known)}." if known else "It has learned no voices."
                raise SettingProblem(f"The model has no voice called {name!r}. {has}")
        if not shares:
            return None
        found = np.array([shares.get(name, 0.0) for name in known])
        return np.asarray(found / found.sum())

    def spelled(self, text: str) -> str:
        """Return a text that the model shall read, cleaned in the same way as its training text.

        If the vocabulary has small letters and no capitals, the training text was lower-cased, although the recipe may
        not say so. Then the text is lower-cased too; the model knows no capitals anyway. In the same way, it is
        decomposed if the vocabulary is.
        """
        form: Form = "NFD" if self.vocabulary.is_decomposed else "NFC"
        return spelled(plain(text), self.recipe.lowercase or self.vocabulary.is_lower_case, form)


def load(path: Path) -> Model:
    """Check all files of a model, and load it. Raises ModelProblem."""
    directory = ModelDirectory(path)
    sha256 = directory.check()
    recipe, vocabulary = directory.recipe(), directory.vocabulary()
    procedure = choice.procedure_of(recipe)
    network = procedure.network(vocabulary.size, blank=True)
    variables = network.variables
    weights = directory.weights({name: tuple(weight.shape) for name, weight in variables.items()})
    for name, weight in variables.items():
        weight.assign(weights[name])
    writer, fitted = procedure.writer(network, vocabulary.lengths), directory.score().get("mixture")
    return Model(recipe, vocabulary, procedure, network, writer, sha256, Mixture(**fitted) if fitted else None)


@lru_cache(2)
def _mixed_writer(network: Network, vocabulary: Vocabulary, reach: int) -> MixedWriter:
    return MixedWriter(network, vocabulary.lengths, reach)
