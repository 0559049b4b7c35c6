"""A batch in parts that run side by side, so that each core has one.

A product of few rows gains nothing from two threads, and what stands between the products (dropout, transpositions,
the loss) is not divided by TensorFlow where products have one thread. So a whole part of a batch, from its characters
to its gradients, is one thread's.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import tensorflow as tf

from trainer.engine import setup

Result = TypeVar("Result")
_ROWS = 8  # that are worth a thread of their own


def count(rows: int) -> int:
    """Return into how many parts a batch of so many rows is divided: equal ones, one a thread, none on a GPU."""
    most = 1 if setup.has_gpu() else min(setup.threads(), max(1, rows // _ROWS))
    return next(parts for parts in range(most, 0, -1) if rows % parts == 0)


def each(parts: int, run: Callable[..., Result], *arrays: Any) -> list[Result]:
    """Call `run` with each part of arrays, or of tuples of arrays, whose first length is the batch's or the parts'."""
    pieces = [tf.split(array, parts) for array in tf.nest.flatten(arrays)]
    return [run(*tf.nest.pack_sequence_as(arrays, part)) for part in zip(*pieces, strict=True)]


def together(results: list[Any]) -> Any:
    """Put the parts' arrays, or tuples of arrays, together again: (batch, …)."""
    return tf.nest.map_structure(lambda *arrays: tf.concat(arrays, 0), *results)
