"""Writers, which generate text with a network, compiled by TensorFlow. `native_writing` has a faster one for LSTMs.

XLA compiles the loops that go symbol by symbol. A row is the same, bit for bit, in every batch of at least two rows (a
single row is multiplied by another routine). So passage 7 of 16 is the same as passage 7 alone.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from trainer.contract.held_units import HeldUnit
from trainer.contract.writing_settings import SamplingOptions
from trainer.engine import repetitions
from trainer.engine.holding import Holding
from trainer.engine.network import Network
from trainer.engine.repetitions import Past

Array = Any
State = tuple[Any, ...]  # the symbol to read next and the state of the network, for each row; and a voice, if any
Memory = Any  # what the rows have read. Here it is a tuple of State and, with a penalty, Past; else ()

_CHUNK = 256  # symbols per row that one compiled call reads or writes, at most
_LOGITS = 500_000  # per row that one call keeps, at most: with 8,000 words, those of 62 symbols
_ROWS = (2, 4, 8, 16)  # of a batch; a single row would be multiplied by another routine, with other results
LIKELIEST = 5  # how many of the likeliest symbols a trace has for each place
_MOST_FILTERED = 1_000  # symbols that top_k and top_p leave, at most: sorting all of 8,000 takes 7 ms
_NEVER = -1e9


class Written(NamedTuple):
    """Symbols that were written, and with a trace, their probabilities.

    The probabilities are those of the model at temperature 1, without any sampling option.

    symbols: (count, rows).
    nats: (count, rows), -log of the probability of the symbol, among all that could be written there.
    likeliest: (count, rows, LIKELIEST), the likeliest symbols at that place, the likeliest first.
    shares: (count, rows, LIKELIEST), their probabilities.
    """

    symbols: np.ndarray
    nats: np.ndarray | None = None
    likeliest: np.ndarray | None = None
    shares: np.ndarray | None = None


class Writer:
    """Writes several passages in parallel, one per row, with a carried state. Rows do not influence each other.

    Args:
        network: a network with its weights.
        lengths: code points of each symbol, (symbols,).
    """

    def __init__(self, network: Network, lengths: np.ndarray) -> None:
        self.network = network
        self.known = network.symbols - 1  # symbols that can be written: all but the escape, which is the last
        self.chunk = min(_CHUNK, max(16, _LOGITS // self.known))  # symbols that one call reads or writes, at most
        self._lengths = tf.constant(lengths, tf.int32)
        self._holding: tuple[Holding, Writer] | None = None  # made when it is first needed

    def rows(self, least: int, sampling: SamplingOptions) -> int:
        """Return how many rows a batch for `least` ≤ 16 passages has."""
        return next(rows for rows in _ROWS if rows >= least)

    def remember(
        self, prompt: np.ndarray, rows: int, sampling: SamplingOptions, voice: np.ndarray | None = None
    ) -> Memory:
        """Read a prompt, (length ≥ 1,), and return the memory after it, in `rows` equal rows.

        The same compiled program reads and writes with these options, so that only one has to be compiled. `voice` is
        what `Network.voice` returns for the voice in which the prompt is read and all that follows is written.
        """
        first = int(prompt[0])
        memory = self._begin(first, rows, voice), repetitions.begin(first, rows) if sampling.penalty else ()
        nothing = np.zeros((self.chunk, rows)), np.zeros(self.known)
        for start in range(1, len(prompt), self.chunk):
            _, memory = self._go_on(memory, sampling, prompt[start : start + self.chunk], *nothing, 0)
        return memory

    def write(
        self,
        memory: Memory,
        uniform: np.ndarray,
        count: int,
        sampling: SamplingOptions,
        first: np.ndarray | None = None,
        traced: bool = False,
    ) -> tuple[Written, Memory]:
        """Write `count` ≤ `chunk` symbols per row. It may run in several threads at once.

        Args:
            memory: the memory of the rows.
            uniform: random numbers in [0, 1), (chunk, rows). The first `count` of each row choose its symbols.
            first: the first symbol is chosen among these; None for all.
            traced: whether probabilities are returned too.

        Returns:
            The written symbols, and the memory after them.
        """
        (symbols, logits), memory = self._go_on(memory, sampling, np.zeros(0), uniform, self.barred(first), count)
        symbols = symbols.numpy()[:count]
        return with_shares(symbols, logits.numpy()[:count]) if traced else Written(symbols), memory

    def holding(self, held: Sequence[HeldUnit]) -> "Writer":
        """Return a writer that holds units at values while it reads and writes, and is otherwise the same.

        It holds them until this function is called again. Units have to be in the network.
        """
        if self._holding is None:
            network = Holding(self.network)
            self._holding = network, type(self)(network.network, self._lengths)
        self._holding[0].hold(held)
        return self._holding[1]

    def renew(self) -> None:
        """Read the weights of the network again, which have changed. This writer reads them in every call."""

    def barred(self, first: np.ndarray | None) -> np.ndarray:
        """Return what is added to the logits of the first symbol, (known,)."""
        barred = np.zeros(self.known)
        if first is not None:
            barred[:] = _NEVER
            barred[first] = 0
        return barred

    def _go_on(
        self,
        memory: Memory,
        sampling: SamplingOptions,
        prompt: np.ndarray,
        uniform: np.ndarray,
        barred: np.ndarray,
        count: int,
    ) -> Any:
        read = np.zeros(self.chunk, np.int32)
        read[: len(prompt)] = prompt
        amounts = sampling.temperature, float(sampling.top_k or self.known), sampling.top_p, sampling.penalty
        return self._compiled(
            memory,
            (tf.constant(read), tf.constant(len(prompt))),
            (tf.constant(uniform, tf.float32), tf.constant(count)),
            tf.constant(barred, tf.float32),
            tf.constant(amounts, tf.float32),
            sampling.filters,
        )

    # Autograph is off, because nothing here needs it. Without it, the first text of a process comes 0.7 s sooner, and
    # that of each further model 0.1 s.
    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def _compiled(
        self,
        memory: Memory,
        read: tuple[Array, Array],
        uniform: tuple[Array, Array],
        barred: Array,
        amounts: Array,
        filters: bool,
    ) -> tuple[Any, Memory]:
        memory = self._read(memory, *read)
        rows = uniform[0].shape[1]
        symbols = tf.TensorArray(tf.int32, self.chunk, element_shape=(rows,))
        scores = tf.TensorArray(tf.float32, self.chunk, element_shape=(rows, self.known))

        def body(t: Array, memory: Memory, symbols: Any, scores: Any) -> tuple[Array, Memory, Any, Any]:
            state, past = memory
            logits, pending = self._look(state)
            logits = logits[:, : self.known] + tf.where(t == 0, barred, 0.0)
            lowered = repetitions.lowered(logits, past, amounts[3]) if past else logits
            chosen = _choose(lowered, uniform[0][t], amounts, filters)
            memory = self._push(pending, chosen), self._note(past, chosen)
            return t + 1, memory, symbols.write(t, chosen), scores.write(t, logits)

        start = tf.constant(0), memory, symbols, scores
        _, memory, symbols, scores = tf.while_loop(lambda t, *_: t < uniform[1], body, start)
        return (symbols.stack(), scores.stack()), memory

    def _read(self, memory: Memory, read: Array, count: Array) -> Memory:
        """Read the first `count` symbols of `read` (chunk,) in all rows."""
        rows = tf.nest.flatten(memory)[0].shape[0]

        def body(t: Array, memory: Memory) -> tuple[Array, Memory]:
            (state, past), symbol = memory, tf.fill((rows,), read[t])
            _, pending = self._look(state)  # XLA does not compute the logits, because they are not used
            return t + 1, (self._push(pending, symbol), self._note(past, symbol))

        _, memory = tf.while_loop(lambda t, _: t < count, body, (tf.constant(0), memory))
        return memory

    def _begin(self, symbol: int, rows: int, voice: np.ndarray | None) -> State:
        state = tf.fill((rows,), symbol), self.network.zero_states(rows)
        return state if voice is None else (*state, tf.constant(voice))

    def _look(self, state: State) -> tuple[Array, State]:
        """Return the logits of the next symbol, and the state without that symbol."""
        last, states, *voice = state
        logits, states = self.network.step(last, states, *voice)
        return logits, (states, *voice)

    def _push(self, pending: State, chosen: Array) -> State:
        return (chosen, *pending)

    def _note(self, past: Past | tuple[()], chosen: Array) -> Past | tuple[()]:
        return repetitions.note(past, chosen, self._lengths) if past else ()


class WindowWriter(Writer):
    """Writes with windows: each symbol is predicted from a window of the last symbols, read from a zero state.

    The window is as long as a training sequence.
    """

    def remember(
        self, prompt: np.ndarray, rows: int, sampling: SamplingOptions, voice: np.ndarray | None = None
    ) -> Memory:
        """Use the last symbols of the prompt as the window. A short prompt is repeated to fill it."""
        size = max(len(prompt), self.network.recipe.sequence)
        return super().remember(np.resize(prompt[::-1], size)[::-1], rows, sampling)

    def _begin(self, symbol: int, rows: int, voice: np.ndarray | None) -> State:
        return (tf.fill((rows, self.network.recipe.sequence), symbol),)

    def _look(self, state: State) -> tuple[Array, State]:
        network = self.network
        window = state[0]  # (rows, time)
        rows, time = window.shape
        values = network.inputs(tf.transpose(window))  # (time, rows, 1)

        def body(t: Array, hidden: Array, states: Any) -> tuple[Array, Array, Any]:
            hidden, states = network.step_recurrent(values[t], states)
            return t + 1, hidden, states

        start = (tf.constant(0), tf.zeros((rows, network.recipe.units)), network.zero_states(rows))
        _, hidden, _ = tf.while_loop(lambda t, *_: t < time, body, start)
        return network.outputs(hidden), (window,)

    def _push(self, pending: State, chosen: Array) -> State:
        return (tf.concat([pending[0][:, 1:], chosen[:, None]], 1),)


def with_shares(symbols: np.ndarray, logits: np.ndarray) -> Written:
    """Return the symbols (count, rows) with probabilities from the logits (count, rows, known).

    Sums are numpy's: TensorFlow's differ in the last bits with the number of rows.
    """
    likeliest = tf.math.top_k(logits, min(LIKELIEST, logits.shape[2]))
    most = logits.max(2, keepdims=True)
    total = most + np.log(np.exp(logits - most).sum(2, keepdims=True))
    nats = total - np.take_along_axis(logits, symbols[..., None], 2)
    return Written(symbols, nats[..., 0], likeliest.indices.numpy(), np.exp(likeliest.values.numpy() - total))


def _choose(logits: Array, uniform: Array, amounts: Array, filters: bool) -> Array:
    """Choose one symbol per row: logits (rows, symbols), uniform random numbers (rows,) → (rows,) int32."""
    temperature, top_k, top_p = amounts[0], amounts[1], amounts[2]
    likeliest = tf.argmax(logits, 1, tf.int32)
    logits /= tf.where(temperature > 0, temperature, 1.0)
    if filters:
        logits = _filtered(logits, top_k, top_p)
    cumulative = tf.cumsum(tf.nn.softmax(logits), 1)  # (rows, symbols)
    sampled = tf.reduce_sum(tf.cast(cumulative <= uniform[:, None] * cumulative[:, -1:], tf.int32), 1)
    return tf.where(temperature > 0, sampled, likeliest)


def _filtered(logits: Array, top_k: Array, top_p: Array) -> Array:
    ordered = tf.math.top_k(logits, min(logits.shape[1], _MOST_FILTERED)).values
    places = tf.range(tf.shape(ordered)[1], dtype=tf.int32)
    ordered = tf.where(tf.cast(places, tf.float32) < top_k, ordered, _NEVER)
    before = tf.cumsum(tf.nn.softmax(ordered), 1, exclusive=True)
    least = tf.reduce_min(tf.where((before < top_p) & (ordered > _NEVER), ordered, -_NEVER), 1, keepdims=True)
    return tf.where(logits >= least, logits, _NEVER)
