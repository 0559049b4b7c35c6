"""The equations of the recurrent cells in numpy, and their derivatives, written out by hand.

They are those of Keras's layers, and of `trainer.engine.mogrifier`. Arrays are (time, rows, units). They have the type
of the weights: float32, or float64 where a test compares the derivatives with finite differences.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

import numpy as np

from trainer.contract.recipe import RecipeProblem

Array = np.ndarray
State = tuple[Array, ...]  # (hidden, cell) of an LSTM, else (hidden,), each (rows, units)
Activations = dict[str, Array]  # by their names, each (rows, units) of a step, or (time, rows, units)


class Gradients(NamedTuple):
    """The gradients of a number, by all that a layer does afterwards.

    states: with respect to each of the layer's states after each step, (time, rows, units), by the name of the state.
    inputs: with respect to the layer's inputs, (time, rows, inputs).
    """

    states: Activations
    inputs: Array


class Cell(ABC):
    """A recurrent layer.

    Args:
        kernel, recurrent, bias: the weights, as Keras keeps them.
    """

    names: ClassVar[tuple[str, ...]]  # of the activations
    states: ClassVar[tuple[str, ...]]  # those that are the state, the hidden state first

    def __init__(self, kernel: Array, recurrent: Array, bias: Array) -> None:
        self.kernel, self.recurrent, self.bias = kernel, recurrent, bias
        self.units = len(recurrent)

    def zero(self, rows: int) -> State:
        return tuple(np.zeros((rows, self.units), self.kernel.dtype) for _ in self.states)

    def projected(self, inputs: Array) -> Array:
        """Return what `step` takes: the products of inputs (…, inputs) with the kernel, with the bias."""
        products: Array = inputs @ self.kernel + self.bias
        return products

    def unprojected(self, gradients: Array) -> Array:
        """Return the gradient with respect to inputs, (…, inputs), from that with respect to what `step` takes."""
        found: Array = gradients @ self.kernel.T
        return found

    @abstractmethod
    def step(self, projected: Array, state: State) -> Activations:
        """Read one input of each row. Return the activations, the state after it among them."""

    def state(self, activations: Activations) -> State:
        return tuple(activations[name] for name in self.states)

    def read(self, inputs: Array, state: State) -> Activations:
        """Read inputs (time, rows, inputs), beginning with a state."""
        projected = self.projected(inputs)
        kept = {name: np.empty((*inputs.shape[:2], self.units), projected.dtype) for name in self.names}
        for t, now in enumerate(projected):
            step = self.step(now, state)
            state = self.state(step)
            for name, array in kept.items():
                array[t] = step[name]
        return kept

    def backward(self, inputs: Array, read: Activations, before: State, above: Array) -> Gradients:
        """Return the gradients of a number, backwards through time (Werbos 1990).

        Args:
            inputs: what was read, (time, rows, inputs).
            read: the activations that `read` returned.
            before: the state before the first step.
            above: the gradient with respect to the hidden states, by what other layers do with them,
                (time, rows, units).
        """
        found = {name: np.empty_like(above) for name in self.states}
        projected, arriving = [], self.zero(above.shape[1])
        for t in reversed(range(len(above))):
            now = {name: array[t] for name, array in read.items()} | {"inputs": inputs[t]}
            earlier = tuple(read[name][t - 1] for name in self.states) if t else before
            total, gradient, arriving = self._back(now, earlier, (arriving[0] + above[t], *arriving[1:]))
            projected.append(gradient)
            for name, gradient in zip(self.states, total, strict=True):
                found[name][t] = gradient
        return Gradients(found, self.unprojected(np.stack(projected[::-1])))

    @abstractmethod
    def _back(self, now: Activations, before: State, arriving: State) -> tuple[State, Array, State]:
        """Go back over one step.

        Args:
            now: the activations of the step, and its `inputs`, (rows, inputs).
            before: the state before it.
            arriving: the gradients with respect to the state after it, by all later steps and by other layers. That of
                the hidden state is complete; that of a cell lacks what goes through the hidden state.

        Returns:
            The complete gradients with respect to the state after the step, the gradient with respect to what `step`
            took, and what arrives at the step before.
        """


class LSTM(Cell):
    """Hochreiter & Schmidhuber 1997 with the forget gate of Gers, Schmidhuber & Cummins 2000, without peepholes.

    Gates are in Keras's order: input, forget, candidate, output.
    """

    names = ("forget", "input", "candidate", "cell", "output", "hidden")
    states = ("hidden", "cell")

    def step(self, projected: Array, state: State) -> Activations:
        hidden, cell = state
        zi, zf, zg, zo = np.split(projected + hidden @ self.recurrent, 4, -1)
        i, f, g, o = _sigmoid(zi), _sigmoid(zf), np.tanh(zg), _sigmoid(zo)
        cell = f * cell + i * g
        return {"forget": f, "input": i, "candidate": g, "cell": cell, "output": o, "hidden": o * np.tanh(cell)}

    def _back(self, now: Activations, before: State, arriving: State) -> tuple[State, Array, State]:
        i, f, g, o = now["input"], now["forget"], now["candidate"], now["output"]
        hidden, squashed = arriving[0], np.tanh(now["cell"])
        cell = arriving[1] + hidden * o * (1 - squashed**2)
        gates = (
            cell * g * i * (1 - i),
            cell * before[1] * f * (1 - f),
            cell * i * (1 - g**2),
            hidden * squashed * o * (1 - o),
        )
        products = np.concatenate(gates, -1)
        return (hidden, cell), products, (products @ self.recurrent.T, cell * f)


class MogrifierLSTM(LSTM):
    """An LSTM whose inputs and last outputs scale each other before each step: see `trainer.engine.mogrifier`.

    Args:
        rounds: the weights of each round, (units, inputs) and (inputs, units) in turn; an even number of them.
    """

    def __init__(self, kernel: Array, recurrent: Array, bias: Array, rounds: Sequence[Array]) -> None:
        super().__init__(kernel, recurrent, bias)
        self.rounds = rounds

    def projected(self, inputs: Array) -> Array:
        return inputs  # it depends on the state what becomes of them

    def unprojected(self, gradients: Array) -> Array:
        return gradients

    def step(self, projected: Array, state: State) -> Activations:
        inputs, hidden = self._scaled(projected, state[0])[-2:]
        return super().step(super().projected(inputs), (hidden, state[1]))

    def _scaled(self, inputs: Array, hidden: Array) -> list[Array]:
        """Return inputs and hidden state, and what each round makes of the older of the last two."""
        found = [inputs, hidden]
        for weights in self.rounds:
            found.append(2 * _sigmoid(found[-1] @ weights) * found[-2])
        return found

    def _back(self, now: Activations, before: State, arriving: State) -> tuple[State, Array, State]:
        values = self._scaled(now["inputs"], before[0])
        total, products, (hidden, cell) = super()._back(now, (values[-1], before[1]), arriving)
        inputs = super().unprojected(products)
        for number, weights in reversed(list(enumerate(self.rounds))):
            scale = 2 * _sigmoid(values[number + 1] @ weights)
            sums = hidden * values[number] * scale * (1 - scale / 2)
            inputs, hidden = hidden * scale, inputs + sums @ weights.T  # those of the two values before the round
        return total, inputs, (hidden, cell)


class GRU(Cell):
    """Cho et al. 2014, with the reset gate after the recurrent product, as in Keras and cuDNN.

    Gates are in Keras's order: update, reset, candidate. The bias is (2, 3·units), that of the inputs first.
    """

    names = ("reset", "update", "candidate", "hidden")
    states = ("hidden",)

    def projected(self, inputs: Array) -> Array:
        products: Array = inputs @ self.kernel + self.bias[0]
        return products

    def step(self, projected: Array, state: State) -> Activations:
        (hidden,) = state
        xz, xr, xg = np.split(projected, 3, -1)
        hz, hr, hg = np.split(hidden @ self.recurrent + self.bias[1], 3, -1)
        z, r = _sigmoid(xz + hz), _sigmoid(xr + hr)
        g = np.tanh(xg + r * hg)
        return {"reset": r, "update": z, "candidate": g, "hidden": z * hidden + (1 - z) * g}

    def _back(self, now: Activations, before: State, arriving: State) -> tuple[State, Array, State]:
        z, r, g = now["update"], now["reset"], now["candidate"]
        (earlier,), (hidden,), last = before, arriving, slice(2 * self.units, None)
        candidate = hidden * (1 - z) * (1 - g**2)
        product = earlier @ self.recurrent[:, last] + self.bias[1, last]  # that the reset gate lets through
        gates = hidden * (earlier - g) * z * (1 - z), candidate * product * r * (1 - r)
        own = np.concatenate([*gates, candidate * r], -1)  # with respect to the recurrent product
        return (hidden,), np.concatenate([*gates, candidate], -1), (hidden * z + own @ self.recurrent.T,)


class SimpleRNN(Cell):
    """The plain recurrent network of Elman 1990."""

    names = states = ("hidden",)

    def step(self, projected: Array, state: State) -> Activations:
        return {"hidden": np.tanh(projected + state[0] @ self.recurrent)}

    def _back(self, now: Activations, before: State, arriving: State) -> tuple[State, Array, State]:
        products = arriving[0] * (1 - now["hidden"] ** 2)
        return arriving, products, (products @ self.recurrent.T,)


KINDS: Mapping[str, type[Cell]] = {"lstm": LSTM, "gru": GRU, "rnn": SimpleRNN}


def cell(kind: str, kernel: Array, recurrent: Array, bias: Array, *rounds: Array) -> Cell:
    """Return a layer with the cell of a recipe. `rounds` are the weights of a Mogrifier, if it has one.

    Raises RecipeProblem if its equations are not here.
    """
    if rounds:
        return MogrifierLSTM(kernel, recurrent, bias, rounds)
    if kind not in KINDS:
        raise RecipeProblem(f"A model of {kind} cells can't be looked into, only one of {', '.join(KINDS)}.")
    return KINDS[kind](kernel, recurrent, bias)


def _sigmoid(x: Array) -> Array:
    found: Array = 0.5 * (1 + np.tanh(0.5 * x))
    return found
