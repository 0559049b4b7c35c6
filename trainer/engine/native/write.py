"""The native writing of symbols, with numpy arrays. It imports no TensorFlow."""

import ctypes
import functools
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import NamedTuple

import numpy as np

from trainer.engine.native import library, paths
from trainer.engine.native.compiling import NotCompiled
from trainer.engine.native.library import Array

SOURCE = Path(__file__).with_name("write.c")
PAST = 256  # symbols that the penalty looks back on, as in write.c
_GATES = 4


class LayerWeights(NamedTuple):
    """The weights of an LSTM layer: (inputs, 4·units), (units, 4·units), (4·units,), gates in Keras's order."""

    kernel: Array
    recurrent: Array
    bias: Array


class Weights(NamedTuple):
    """The weights of a network: embedding (symbols, inputs), layers, outputs (units, known) and their bias (known,).

    `known` symbols can be written. With `skips`, the output layer reads the sum of all layers. `rounds` are the weights
    of a Mogrifier in the first layer, if it has one.
    """

    embedding: Array
    layers: Sequence[LayerWeights]
    outputs: Array
    bias: Array
    skips: bool = False
    rounds: Sequence[Array] = ()


class Memory(NamedTuple):
    """What some rows have read, and all that a symbol changes.

    last: (rows,), the symbol to read next.
    states: (layers, 2, rows, units): outputs and cells of each layer, with units filled up to whole vectors.
    past: with a penalty, the arrays of `repetitions`: (rows, PAST) and (rows, PAST - 1).
    embedding: (symbols, inputs), in the place of the network's, if all is read in a voice. It does not change.
    """

    last: Array
    states: Array
    past: tuple[Array, ...] = ()
    embedding: Array | None = None

    def in_rows(self, rows: int) -> "Memory":
        """Return a copy with the only row in all rows, or of all rows if there are as many."""
        times = rows // len(self.last)
        past = tuple(np.repeat(array, times, 0) for array in self.past)
        states = library.copied(np.repeat(self.states, times, 2))
        return Memory(np.repeat(self.last, times), states, past, self.embedding)


class _Network(ctypes.Structure):
    _fields_ = (
        *((name, ctypes.c_long) for name in ("layers", "inputs", "units", "symbols")),
        *((name, ctypes.c_void_p) for name in ("embedding", "weights", "biases")),
        *((name, ctypes.c_void_p) for name in ("output_weights", "output_bias", "lengths")),
        ("held", ctypes.c_long),
        *((name, ctypes.c_void_p) for name in ("held_layers", "held_units", "held_values")),
        *((name, ctypes.c_long) for name in ("skips", "rounds")),
        ("round_weights", ctypes.c_void_p),
    )


class _Memory(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_void_p) for name in ("last", "states", "past", "repeated"))


class Sampling(ctypes.Structure):
    """How a symbol is chosen: as `SamplingOptions`, with the number of all symbols for a top_k of 0."""

    _fields_ = (
        *((name, ctypes.c_float) for name in ("temperature", "top_p", "penalty")),
        ("top_k", ctypes.c_int32),
    )


class Write:
    """The compiled functions. They may run in several threads at once; the GIL is released while they run."""

    def __init__(self, file: Path) -> None:
        functions, pointer, size = ctypes.CDLL(str(file)), ctypes.c_void_p, ctypes.c_long
        functions.write_read.argtypes = [pointer, pointer, size, size, pointer]
        functions.write_symbols.argtypes = [pointer, pointer, size, size, *[pointer] * 5]
        functions.write_lanes.restype = size
        self.functions, self.lanes = functions, functions.write_lanes()


