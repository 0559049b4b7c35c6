"""A committee: networks that learn the same text apart from each other, and whose expectations are averaged.

The probability of a symbol is the mean of the members' (Hansen & Salamon 1990). Members differ in their initial weights
and in what dropout hides from them. To all that reads and writes, a committee is one network: it passes on the values
of all members side by side.
"""

import math
from collections.abc import Sequence
from copy import copy
from dataclasses import replace
from typing import Any

import numpy as np
from keras import ops

from trainer.contract.recipe import Recipe
from trainer.engine.network import INPUTS, Array, Drop, Network, States, StreamNetwork, keep_all

_PLACES = 4  # places of dropout after the recurrent layers of a member, of which it has at most four
_SEEDS = 1_009  # between the seeds of two members; their layers' seeds are less than this apart


class Committee(Network):
    """As many networks as the recipe says. A state is that of all members' layers, one member after the other."""

    def __init__(self, recipe: Recipe, symbols: int, blank: bool = False, gpu: bool | None = None) -> None:
        self.recipe, self.symbols = recipe, symbols
        alone = [replace(recipe, networks=1, seed=recipe.seed + _SEEDS * index) for index in range(recipe.networks)]
        self._members: list[Network] = [StreamNetwork(each, symbols, blank, gpu) for each in alone]
        self.recurrent = [layer for member in self._members for layer in member.recurrent]

    def _input_layer(self, blank: bool) -> tuple[Any, int]:
        raise NotImplementedError  # each member has its own

    @property
    def members(self) -> list[Network]:
        return self._members

    def with_layers(self, layers: Sequence[Any]) -> Network:
        other = copy(self)
        other._members = [self._members[0].with_layers(layers), *self._members[1:]]
        other.recurrent = [layer for member in other._members for layer in member.recurrent]
        return other

    @property
    def width(self) -> int:
        return self.recipe.units * len(self._members)

    @property
    def variables(self) -> dict[str, Any]:
        return {
            f"network_{index}/{name}": weight
            for index, member in enumerate(self._members)
            for name, weight in member.variables.items()
        }

    def __call__(self, ids: Array, states: States, drop: Drop = keep_all) -> tuple[Array, States]:
        """Read symbols (batch, time). Return the logs of the mean probabilities, and the states after that."""
        logits, states = self.apart(ids, states, drop)
        return _mean(logits), states

    def apart(self, ids: Array, states: States, drop: Drop) -> tuple[list[Array], States]:
        found = []
        for index, (member, own) in enumerate(zip(self._members, self._of_members(states), strict=True)):

            def own_drop(values: Array, place: int, index: int = index) -> Array:
                return drop(values, INPUTS + index if place == INPUTS else _PLACES * index + place)

            found.append(member(ids, own, own_drop))
        return [logits for logits, _ in found], tuple(state for _, after in found for state in after)

    def inputs(self, ids: Array) -> Array:
        """Return the embeddings of all members: symbols (…,) → (…, members · embedding)."""
        return ops.concatenate([member.inputs(ids) for member in self._members], -1)

    def voice(self, shares: np.ndarray) -> np.ndarray:
        """Return what a mixture of voices adds to the embeddings of all members, (members · embedding,)."""
        return np.concatenate([member.voice(shares) for member in self._members])

    def step_recurrent(self, values: Array, states: States) -> tuple[Array, States]:
        """Run one step of all members: (batch, members · embedding) → (batch, members · units), and the states."""
        parts = zip(self._members, self._split(values), self._of_members(states), strict=True)
        found = [member.step_recurrent(*part) for member, *part in parts]
        after = tuple(state for _, states in found for state in states)
        return ops.concatenate([values for values, _ in found], -1), after

    def outputs(self, values: Array) -> Array:
        """Return the logs of the mean probabilities: (…, members · units) → (…, symbols)."""
        parts = zip(self._members, self._split(values), strict=True)
        return _mean([member.outputs(part) for member, part in parts])

    def zero_states(self, batch: int) -> States:
        return tuple(state for member in self._members for state in member.zero_states(batch))

    def _split(self, values: Array) -> list[Array]:
        return list(ops.split(values, len(self._members), -1))

    def _of_members(self, states: States) -> list[States]:
        layers = self.recipe.layers
        return [states[layers * index : layers * (index + 1)] for index in range(len(self._members))]


def _mean(logits: list[Array]) -> Array:
    """Return the logs of the mean probabilities (…, symbols)."""
    return ops.logsumexp(ops.stack([ops.log_softmax(each) for each in logits]), 0) - math.log(len(logits))
