"""A reader: a trained network in numpy, which shows all that it computes, and computes gradients.

Of several networks, the first one is looked into. Arrays are (time, rows, …).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from trainer.generation.loaded_model import Model
from trainer.inspection import cells
from trainer.inspection.cells import Activations, Array, Cell, Gradients, State

States = list[State]  # of each layer


class Reader:
    """A network in numpy.

    Args:
        inputs: the input layer: ids (…,) → values (…, width).
        layers: the recurrent layers.
        kernel, bias: the weights of the output layer, (units, symbols) and (symbols,).
        skips: whether the output layer reads the sum of all recurrent layers.
    """

    def __init__(
        self, inputs: Callable[[Array], Array], layers: Sequence[Cell], kernel: Array, bias: Array, skips: bool = False
    ) -> None:
        self.inputs, self.layers, self.kernel, self.bias, self.skips = inputs, layers, kernel, bias, skips

    @classmethod
    def of(cls, model: Model, ids: Array, voices: Mapping[str, float] | None = None) -> "Reader":
        """Return a reader of a model that will read no other symbols than these, in any shape.

        It asks Keras once, here, so several threads may use it. Raises RecipeProblem for a cell that can't be looked
        into.

        Args:
            voices: the shares of the voices in which it reads, by their names; none for no voice. See `Model.shares`.
        """
        network, recipe = model.network.members[0], model.recipe
        weights = {name: weight.numpy() for name, weight in network.variables.items()}
        layers = [_layer(recipe.cell, weights, f"recurrent_{index}/") for index in range(recipe.layers)]

        known = np.unique(ids).astype(np.int64)
        table = network.inputs(known).numpy()  # (known, width)
        shares = model.shares(voices or {})
        if shares is not None:
            table = table + network.voice(shares)

        def inputs(ids: Array) -> Array:
            values: Array = table[np.searchsorted(known, ids)]
            return values

        return cls(inputs, layers, weights["outputs/kernel"], weights["outputs/bias"], recipe.skips)

    def zero(self, rows: int) -> States:
        return [layer.zero(rows) for layer in self.layers]

    def read(self, ids: Array, states: States) -> list[Activations]:
        """Read ids (time, rows), beginning with the states. Return the activations of each layer."""
        values, found = self.inputs(ids), []
        for layer, state in zip(self.layers, states, strict=True):
            found.append(layer.read(values, state))
            values = found[-1]["hidden"]
        return found

    def after(self, read: list[Activations]) -> States:
        """Return the states after the last step."""
        return [
            tuple(state[-1] for state in layer.state(activations))
            for layer, activations in zip(self.layers, read, strict=True)
        ]

    def steps(self, sequences: Sequence[Array]) -> Iterator[list[Activations]]:
        """Read sequences side by side, each from a zero state, one symbol of each at a step.

        The sequences have to be in the order of their lengths, the longest first: at each step, the rows are those
        that still have a symbol. Yields the activations of each layer, (rows, units).
        """
        lengths = np.array([len(sequence) for sequence in sequences])
        states = self.zero(len(sequences))
        for t in range(int(lengths.max(initial=0))):
            rows = int(np.count_nonzero(lengths > t))
            values, found = self.inputs(np.array([sequence[t] for sequence in sequences[:rows]])), []
            for index, layer in enumerate(self.layers):
                found.append(layer.step(layer.projected(values), tuple(state[:rows] for state in states[index])))
                states[index], values = layer.state(found[-1]), found[-1]["hidden"]
            yield found

    def output(self, read: Sequence[Mapping[str, Array]]) -> Array:
        """Return what the output layer reads, (…, units), from the activations of all layers."""
        outputs = [activations["hidden"] for activations in read]
        return sum(outputs[1:], start=outputs[0]) if self.skips else outputs[-1]

    def log_probabilities(self, hidden: Array, symbols: int | None = None) -> Array:
        """Return the logs of the next symbol's probabilities, among the first `symbols` only if they are given.

        hidden: what `output` returns, (…, units) → (…, symbols).
        """
        logits = hidden @ self.kernel[:, :symbols] + self.bias[:symbols]
        logits -= logits.max(-1, keepdims=True)
        found: Array = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
        return found

    def gradient_at_output(self, log_probabilities: Array, chosen: Array) -> Array:
        """Return the gradient of the log-probability of a chosen symbol, with respect to what `output` returns.

        log_probabilities: (rows, symbols), of which `symbols` may be the first ones only; chosen: (rows,) → (rows,
        units).
        """
        symbols = log_probabilities.shape[1]
        at_logits = (np.arange(symbols) == chosen[:, None]) - np.exp(log_probabilities)  # (rows, symbols)
        gradient: Array = at_logits @ self.kernel[:, :symbols].T
        return gradient

    def backward(self, ids: Array, read: list[Activations], before: States, at_end: Array) -> list[Gradients]:
        """Return the gradients of a number that depends on what `output` returns after the last step.

        Args:
            ids: what was read, (time, rows).
            read: the activations that `read` returned.
            before: the states before the first step.
            at_end: the gradient with respect to that output, (rows, units).
        """
        above = np.zeros_like(read[-1]["hidden"])
        above[-1] = at_end
        found: list[Gradients] = []
        inputs = [self.inputs(ids), *(activations["hidden"] for activations in read[:-1])]
        for layer, *known in reversed(list(zip(self.layers, inputs, read, before, strict=True))):
            found.append(layer.backward(*known, above))
            above = found[-1].inputs
            if self.skips and len(found) < len(self.layers):
                above[-1] += at_end
        return found[::-1]


def _layer(cell: str, weights: Mapping[str, Array], prefix: str) -> Cell:
    """Return the layer whose weights have names with this prefix."""
    rounds = (array for name, array in weights.items() if name.startswith(f"{prefix}mogrifier_"))
    return cells.cell(cell, *(weights[prefix + name] for name in ("kernel", "recurrent_kernel", "bias")), *rounds)


def pieces(length: int, count: int) -> list[tuple[int, int]]:
    """Cut 0 … length into at most `count` pieces of about the same length. Return the begin and the end of each."""
    edges = np.unique(np.linspace(0, length, count + 1).round().astype(int)).tolist()
    return list(pairwise(edges))
