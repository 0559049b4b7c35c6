"""The parts of a batch that run in parallel, one on each thread.

Two threads are no faster than one in a product of few rows, and TensorFlow does not divide what is between the products
(dropout, transpositions, the loss) when a product has one thread. So one thread computes a whole part of a batch, from
its characters to its gradients.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import tensorflow as tf

from trainer.engine import setup

Result = TypeVar("Result")
_ROWS = 8  # a part with fewer is not worth a thread


def count(rows: int) -> int:
    """Return the number of equal parts of a batch with this many rows: at most one a thread, and one on a GPU."""
    most = 1 if setup.has_gpu() else min(setup.threads(), max(1, rows // _ROWS))
    return next(parts for parts in range(most, 0, -1) if rows % parts == 0)


def each(parts: int, run: Callable[..., Result], *arrays: Any) -> list[Result]:
    """Call `run` with each part of arrays, or of tuples of arrays, and return the results.

    The first dimension of an array is the batch, or has one entry for each part.
    """
    pieces = [tf.split(array, parts) for array in tf.nest.flatten(arrays)]
    return [run(*tf.nest.pack_sequence_as(arrays, part)) for part in zip(*pieces, strict=True)]


def together(results: list[Any]) -> Any:
    """Join the arrays of all parts, or their tuples of arrays, into those of the batch: (batch, …)."""
    return tf.nest.map_structure(lambda *arrays: tf.concat(arrays, 0), *results)
