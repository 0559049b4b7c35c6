"""The native step of AdamW, with numpy arrays. It imports no TensorFlow."""

import ctypes
import functools
from pathlib import Path

import numpy as np

from trainer.engine.native import library, paths
from trainer.engine.native.compiling import NotCompiled
from trainer.engine.native.library import Array

SOURCE = Path(__file__).with_name("adamw.c")
KINDS = 4  # arrays of every weight: itself, moment, velocity, average


class AdamW:
    """The compiled functions. They may run in several threads at once; the GIL is released while they run."""

    def __init__(self, file: Path) -> None:
        functions, size, pointer = ctypes.CDLL(str(file)), ctypes.c_long, ctypes.c_void_p
        self._squares, self._step = functions.adamw_squares, functions.adamw_step
        self._squares.restype, self._squares.argtypes = ctypes.c_double, [size, size, pointer]
        self._step.restype, self._step.argtypes = None, [size, size, *[pointer] * 4]

    def squares(self, parts: int, *gradients: Array) -> Array:
        """Return the sum of the squares of gradients, each summed over parts.

        Args:
            gradients: those of the first weight, one for each part, then those of the second, and so on.
        """
        found = [
            self._squares(gradients[at].size, parts, library.pointers(gradients[at : at + parts]))
            for at in range(0, len(gradients), parts)
        ]
        return np.array(sum(found), np.float32)

    def step(self, parts: int, numbers: Array, *arrays: Array) -> list[Array]:
        """Return weight, moment, velocity and average of the first weight after a step, of the second, and so on.

        Args:
            numbers: the fields of `Step` in adamw.c.
            arrays: for each weight the gradients of the parts, then weight, moment, velocity and average.
        """
        after: list[Array] = []
        for at in range(0, len(arrays), parts + KINDS):
            gradients, before = arrays[at : at + parts], arrays[at + parts : at + parts + KINDS]
            new = [library.empty(*before[0].shape) for _ in before]
            step = library.pointers(gradients), library.pointers(before), library.pointers(new), numbers.ctypes.data
            self._step(before[0].size, parts, *step)
            after += new
        return after


@functools.cache
def chosen() -> AdamW | None:
    """Return the library of this machine, or None where Keras's optimizer is used."""
    for path in paths.of_processor(half=False):
        try:
            return library.load(SOURCE, path, AdamW)
        except NotCompiled:
            continue
    return None
