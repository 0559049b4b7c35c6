"""The native LSTM's compiled library, with numpy arrays. It imports no TensorFlow."""

import contextlib
import ctypes
import functools
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np

from trainer.engine.native import compiling, paths
from trainer.engine.native.compiling import NotCompiled

Array = np.ndarray
Kind = TypeVar("Kind")
SOURCE = Path(__file__).with_name("lstm.c")
CHECK = (sys.executable, "-m", "trainer.engine.native.check")
_ALIGNMENT = 64  # bytes; TensorFlow takes an array that is aligned so without a copy


class Library:
    """The compiled functions. They may run in several threads at once; the GIL is released while they run."""

    def __init__(self, file: Path) -> None:
        self._functions = ctypes.CDLL(str(file))
        sizes, pointer = [ctypes.c_long] * 4, ctypes.c_void_p
        self._functions.lstm_kept_bytes.restype = ctypes.c_long
        self._functions.lstm_kept_bytes.argtypes = sizes
        self._functions.lstm_forward.argtypes = [*sizes, *[pointer] * 9]
        self._functions.lstm_backward.argtypes = [*sizes, *[pointer] * 16]
        if not self._functions.lstm_permitted():
            raise NotCompiled("the operating system does not let this process use the processor's AMX")

    def forward(
        self, x: Array, h: Array, c: Array, kernel: Array, recurrent: Array, bias: Array
    ) -> tuple[Array, Array, Array]:
        """Run the layer: arrays in float32, C order, with the shapes of `fast_lstm.lstm`.

        Returns:
            Outputs (batch, time, units), the cells after the last step (batch, units), and what `backward` needs.
        """
        batch, time, inputs = x.shape
        units = h.shape[1]
        outputs, cells = empty(batch, time, units), empty(batch, units)
        kept = empty(self._functions.lstm_kept_bytes(time, batch, inputs, units) // 4)
        arrays = x, h, c, kernel, recurrent, bias, outputs, cells, kept
        self._call("lstm_forward", (time, batch, inputs, units), arrays)
        return outputs, cells, kept

    def backward(
        self,
        x: Array,
        h: Array,
        c: Array,
        kernel: Array,
        recurrent: Array,
        outputs: Array,
        kept: Array,
        d_outputs: Array,
        d_h: Array,
        d_c: Array,
    ) -> tuple[Array, ...]:
        """Return the gradients of x, h, c, kernel, recurrent and bias.

        Args:
            outputs, kept: what `forward` returned for the five arrays before.
            d_outputs, d_h, d_c: gradients of outputs, last output and last cells.
        """
        batch, time, inputs = x.shape
        units = h.shape[1]
        found = tuple(empty(*array.shape) for array in (x, h, c, kernel, recurrent)), empty(4 * units)
        gradients = (*found[0], found[1])
        arrays = x, h, c, kernel, recurrent, outputs, aligned(kept), d_outputs, d_h, d_c, *gradients
        self._call("lstm_backward", (time, batch, inputs, units), arrays)
        return gradients

    def _call(self, name: str, sizes: tuple[int, ...], arrays: tuple[Array, ...]) -> None:
        if getattr(self._functions, name)(*sizes, *(array.ctypes.data for array in arrays)):
            raise MemoryError("There is not enough memory for the layer.")


def empty(*shape: int) -> Array:
    """Return an array of float32 that TensorFlow takes without a copy. What it holds is undefined."""
    size = math.prod(shape) * 4
    memory = np.empty(size + _ALIGNMENT, np.uint8)
    start = -memory.ctypes.data % _ALIGNMENT
    return memory[start : start + size].view(np.float32).reshape(shape)


def aligned(array: Array) -> Array:
    """Return the array, or a copy of it where `empty` would be. TensorFlow, run eagerly, may hand on any place."""
    return array if array.ctypes.data % _ALIGNMENT == 0 else copied(array)


def copied(array: Array) -> Array:
    """Return a copy of an array of float32 where `empty` would be."""
    copy = empty(*array.shape)
    copy[...] = array
    return copy


def load(source: Path, path: paths.Path, kind: Callable[[Path], Kind]) -> Kind:
    """Compile a source for a path, which the processor must have, and return its library. Raises NotCompiled."""
    try:
        file = compiling.library(source, path.flags, CHECK)
        with contextlib.suppress(OSError):  # it was damaged since it was checked
            return kind(file)
        file.unlink(missing_ok=True)
        return kind(compiling.library(source, path.flags, CHECK))
    except OSError as problem:
        raise NotCompiled(f"the compiled library can't be used: {problem}") from problem


def compiled(path: paths.Path) -> Library:
    """Return the library of a path, which the processor must have. Raises NotCompiled."""
    return load(SOURCE, path, Library)


@functools.cache
def chosen(half: bool) -> tuple[Library | None, str]:
    """Return the best library of this machine, and a line for people that says which it is or why there is none."""
    if paths.is_off():
        return None, f"XLA, since {paths.SETTING} switches the native loops off"
    available = paths.available(half)
    if not available:
        return None, "XLA, since there are no native loops for this processor"
    problems: list[str] = []
    for path in available:
        try:
            return compiled(path), f"native, {path.label}"
        except NotCompiled as problem:
            problems.append(str(problem))
    return None, f"XLA, since the native loops could not be compiled: {problems[0]}"
