"""The attribution of a prediction: how much each symbol that was read has to do with it."""

from collections.abc import Mapping

import numpy as np

from trainer.contract.answers import Attributed
from trainer.contract.recipe import RecipeProblem
from trainer.contract.wording import counted
from trainer.generation.loaded_model import Model
from trainer.inspection.cells import Array
from trainer.inspection.gates import spelled
from trainer.inspection.reader import Reader

_SHOWN = 10  # symbols that people see


def attribute(
    model: Model,
    text: str,
    place: int,
    symbol: int | None = None,
    actual: bool = False,
    voices: Mapping[str, float] | None = None,
) -> Attributed:
    """Return how strongly each of the first `place` symbols of a text acts on the prediction of the next one.

    That is the norm of the gradient of a symbol's log-probability with respect to the numbers that stand for each
    symbol read (saliency: Simonyan, Vedaldi & Zisserman 2014), divided by the largest of them.

    Args:
        symbol: the number of the predicted symbol; None for the likeliest one.
        actual: take the symbol that comes next in the text, if there is one that the model can predict.
        voices: the shares of the voices in which it reads, by their names.

    Raises RecipeProblem for a place that is not in the text, a symbol that is not in the vocabulary, and as `inspect`.
    """
    ids, pieces = _read(model, text, place)
    known = model.vocabulary.escape
    if actual and place < len(ids) and ids[place] < known:
        symbol = int(ids[place])
    if symbol is not None and symbol >= known:
        raise RecipeProblem(f"The model knows the symbols 0 to {known - 1}, and no symbol {symbol}.")
    ids = ids[:place]
    reader, reach = Reader.of(model, ids, voices), model.procedure.reach or place
    chosen, probability, strengths = _gradients(reader, ids[-reach:], known, symbol)
    shades = np.zeros(place)
    shades[-len(strengths) :] = strengths / (strengths.max() or 1.0)
    spelling = model.vocabulary.symbols[chosen]
    found = shades.round(4).tolist()
    return Attributed(symbols=pieces[:place], symbol=chosen, spelling=spelling, probability=probability, shades=found)


def table(found: Attributed) -> str:
    """Return for people the predicted symbol, and the symbols that act on it most."""
    places = sorted(range(len(found.shades)), key=lambda place: -found.shades[place])[:_SHOWN]
    read = "".join(found.symbols[-_SHOWN:])
    lines = [f"{found.spelling!r} has the probability {found.probability:.3f} after {read!r}"]
    lines += [f"{found.shades[place]:.2f}  {found.symbols[place]!r}, {_back(found, place)}" for place in places]
    return "\n".join(lines)


def _back(found: Attributed, place: int) -> str:
    return f"{counted(len(found.symbols) - place, 'symbol')} before it"


def _read(model: Model, text: str, place: int) -> tuple[Array, list[str]]:
    """Return the numbers and the pieces of all symbols. Raises RecipeProblem for a place that is not in the text."""
    text = spelled(model, text)
    ids = model.vocabulary.encode(text)
    if not 1 <= place <= len(ids):
        raise RecipeProblem(f"The place has to be from 1 to {len(ids):,}: so many symbols has the text.")
    return ids, model.vocabulary.pieces(text)


def _gradients(reader: Reader, ids: Array, known: int, symbol: int | None) -> tuple[int, float, Array]:
    """Return the predicted symbol, its probability, and the norm of the gradient at each symbol that was read."""
    read, zero = reader.read(ids[:, None], reader.zero(1)), reader.zero(1)
    expected = reader.log_probabilities(reader.output(read)[-1], known)  # (1, known)
    chosen = int(expected.argmax()) if symbol is None else symbol
    at_end = reader.gradient_at_output(expected, np.array([chosen]))
    gradients = reader.backward(ids[:, None], read, zero, at_end)[0].inputs[:, 0]  # (time, inputs)
    norms: Array = np.linalg.norm(gradients.astype(float), axis=1)
    return chosen, float(np.exp(expected[0, chosen])), norms
