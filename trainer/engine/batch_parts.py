"""The parts of a batch, which run in parallel, one on each thread.

A matrix product with few rows is not faster with two threads than with one. And if products run on one thread,
TensorFlow does not divide the operations between them either (dropout, transpositions, the loss). So one thread
computes a whole part of the batch, from its symbols to its gradients.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import tensorflow as tf

from trainer.engine import setup

Result = TypeVar("Result")
_ROWS = 8  # rows of a part, at least; fewer are not worth a thread


def count(rows: int) -> int:
    """Return the number of equal parts for a batch with this many rows: at most one per thread, and one on a GPU."""
    most = 1 if setup.has_gpu() else min(setup.threads(), max(1, rows // _ROWS))
    return next(parts for parts in range(most, 0, -1) if rows % parts == 0)


def each(parts: int, run: Callable[..., Result], *arrays: Any) -> list[Result]:
    """Call `run` with each part of the arrays (or tuples of arrays), and return the results.

    The first dimension of an array is the batch, or it has one entry for each part.
    """
    pieces = [tf.split(array, parts) for array in tf.nest.flatten(arrays)]
    return [run(*tf.nest.pack_sequence_as(arrays, part)) for part in zip(*pieces, strict=True)]


def together(results: list[Any]) -> Any:
    """Join the arrays of all parts (or tuples of arrays) into arrays of the whole batch, (batch, …)."""
    return tf.nest.map_structure(lambda *arrays: tf.concat(arrays, 0), *results)
