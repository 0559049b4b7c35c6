"""The inspection of an LSTM while it reads: the activations of all gates, cells and outputs at every symbol."""

from typing import Any

import numpy as np

from trainer.contract.recipe import RecipeProblem
from trainer.generation.loaded_model import Model

LIMIT = 2_000  # characters


def inspect(model: Model, text: str) -> dict[str, Any]:
    """Read a text from a zero state and return what `inspect --json` prints.

    `forget`, `input`, `candidate`, `cell`, `output` and `hidden` of each layer are (time, units), one time for each of
    `symbols`. These are the characters of the text or, for a model of words, its words. `known` counts the symbols in
    the vocabulary; `unknown` lists the characters that are not in it. The equations are those of Gers, Schmidhuber &
    Cummins 2000, "Learning to Forget", without peepholes.

    Raises RecipeProblem for a model without gates, and for a text that is empty or too long.
    """
    if model.recipe.cell != "lstm":
        raise RecipeProblem("Only the cells of an LSTM can be looked into.")
    text = model.spelled(text)
    if not 1 <= len(text) <= LIMIT:
        raise RecipeProblem(f"Give from 1 to {LIMIT:,} characters to look at.")
    values = _inputs(model, text)  # (time, inputs)
    network = model.network.members[0]  # of several networks, the first one is looked into
    weights = {name: weight.numpy() for name, weight in network.variables.items()}
    layers = []
    for index in range(model.recipe.layers):
        prefix = f"recurrent_{index}"
        kernel, recurrent, bias = (weights[f"{prefix}/{name}"] for name in ("kernel", "recurrent_kernel", "bias"))
        layer = _layer(values @ kernel + bias, recurrent)
        values = layer["hidden"]
        layers.append({name: np.round(array, 4).tolist() for name, array in layer.items()})
    vocabulary = model.vocabulary
    known = int(np.count_nonzero(vocabulary.encode(text) != vocabulary.escape))
    return {
        "text": text,
        "symbols": vocabulary.pieces(text),
        "known": known,
        "unknown": vocabulary.unknown(text),
        "layers": layers,
    }


def _inputs(model: Model, text: str) -> np.ndarray:
    ids = model.vocabulary.encode(text).astype(np.int64)
    values: np.ndarray = model.network.members[0].inputs(ids).numpy()
    return values


def _layer(projected: np.ndarray, recurrent: np.ndarray) -> dict[str, np.ndarray]:
    """Run one layer over its projected inputs (time, 4·units), gates in Keras's order: i, f, candidate, o."""
    units = recurrent.shape[0]
    h, c = np.zeros(units, np.float32), np.zeros(units, np.float32)
    kept: dict[str, list[np.ndarray]] = {
        name: [] for name in ("forget", "input", "candidate", "cell", "output", "hidden")
    }
    for step in projected:
        zi, zf, zg, zo = np.split(step + h @ recurrent, 4)
        i, f, g, o = _sigmoid(zi), _sigmoid(zf), np.tanh(zg), _sigmoid(zo)
        c = f * c + i * g
        h = o * np.tanh(c)
        for name, value in zip(kept, (f, i, g, c, o, h), strict=True):
            kept[name].append(value)
    return {name: np.stack(values) for name, values in kept.items()}


def _sigmoid(x: np.ndarray) -> np.ndarray:
    return 0.5 * (1 + np.tanh(0.5 * x))


def table(found: dict[str, Any]) -> str:
    """Return for people the characters that the model does not know, and the mean activations of each layer."""
    lines = [said] if (said := _unknown(found)) else []
    for number, layer in enumerate(found["layers"], 1):
        means = ", ".join(f"{name} {np.mean(values):+.2f}" for name, values in layer.items())
        lines.append(f"layer {number}: {means}")
    return "\n".join(lines)


def _unknown(found: dict[str, Any]) -> str:
    """Return a sentence about the characters that the model has never seen; empty if there are none."""
    listed = " ".join(map(repr, found["unknown"]))
    if not listed:
        return ""
    if not found["known"]:
        return f"The model knows nothing of this text: it has never seen {listed}. It reads each as something new."
    return f"The model has never seen {listed}: it reads each as something new."
