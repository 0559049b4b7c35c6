"""Tests of the memory of a training: it is used again in the next step, without asking the system for it."""

import resource

import numpy as np

ROUNDS, ARRAYS, BYTES = 20, 6, 5_000_000


def _step() -> None:
    """Make, fill and free some arrays together."""
    arrays = [np.ones(BYTES, np.uint8) for _ in range(ARRAYS)]
    arrays.clear()


def test_memory_is_kept_from_one_step_to_the_next() -> None:
    _step()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(ROUNDS):
        _step()
    pages = (resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before) / ROUNDS
    assert pages < ARRAYS * BYTES / resource.getpagesize() / 4
