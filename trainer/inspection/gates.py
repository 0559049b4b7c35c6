"""What a network does while it reads: the activations of all gates and states at every symbol, and what it expects."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from trainer.contract.answers import Inspected, InspectedInFile
from trainer.contract.recipe import RecipeProblem
from trainer.generation.loaded_model import Model
from trainer.inspection import array_files
from trainer.inspection.array_files import OF_ALL, NamedArray
from trainer.inspection.cells import Activations, Array
from trainer.inspection.reader import Reader

LIMIT = 2_000  # characters
LIKELIEST = 100  # next symbols after each symbol: all, for most models of characters


class Inspection(NamedTuple):
    """What a network did while it read a text.

    text: the text as the model spells it.
    symbols: its pieces, one for each time step.
    ids: the numbers of the symbols, (time,).
    layers: the activations of each layer, (time, units), by their names.
    next_ids, next_probabilities: the likeliest next symbols after each symbol, the likeliest first, (time, LIKELIEST),
        or fewer if the model knows fewer. The probabilities are among all symbols that can be written.
    """

    text: str
    symbols: list[str]
    ids: Array
    layers: list[Activations]
    next_ids: Array
    next_probabilities: Array

    @property
    def arrays(self) -> list[NamedArray]:
        """All arrays, in the order in which they are written to a file."""
        found = [NamedArray(name, n, array) for n, layer in enumerate(self.layers) for name, array in layer.items()]
        following = {"next_ids": self.next_ids, "next_probabilities": self.next_probabilities}
        return [*found, *(NamedArray(name, OF_ALL, array) for name, array in following.items())]


def inspect(model: Model, text: str, voices: Mapping[str, float] | None = None) -> Inspection:
    """Read a text from a zero state, in a mixture of voices or in none.

    Raises RecipeProblem for a cell that can't be looked into, and for a text that is empty or too long; SettingProblem
    for a voice that the model does not have.
    """
    text = spelled(model, text)
    ids = model.vocabulary.encode(text)
    reader = Reader.of(model, ids, voices)
    read = reader.read(ids[:, None], reader.zero(1))
    layers = [{name: array[:, 0] for name, array in layer.items()} for layer in read]  # each (time, units)
    next_ids, next_probabilities = _likeliest(reader, reader.output(layers), model.vocabulary.escape)
    return Inspection(text, model.vocabulary.pieces(text), ids, layers, next_ids, next_probabilities)


def spelled(model: Model, text: str) -> str:
    """Return a text to look at, as the model spells it. Raises RecipeProblem if it is empty or too long."""
    text = model.spelled(text)
    if not 1 <= len(text) <= LIMIT:
        raise RecipeProblem(f"Give from 1 to {LIMIT:,} characters to look at.")
    return text


def _likeliest(reader: Reader, hidden: Array, known: int) -> tuple[Array, Array]:
    """Return the numbers of the likeliest symbols after each step and their probabilities, (time, LIKELIEST) each."""
    found = np.exp(reader.log_probabilities(hidden, known))  # (time, known)
    count = min(LIKELIEST, known)
    some = np.argpartition(-found, count - 1, 1)[:, :count]  # sorting 8,000 words after each symbol takes a second
    probabilities = np.take_along_axis(found, some, 1)
    order = np.argsort(-probabilities, 1, kind="stable")
    return np.take_along_axis(some, order, 1), np.take_along_axis(probabilities, order, 1)


def answer(model: Model, found: Inspection) -> Inspected:
    """Return the answer that has all arrays in it, rounded to four decimal places."""
    return Inspected(
        **_described(model, found),
        layers=[{name: _rounded(array) for name, array in layer.items()} for layer in found.layers],
        next_ids=found.next_ids.tolist(),
        next_probabilities=_rounded(found.next_probabilities),
    )


def answer_in_file(model: Model, found: Inspection, file: Path) -> InspectedInFile:
    """Write the arrays into a file, and return the answer that says where each is. Raises OSError."""
    places = array_files.write(file, found.arrays)
    return InspectedInFile(**_described(model, found), layers=len(found.layers), arrays=places)


def _described(model: Model, found: Inspection) -> dict[str, Any]:
    vocabulary = model.vocabulary
    return {
        "text": found.text,
        "symbols": found.symbols,
        "known": int(np.count_nonzero(found.ids != vocabulary.escape)),
        "unknown": vocabulary.unknown(found.text),
        "cell": model.recipe.cell,
        "spelling": {str(number): vocabulary.symbols[number] for number in np.unique(found.next_ids).tolist()},
    }


def _rounded(array: Array) -> list[Any]:
    rounded: list[Any] = np.round(array.astype(float), 4).tolist()
    return rounded


def table(found: Inspected) -> str:
    """Return for people the characters that the model does not know, and the mean activations of each layer."""
    lines = [said] if (said := _unknown(found)) else []
    for number, layer in enumerate(found.layers):
        means = ", ".join(f"{name} {np.mean(values):+.2f}" for name, values in layer.items())
        lines.append(f"layer {number}: {means}")
    return "\n".join(lines)


def _unknown(found: Inspected) -> str:
    """Return a sentence about the characters that the model has never seen; empty if there are none."""
    listed = " ".join(map(repr, found.unknown))
    if not listed:
        return ""
    if not found.known:
        return f"The model knows nothing of this text: it has never seen {listed}. It reads each as something new."
    return f"The model has never seen {listed}: it reads each as something new."