class PackedNetwork:
    """A network whose weights are copied into the order in which the library reads them.

    Its functions may run in several threads at once; the GIL is released while they run. They change no memory that
    they are given, and return another one.

    Args:
        lengths: code points of each symbol, (symbols,).
    """

    def __init__(self, write: Write, weights: Weights, lengths: Array) -> None:
        self._write, (inputs, units) = write, (weights.embedding.shape[1], len(weights.layers[0].recurrent))
        self._layers, self._units, self._known = len(weights.layers), units, len(weights.bias)
        wide, gated = _GATES * write.lanes, (-1, _GATES, units)
        kernels = [np.concatenate(layer[:2]).reshape(gated) for layer in weights.layers]
        biases = [layer.bias.reshape(gated) for layer in weights.layers]
        self._packed = [
            *(_in_panels(array, write.lanes) for array in (*kernels, *biases)),
            *(_in_panels(array[..., None, :], wide) for array in (weights.outputs, weights.bias[None])),
        ]
        self._embedding = library.copied(weights.embedding)
        self._lengths = np.ascontiguousarray(lengths, np.int32)
        self._rounds = [_in_panels(array[:, None, :], wide) for array in weights.rounds]
        of_layers = [self._packed[start : start + self._layers] for start in (0, self._layers)]
        self._pointers = [library.pointers(arrays) for arrays in (*of_layers, self._rounds)]
        *addresses, rounds = map(ctypes.addressof, self._pointers)
        last = (array.ctypes.data for array in (*self._packed[-2:], self._lengths))
        sizes = self._layers, inputs, units, self._known
        self._held: tuple[Array, ...] = ()  # the arrays of units that are held
        first = self._embedding.ctypes.data
        self._network = _Network(*sizes, first, *addresses, *last, skips=weights.skips)
        self._network.rounds, self._network.round_weights = len(self._rounds), rounds

    def holding(self, held: Sequence[tuple[int, int, float]]) -> "PackedNetwork":
        """Return this network with units whose outputs are held: (layer, unit, value) each. It shares the weights."""
        layers, units, values = zip(*held, strict=True) if held else ((), (), ())
        other = copy(self)
        other._held = np.array(layers, np.int32), np.array(units, np.int32), np.array(values, np.float32)
        other._network = _Network.from_buffer_copy(self._network)
        other._network.held = len(held)
        other._network.held_layers, other._network.held_units, other._network.held_values = (
            array.ctypes.data for array in other._held
        )
        return other

    def begin(self, symbol: int, is_penalised: bool, voice: Array | None = None) -> Memory:
        """Return the memory of a row that has this one symbol, and has not read it yet.

        `voice` (inputs,) is added to the embedding of every symbol that the row reads.
        """
        states = library.empty(self._layers, 2, 1, -(-self._units // self._write.lanes) * self._write.lanes)
        states.fill(0)
        past = np.full((1, PAST), -1, np.int32), np.zeros((1, PAST - 1), np.int32)
        past[0][:, -1] = symbol
        embedding = None if voice is None else library.copied(self._embedding + voice)
        return Memory(np.array([symbol], np.int32), states, past if is_penalised else (), embedding)

    def read(self, memory: Memory, symbols: Array) -> Memory:
        """Read on, in all rows the same symbols, (count,). The last of them is the next to be read."""
        memory = memory.in_rows(len(memory.last))
        symbols = np.ascontiguousarray(symbols, np.int32)
        self._call("write_read", memory, len(symbols), symbols.ctypes.data)
        return memory

    def write(
        self, memory: Memory, uniform: Array, barred: Array, sampling: Sampling, kept: bool
    ) -> tuple[Array, Array | None, Memory]:
        """Write symbols.

        Args:
            uniform: random numbers in [0, 1), (count, rows), one for each symbol.
            barred: (known,), added to the logits of the first symbol of each row.
            kept: whether the logits are returned.

        Returns:
            The symbols (count, rows), the logits (count, rows, known) or None, and the memory after the symbols.
        """
        count, rows = uniform.shape
        memory = memory.in_rows(rows)
        uniform, barred = (np.ascontiguousarray(array, np.float32) for array in (uniform, barred))
        symbols = np.empty((count, rows), np.int32)
        logits = np.empty((count, rows, self._known), np.float32) if kept else None
        arrays = uniform.ctypes.data, barred.ctypes.data, ctypes.addressof(sampling), symbols.ctypes.data
        self._call("write_symbols", memory, count, *arrays, None if logits is None else logits.ctypes.data)
        return symbols, logits, memory

    def _call(self, name: str, memory: Memory, count: int, *arguments: int | None) -> None:
        arrays = memory.last, memory.states, *memory.past
        addresses = _Memory(*(array.ctypes.data for array in arrays))
        network = self._network
        if memory.embedding is not None:
            network = _Network.from_buffer_copy(network)
            network.embedding = memory.embedding.ctypes.data
        given = ctypes.byref(network), ctypes.byref(addresses), len(memory.last), count
        if getattr(self._write.functions, name)(*given, *arguments):
            raise MemoryError("There is not enough memory for writing.")


def _in_panels(weights: Array, lanes: int) -> Array:
    """(depth, groups, columns) → (panels, depth, groups, lanes), with columns filled up to whole panels."""
    depth, groups, columns = weights.shape
    whole = np.zeros((depth, groups, -(-columns // lanes) * lanes), np.float32)
    whole[..., :columns] = weights
    return library.copied(whole.reshape(depth, groups, -1, lanes).transpose(2, 0, 1, 3))


@functools.cache
def chosen() -> Write | None:
    """Return the library of this machine, or None where XLA compiles the writing."""
    for path in paths.of_processor(half=False):
        try:
            return library.load(SOURCE, path, Write)
        except NotCompiled:
            continue
    return None
