"""The native LSTM's compiled library, with numpy arrays. It imports no TensorFlow."""

import contextlib
import ctypes
import functools
import math
import sys
from collections.abc import Callable, Sequence
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
        sizes, pointer = [ctypes.c_long] * 5, ctypes.c_void_p
        self._functions.lstm_kept_bytes.restype = ctypes.c_long
        self._functions.lstm_kept_bytes.argtypes = sizes
        self._functions.lstm_forward.argtypes = [*sizes, *[pointer] * 10]
        self._functions.lstm_backward.argtypes = [*sizes, *[pointer] * 18]
        if not self._functions.lstm_permitted():
            raise NotCompiled("the operating system does not let this process use the processor's AMX")

    def forward(
        self, x: Array, h: Array, c: Array, kernel: Array, recurrent: Array, bias: Array, *rounds: Array
    ) -> tuple[Array, Array, Array]:
        """Run the layer: arrays in float32, C order, with the shapes of `fast_lstm.lstm`.

        `rounds` are the weights of a Mogrifier, if there is one: see `trainer.engine.mogrifier`.

        Returns:
            Outputs (batch, time, units), the cells after the last step (batch, units), and what `backward` needs.
        """
        sizes = _sizes(x, h, rounds)
        outputs, cells = empty(*x.shape[:2], h.shape[1]), empty(*h.shape)
        kept = empty(self._functions.lstm_kept_bytes(*sizes) // 4)
        self._call("lstm_forward", sizes, x, h, c, kernel, recurrent, bias, rounds, outputs, cells, kept)
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
        *rounds: Array,
    ) -> tuple[Array, ...]:
        """Return the gradients of x, h, c, kernel, recurrent, bias and the rounds.

        Args:
            outputs, kept: what `forward` returned for the five arrays before, and the rounds.
            d_outputs, d_h, d_c: gradients of outputs, last output and last cells.
        """
        found = [empty(*array.shape) for array in (x, h, c, kernel, recurrent)]
        found.append(empty(kernel.shape[1]))
        of_rounds = tuple(empty(*array.shape) for array in rounds)
        read = x, h, c, kernel, recurrent, rounds, outputs, aligned(kept)
        self._call("lstm_backward", _sizes(x, h, rounds), *read, d_outputs, d_h, d_c, *found, of_rounds)
        return *found, *of_rounds

    def _call(self, name: str, sizes: tuple[int, ...], *arrays: Array | tuple[Array, ...]) -> None:
        """Call a function with arrays, and with tuples of arrays, which it gets as arrays of pointers."""
        addresses = [pointers(each) if isinstance(each, tuple) else each.ctypes.data for each in arrays]
        if getattr(self._functions, name)(*sizes, *addresses):
            raise MemoryError("There is not enough memory for the layer.")


def _sizes(x: Array, h: Array, rounds: tuple[Array, ...]) -> tuple[int, ...]:
    """Return steps, rows, inputs, units and rounds."""
    rows, steps, inputs = x.shape
    return steps, rows, inputs, h.shape[1], len(rounds)


def pointers(arrays: Sequence[Array]) -> "ctypes.Array[ctypes.c_void_p]":
    """Return an array of pointers to arrays, which have to be kept as long as it is used."""
    return (ctypes.c_void_p * len(arrays))(*(array.ctypes.data for array in arrays))


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
        return None, f"XLA, since {paths.why_none(half)}"
    problems: list[str] = []
    for path in available:
        try:
            return compiled(path), f"native, {path.label}"
        except NotCompiled as problem:
            problems.append(str(problem))
    return None, f"XLA, since the native loops could not be compiled: {problems[0]}"
