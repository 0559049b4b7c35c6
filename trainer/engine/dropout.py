"""Dropout: what is hidden from a network while it learns, so that a short text is not learned by heart.

- Values between layers are hidden (Srivastava et al. 2014), with a new mask for each symbol, or with one mask for a
  whole sequence (variational dropout; Gal & Ghahramani 2016, arXiv:1512.05287).
- Recurrent weights are hidden with one mask a step (weight drop; Merity, Keskar & Socher 2018, arXiv:1708.02182). It
  works against learning by heart what the state carries from one symbol to the next, which other masks do not reach.

All masks depend only on the recipe's seed and the step.
"""

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from trainer.contract.recipe import Recipe
from trainer.engine.network import INPUTS, Network

Array = Any  # a tensor; TensorFlow ships no types

# At most this many parts in a step, and places of dropout in a part: so each place has its own random seed.
_PARTS, _PLACES = 1024, 64
_WEIGHTS = 32  # the place of the first layer's recurrent weights


class Masks:
    """The masks of one step.

    Args:
        recipe: decides the shares, the seed, and whether a mask is for a symbol or a sequence.
        step: a scalar int64.
    """

    def __init__(self, recipe: Recipe, step: Array) -> None:
        self._recipe = recipe
        self._first = step * (_PARTS * _PLACES)

    def parts(self, count: int) -> Array:
        """Return a number for each part of the batch, (count,), that `drop` takes."""
        return self._first + tf.range(count, dtype=tf.int64) * _PLACES

    def drop(self, values: Array, place: int, part: Array) -> Array:
        """Hide values (batch, …, width) at a place in the network. `part` is one of the numbers from `parts`."""
        recipe = self._recipe
        share = recipe.input_dropout if place >= INPUTS else recipe.dropout
        if not _hides(share):
            return values
        batch, *times, width = values.shape
        shape = [batch, *(1 for _ in times), width] if recipe.sequence_masks else values.shape
        return values * self._mask(shape, share, part + place, values.dtype)

    def dropped_weights(self, network: Network) -> list[tuple[Any, Array]]:
        """Return a mask for the recurrent weights of each layer, with the variable; nothing if none are hidden."""
        share = self._recipe.weight_drop
        if not _hides(share):
            return []
        variables = [layer.cell.recurrent_kernel for layer in network.recurrent]
        first = self._first + _WEIGHTS
        return [
            (each, self._mask(each.shape, share, first + index, each.dtype)) for index, each in enumerate(variables)
        ]

    def _mask(self, shape: Sequence[int], share: float, number: Array, kind: Any) -> Array:
        """Return a mask that depends only on the seed and the number: 0 where a value is hidden; its mean is 1.

        One random byte decides about each value. A random float for each value took 4 % of the time of a training.
        """
        kept, size = _kept(share), math.prod(shape)
        seed = tf.stack([self._recipe.seed, number])
        words = tf.random.stateless_uniform([-(-size // 4)], seed, None, None, tf.uint32)
        random_bytes = tf.reshape(tf.reshape(tf.bitcast(words, tf.uint8), [-1])[:size], shape)
        return tf.where(random_bytes < kept, tf.constant(256 / kept, kind), tf.constant(0, kind))


def with_weights_dropped(masks: list[tuple[Any, Array]]) -> Any:
    """Return a context in which a network uses each of these variables times its mask. Gradients pass through it."""
    return keras.StatelessScope([(variable, variable.value * mask) for variable, mask in masks])


def _kept(share: float) -> int:
    """Return how many of 256 values are kept: the share of hidden ones is rounded to a multiple of 1/256."""
    return round((1 - share) * 256)


def _hides(share: float) -> bool:
    return _kept(share) < 256
