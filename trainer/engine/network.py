"""The networks of the two procedures. A recipe decides their layers, which are Keras's or have the same results."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from typing import Any

import keras
import numpy as np
from keras import ops

from trainer.contract.recipe import Recipe
from trainer.engine import setup
from trainer.engine.fast_lstm import FastLSTM
from trainer.engine.mogrifier import MogrifierLSTM
from trainer.engine.native import library
from trainer.engine.voices import VoicedEmbedding

Array = Any  # a tensor; TensorFlow and Keras ship no types
State = tuple[Array, ...]  # the state of one layer: (h, c) for an LSTM, else (h,), each (batch, units)
States = tuple[State, ...]
Drop = Callable[[Array, int], Array]  # applies dropout to an array; the number is that of the place in the network
_MOGRIFIER_SEEDS = 500  # added to the seed for the weights of its rounds; what is added for layers is smaller
INPUTS = 16  # the place after the input layer; the recurrent layers have the places below


def keep_all(values: Array, place: int) -> Array:
    return values


class Network(ABC):
    """Inputs → recurrent layers → logits of the next symbol.

    Args:
        blank: whether all weights are zero, to be replaced later; else they are initialised with the recipe's seed.
        gpu: whether the network runs on a GPU; None means that it does if there is one.
    """

    def __init__(self, recipe: Recipe, symbols: int, blank: bool = False, gpu: bool | None = None) -> None:
        gpu = setup.has_gpu() if gpu is None else gpu
        self.recipe = recipe
        self.symbols = symbols
        self.inputs, width = self._input_layer(blank)
        self.recurrent = [recurrent_layer(recipe, index, blank, gpu) for index in range(recipe.layers)]
        dense = "zeros" if blank else keras.initializers.GlorotUniform(recipe.seed + 97)
        self.outputs = keras.layers.Dense(symbols, kernel_initializer=dense)
        for layer in self.recurrent:
            layer.build((None, None, width))
            width = recipe.units
        self.outputs.build((None, None, width))

    @abstractmethod
    def _input_layer(self, blank: bool) -> tuple[Any, int]:
        """Return the built layer that turns symbols (…,) into values (…, width), and the width."""

    @abstractmethod
    def __call__(self, ids: Array, states: States, drop: Drop = keep_all) -> tuple[Array, States]:
        """Read symbols (batch, time), beginning with the states. Return the logits and the states after that."""

    @property
    def members(self) -> "list[Network]":
        """The networks whose expectations it averages: itself alone, unless it is a committee."""
        return [self]

    def with_layers(self, layers: Sequence[Any]) -> "Network":
        """Return this network with other recurrent layers. Of several networks, the first one gets them."""
        other = copy(self)
        other.recurrent = list(layers)
        return other

    @property
    def width(self) -> int:
        """The number of values that `step_recurrent` returns for a row."""
        return int(self.recipe.units)

    def apart(self, ids: Array, states: States, drop: Drop) -> tuple[list[Array], States]:
        """Read symbols as `__call__` does, but return the logits of each member."""
        logits, states = self(ids, states, drop)
        return [logits], states

    def step(self, ids: Array, states: States, *voice: Array) -> tuple[Array, States]:
        """Read one symbol: ids (batch,) → logits (batch, symbols), and the states after it.

        `voice` is nothing, or what `voice` returns, which is added to the values of the symbol.
        """
        values, states = self.step_recurrent(sum(voice, start=self.inputs(ids)), states)
        return self.outputs(values), states

    def voice(self, shares: np.ndarray) -> np.ndarray:
        """Return what a mixture of voices adds to the values of a symbol that has none: (voices,) → (embedding,)."""
        return self.inputs.added(shares)  # type: ignore[no-any-return]

    def step_recurrent(self, values: Array, states: States) -> tuple[Array, States]:
        """Run one step of the recurrent layers: (batch, embedding) → (batch, units), and the states after it."""
        after, outputs = [], []
        for layer, state in zip(self.recurrent, states, strict=True):
            values, new = layer.cell(values, list(state))
            after.append(_whole(new))
            outputs.append(values)
        return self.summed(outputs), tuple(after)

    def summed(self, outputs: list[Array]) -> Array:
        """Return what the output layer reads, from the outputs of all layers (…, units)."""
        return sum(outputs[1:], start=outputs[0]) if self.recipe.skips else outputs[-1]

    def zero_states(self, batch: int) -> States:
        zero = ops.zeros((batch, self.recipe.units))
        return tuple((zero,) * len(layer.state_size) for layer in self.recurrent)

    @property
    def variables(self) -> dict[str, Any]:
        """The weights by the names under which they are saved, for example "recurrent_0/kernel"."""
        recurrent = [(f"recurrent_{index}", layer) for index, layer in enumerate(self.recurrent)]
        named = [("inputs", self.inputs), *recurrent, ("outputs", self.outputs)]
        return {f"{name}/{weight.name}": weight for name, layer in named for weight in layer.weights}

    @property
    def parameters(self) -> int:
        return sum(int(weight.value.shape.num_elements()) for weight in self.variables.values())


class StreamNetwork(Network):
    """Embedding → dropout → recurrent layers, each followed by dropout → logits, with a carried state.

    If the recipe has `skips`, the logits come from the sum of all layers, and not from the last one.

    If the recipe has voices, symbols may have one: see `trainer.text.voices`.

    Example:
        >>> network = StreamNetwork(recipe, symbols=66)
        >>> logits, states = network(ids, network.zero_states(32))  # ids (32, 64) → logits (32, 64, 66)
    """

    def _input_layer(self, blank: bool) -> tuple[Any, int]:
        initial = "zeros" if blank else keras.initializers.RandomNormal(0, 1.0, self.recipe.seed)
        layer = keras.layers.Embedding(self.symbols, self.recipe.embedding, embeddings_initializer=initial)
        layer.build((None, None))
        voices = len(self.recipe.voice_names)
        return VoicedEmbedding(layer, voices) if voices else layer, self.recipe.embedding

    def __call__(self, ids: Array, states: States, drop: Drop = keep_all) -> tuple[Array, States]:
        """Read on from the states: ids (batch, time) → logits (batch, time, symbols), and the states after that."""
        values = drop(self.inputs(ids), INPUTS)  # (batch, time, embedding)
        after, outputs = [], []
        for index, layer in enumerate(self.recurrent):
            if index:
                values = drop(values, index)
            values, *state = layer(values, initial_state=list(states[index]))  # (batch, time, units)
            after.append(_whole(state))
            outputs.append(values)
        return self.outputs(drop(self.summed(outputs), 0)), tuple(after)


class WindowNetwork(Network):
    """Windows of scaled numbers → recurrent layers, each followed by dropout → logits of the next symbol.

    Every window is read from a zero state.
    """

    def _input_layer(self, blank: bool) -> tuple[Any, int]:
        return ScaledNumbers(self.symbols), 1

    def __call__(self, ids: Array, states: States, drop: Drop = keep_all) -> tuple[Array, States]:
        """Read windows (batch, time) → logits (batch, symbols) of the symbol after each window.

        The states are returned unchanged, because each window is read from a zero state.
        """
        values = self.inputs(ids)  # (batch, time, 1)
        zero = self.zero_states(ids.shape[0])
        for index, layer in enumerate(self.recurrent):
            values, *_ = layer(values, initial_state=list(zero[index]))  # (batch, time, units)
            values = drop(values if index + 1 < len(self.recurrent) else values[:, -1], index)
        return self.outputs(values), states


class ScaledNumbers:
    """An input layer without weights: the network sees each symbol as its number, scaled to 0 … 1."""

    weights: tuple[Any, ...] = ()

    def __init__(self, symbols: int) -> None:
        self._scale = symbols - 1  # the last number is that of the escape, which the training text does not contain

    def __call__(self, ids: Array) -> Array:
        """Return values (…, 1) of symbols (…,)."""
        return ops.cast(ids, "float32")[..., None] / self._scale


def _whole(state: Iterable[Array]) -> State:
    """Return the state of a layer in float32, whatever the type of its products is."""
    return tuple(ops.cast(value, "float32") for value in state)


_LAYERS = {"lstm": keras.layers.LSTM, "gru": keras.layers.GRU, "rnn": keras.layers.SimpleRNN}


def recurrent_layer(recipe: Recipe, index: int, blank: bool = False, gpu: bool = False) -> Any:
    """Return one recurrent layer. Only this function decides which implementation is used.

    On a GPU it is Keras's own layer, which cuDNN runs. Its products are computed in bfloat16 if the recipe says so; its
    weights are always float32. The forget bias of an LSTM is 1 at first (Jozefowicz et al. 2015), so that it forgets
    little; this is Keras's default.
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
    if index == 0 and recipe.mogrifier_rounds:
        seeds = (recipe.seed + _MOGRIFIER_SEEDS + number for number in range(recipe.mogrifier_rounds))
        rounds = ["zeros" if blank else keras.initializers.GlorotUniform(seed) for seed in seeds]
        return MogrifierLSTM(recipe.units, rounds, half_products=recipe.half_products, **initial)
    if recipe.cell == "lstm" and not gpu:
        return FastLSTM(recipe.units, half_products=recipe.half_products, **initial)
    return _LAYERS[recipe.cell](recipe.units, **initial)


def loops(recipe: Recipe) -> str:
    """Return a line for people that says what computes the recurrent layers in a training."""
    if setup.has_gpu() or recipe.cell != "lstm":
        return "Keras"
    return library.chosen(recipe.half_products)[1]
