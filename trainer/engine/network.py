"""The networks, built from the recipe out of Keras layers. Nothing here knows which backend runs them."""

from collections.abc import Callable, Iterable
from typing import Any

import keras
import numpy as np
from keras import ops

from trainer.contract.recipe import Recipe
from trainer.engine import setup

Array = Any  # a tensor of the backend; Keras ships no types
State = tuple[Array, ...]  # of one layer, each (batch, units): (h, c) for an LSTM, (h,) else
States = tuple[State, ...]
Drop = Callable[[Array, int], Array]  # hides values of an array; the number tells the places of use apart


def keep_all(values: Array, place: int) -> Array:
    return values


class Network:
    """Embedding → recurrent layers → dropout → logits.

    Example:
        >>> network = Network(recipe, symbols=66)
        >>> logits, states = network(ids, network.zero_states(32))  # ids (32, 64) → logits (32, 64, 66)
    """

    def __init__(self, recipe: Recipe, symbols: int, blank: bool = False, gpu: bool = False) -> None:
        self.recipe = recipe
        self.symbols = symbols
        embedding = "zeros" if blank else keras.initializers.RandomNormal(0, 1.0, recipe.seed)
        dense = "zeros" if blank else keras.initializers.GlorotUniform(recipe.seed + 97)
        self.inputs = keras.layers.Embedding(symbols, recipe.embedding, embeddings_initializer=embedding)
        self.recurrent = [recurrent_layer(recipe, index, blank, gpu) for index in range(recipe.layers)]
        self.outputs = keras.layers.Dense(symbols, kernel_initializer=dense)
        self._build()

    def _build(self) -> None:
        self.inputs.build((None, None))
        width = self.recipe.embedding
        for layer in self.recurrent:
            layer.build((None, None, width))
            width = self.recipe.units
        self.outputs.build((None, None, width))

    def __call__(self, ids: Array, states: States, drop: Drop = keep_all) -> tuple[Array, States]:
        """Read on from the states: ids (batch, time) → logits (batch, time, symbols), and the states after them."""
        values = self.inputs(ids)  # (batch, time, embedding)
        after = []
        for index, layer in enumerate(self.recurrent):
            if index:
                values = drop(values, index)
            values, *state = layer(values, initial_state=list(states[index]))  # (batch, time, units)
            after.append(_whole(state))
        return self.outputs(drop(values, 0)), tuple(after)

    def step(self, ids: Array, states: States) -> tuple[Array, States]:
        """Read one character: ids (batch,) → logits (batch, symbols), and the states after it."""
        values, states = self.step_recurrent(self.inputs(ids), states)
        return self.outputs(values), states

    def step_recurrent(self, values: Array, states: States) -> tuple[Array, States]:
        """Run one step of the recurrent layers: (batch, embedding) → (batch, units), and the states after it."""
        after = []
        for layer, state in zip(self.recurrent, states, strict=True):
            values, new = layer.cell(values, list(state))
            after.append(_whole(new))
        return values, tuple(after)

    def zero_states(self, batch: int) -> States:
        arrays = 2 if self.recipe.cell == "lstm" else 1
        zero = ops.zeros((batch, self.recipe.units))
        return ((zero,) * arrays,) * self.recipe.layers

    @property
    def variables(self) -> dict[str, Any]:
        """The weights by the names under which they are saved, e.g. "recurrent_0/kernel"."""
        named: list[tuple[str, Any]] = [("inputs", self.inputs)] if self.inputs is not None else []
        named += [(f"recurrent_{index}", layer) for index, layer in enumerate(self.recurrent)]
        named += [("outputs", self.outputs)]
        return {f"{name}/{weight.name}": weight for name, layer in named for weight in layer.weights}

    @property
    def parameters(self) -> int:
        return sum(int(weight.value.shape.num_elements()) for weight in self.variables.values())


class TutorialNetwork(Network):
    """The tutorial's: windows of numbers → LSTM → dropout → LSTM → dropout → logits of the next character.

    A character's number is scaled to 0 … 1 and is all that the first layer sees of it.
    """

    def _build(self) -> None:
        self.inputs = None
        width = 1
        for layer in self.recurrent:
            layer.build((None, None, width))
            width = self.recipe.units
        self.outputs.build((None, width))

    def scaled(self, ids: Array) -> Array:
        """Numbers of characters (…,) → what the first layer reads (…, 1)."""
        return ops.cast(ids, "float32")[..., None] / (self.symbols - 1)  # the escape is none of the text's own

    def read_window(self, windows: Array, drop: Drop = keep_all) -> Array:
        """Windows (batch, time) → logits (batch, symbols) of the character after each."""
        values = self.scaled(windows)  # (batch, time, 1)
        states = self.zero_states(windows.shape[0])
        for index, layer in enumerate(self.recurrent):
            values, *_ = layer(values, initial_state=list(states[index]))  # (batch, time, units)
            values = drop(values if index + 1 < len(self.recurrent) else values[:, -1], index)
        return self.outputs(values)


def as_numpy(array: Array) -> np.ndarray:
    """Return a copy of a tensor or a weight."""
    return np.asarray(ops.convert_to_tensor(array)).copy()


def _whole(state: Iterable[Array]) -> State:
    """A layer's state in float32, whatever its products are taken in."""
    return tuple(ops.cast(value, "float32") for value in state)


def build(recipe: Recipe, symbols: int, blank: bool = False, gpu: bool | None = None) -> Network:
    """Build the recipe's network, with its seed's initial weights or blank, to be filled.

    `gpu` says whether it is to run on a GPU; None looks whether there is one.
    """
    kind = TutorialNetwork if recipe.procedure == "tutorial" else Network
    return kind(recipe, symbols, blank, setup.has_gpu() if gpu is None else gpu)


def recurrent_layer(recipe: Recipe, index: int, blank: bool = False, gpu: bool = False) -> Any:
    """Make one recurrent layer. The one place that decides which implementation trains and reads.

    On a GPU these are Keras's own layers, which cuDNN runs; their products are taken in bfloat16 where the recipe
    says so, and their weights stay float32.
    An LSTM forgets nothing at first: a forget bias of 1 (Jozefowicz et al. 2015), which is Keras's default.
    """
    kernel = "zeros" if blank else keras.initializers.GlorotUniform(recipe.seed + 10 * index + 1)
    recurrent = "zeros" if blank else keras.initializers.Orthogonal(seed=recipe.seed + 10 * index + 2)
    initial = {
        "kernel_initializer": kernel,
        "recurrent_initializer": recurrent,
        "return_sequences": True,
        "return_state": True,
        "name": f"recurrent_{index}",
        "dtype": "mixed_bfloat16" if gpu and recipe.half_products else "float32",
    }
    if recipe.cell == "gru":
        return keras.layers.GRU(recipe.units, **initial)
    if recipe.cell == "rnn":
        return keras.layers.SimpleRNN(recipe.units, **initial)
    if gpu or keras.backend.backend() != "tensorflow":
        return keras.layers.LSTM(recipe.units, **initial)
    from trainer.engine.fast_lstm import FastLSTM

    return FastLSTM(recipe.units, half_products=recipe.half_products, **initial)
