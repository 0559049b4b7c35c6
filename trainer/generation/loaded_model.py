"""A trained model, loaded and ready to write, score and be looked into."""

from dataclasses import dataclass
from pathlib import Path

from trainer.contract.documents import clean
from trainer.contract.recipe import Recipe
from trainer.engine.network import Network
from trainer.engine.writing import Writer
from trainer.evaluation.evaluator import Evaluator
from trainer.procedures import choice
from trainer.procedures.procedure import Procedure
from trainer.storage.model_directory import ModelDirectory
from trainer.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Model:
    """A network with its weights, and what they were trained for. `sha256` is that of the weights' file."""

    recipe: Recipe
    vocabulary: Vocabulary
    procedure: Procedure
    network: Network
    writer: Writer
    sha256: str

    @property
    def bytes(self) -> int:
        return 4 * self.network.parameters

    def evaluator(self) -> Evaluator:
        """Return what reads held-out text with this model."""
        return self.procedure.evaluator(self.network, self.vocabulary.escape_floor)

    def spelled(self, text: str) -> str:
        """Return a text that it is given to read, spelled as the text that it learned.

        A model that knows small letters and no capitals learned a text that was lower-cased before its recipe could
        say so. Lower-casing changes nothing that such a model knows.
        """
        return clean(text, self.recipe.lowercase or self.vocabulary.is_lower_case)


def load(path: Path) -> Model:
    """Load a model after checking each of its files. Raises ModelProblem."""
    directory = ModelDirectory(path)
    sha256 = directory.check()
    recipe, vocabulary = directory.recipe(), directory.vocabulary()
    procedure = choice.procedure_of(recipe)
    network = procedure.network(vocabulary.size, blank=True)
    variables = network.variables
    weights = directory.weights({name: tuple(weight.shape) for name, weight in variables.items()})
    for name, weight in variables.items():
        weight.assign(weights[name])
    return Model(recipe, vocabulary, procedure, network, procedure.writer(network, vocabulary.lengths), sha256)
