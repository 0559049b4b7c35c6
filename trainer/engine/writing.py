"""Writers: a network that writes text, compiled by TensorFlow.

The loops that go symbol by symbol are compiled by XLA: at 2x384 units they take 0.1 ms a character, and a row of a
batch comes out the same, bit for bit, in every batch of at least two rows (a single row is multiplied by another
routine), which is what makes passage 7 of 16 the same as passage 7 alone.
"""

from typing import Any, NamedTuple

import numpy as np
import tensorflow as tf

from trainer.contract.writing_settings import SamplingOptions
from trainer.engine import repetitions
from trainer.engine.network import Network
from trainer.engine.repetitions import Past

Array = Any
State = tuple[Any, ...]  # what the network remembers of each row
Memory = tuple[State, Past | tuple[()]]  # with a past where there is a penalty

_CHUNK = 256  # symbols that one compiled call reads and writes at most
_LOGITS = 500_000  # of a row that one call keeps: of 8,000 words, those of 62 symbols
LIKELIEST = 5  # symbols that are told of each place
_MOST_FILTERED = 1_000  # symbols at most that top_k and top_p leave: all of 8,000 take 7 ms to sort
_NEVER = -1e9


class Written(NamedTuple):
    """Symbols that were written, and, where that is wanted, what the model thought of their places.

    What it thought is the model's own, whatever options they were chosen with.

    symbols: (count, rows).
    nats: (count, rows), -log of the model's probability of the symbol, among all that could be written there.
    likeliest: (count, rows, LIKELIEST), the likeliest symbols there, likeliest first.
    shares: (count, rows, LIKELIEST), their probabilities.
    """

    symbols: np.ndarray
    nats: np.ndarray | None = None
    likeliest: np.ndarray | None = None
    shares: np.ndarray | None = None


class Writer:
    """Writes passages side by side, the state carried on; a row's text depends on its own draws alone.

    Args:
        network: with its weights.
        lengths: code points of each symbol, (symbols,).
    """

    def __init__(self, network: Network, lengths: np.ndarray) -> None:
        self.network = network
        self.known = network.symbols - 1  # symbols that can be written: not the escape, which is the last
        self.chunk = min(_CHUNK, max(16, _LOGITS // self.known))  # symbols that one call reads or writes at most
        self._lengths = tf.constant(lengths, tf.int32)

    def remember(self, prompt: np.ndarray, rows: int, sampling: SamplingOptions) -> Memory:
        """Read a prompt, (length ≥ 1,), and return the memory after it, in so many equal rows.

        The program that reads is the one that writes with these options, so that only one has to be compiled.
        """
        first = int(prompt[0])
        memory = self._begin(first, rows), repetitions.begin(first, rows) if sampling.penalty else ()
        nothing = np.zeros((self.chunk, rows)), np.zeros(self.known)
        for start in range(1, len(prompt), self.chunk):
            _, memory = self._go_on(memory, sampling, prompt[start : start + self.chunk], *nothing, 0)
        return memory

    def write(
        self,
        memory: Memory,
        draws: np.ndarray,
        count: int,
        sampling: SamplingOptions,
        first: np.ndarray | None = None,
        traced: bool = False,
    ) -> tuple[Written, Memory]:
        """Write `count` ≤ `chunk` symbols a row. May run in several threads at once.

        Args:
            memory: of the rows.
            draws: (chunk, rows) in [0, 1), the first `count` of which are used.
            first: the symbols among which the first one is chosen; None for all.
            traced: tell what the model thought as well.

        Returns:
            What was written, and the memory after it.
        """
        barred = np.zeros(self.known)
        if first is not None:
            barred[:] = _NEVER
            barred[first] = 0
        (symbols, logits), memory = self._go_on(memory, sampling, np.zeros(0), draws, barred, count)
        if traced:
            return _traced(symbols[:count], logits[:count]), memory
        return Written(symbols.numpy()[:count]), memory

    def _go_on(
        self,
        memory: Memory,
        sampling: SamplingOptions,
        prompt: np.ndarray,
        draws: np.ndarray,
        barred: np.ndarray,
        count: int,
    ) -> Any:
        read = np.zeros(self.chunk, np.int32)
        read[: len(prompt)] = prompt
        amounts = sampling.temperature, float(sampling.top_k or self.known), sampling.top_p, sampling.penalty
        return self._compiled(
            memory,
            (tf.constant(read), tf.constant(len(prompt))),
            (tf.constant(draws, tf.float32), tf.constant(count)),
            tf.constant(barred, tf.float32),
            tf.constant(amounts, tf.float32),
            sampling.filters,
        )

    # Nothing here is for autograph: without it, a process's first text comes 0.7 s sooner, and a model's 0.1 s.
    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def _compiled(
        self,
        memory: Memory,
        read: tuple[Array, Array],
        draws: tuple[Array, Array],
        barred: Array,
        amounts: Array,
        filters: bool,
    ) -> tuple[Any, Memory]:
        memory = self._read(memory, *read)
        rows = draws[0].shape[1]
        symbols = tf.TensorArray(tf.int32, self.chunk, element_shape=(rows,))
        scores = tf.TensorArray(tf.float32, self.chunk, element_shape=(rows, self.known))

        def body(t: Array, memory: Memory, symbols: Any, scores: Any) -> tuple[Array, Memory, Any, Any]:
            state, past = memory
            logits, pending = self._look(state)
            logits = logits[:, : self.known] + tf.where(t == 0, barred, 0.0)
            lowered = repetitions.lowered(logits, past, amounts[3]) if past else logits
            chosen = _choose(lowered, draws[0][t], amounts, filters)
            memory = self._push(pending, chosen), self._note(past, chosen)
            return t + 1, memory, symbols.write(t, chosen), scores.write(t, logits)

        start = tf.constant(0), memory, symbols, scores
        _, memory, symbols, scores = tf.while_loop(lambda t, *_: t < draws[1], body, start)
        return (symbols.stack(), scores.stack()), memory

    def _read(self, memory: Memory, read: Array, count: Array) -> Memory:
        """Read the first `count` symbols of `read` (chunk,) in every row."""
        rows = tf.nest.flatten(memory)[0].shape[0]

        def body(t: Array, memory: Memory) -> tuple[Array, Memory]:
            (state, past), symbol = memory, tf.fill((rows,), read[t])
            _, pending = self._look(state)  # the logits are not computed, as nobody wants them
            return t + 1, (self._push(pending, symbol), self._note(past, symbol))

        _, memory = tf.while_loop(lambda t, _: t < count, body, (tf.constant(0), memory))
        return memory

    def _begin(self, symbol: int, rows: int) -> State:
        return tf.fill((rows,), symbol), self.network.zero_states(rows)

    def _look(self, state: State) -> tuple[Array, State]:
        """Return the next symbol's logits, and what is remembered but for that symbol."""
        last, states = state
        logits, states = self.network.step(last, states)
        return logits, (states,)

    def _push(self, pending: State, chosen: Array) -> State:
        return chosen, pending[0]

    def _note(self, past: Past | tuple[()], chosen: Array) -> Past | tuple[()]:
        return repetitions.note(past, chosen, self._lengths) if past else ()


class WindowWriter(Writer):
    """Writes each symbol from a zero state over a window: the last symbols, as many as a training sequence has."""

    def remember(self, prompt: np.ndarray, rows: int, sampling: SamplingOptions) -> Memory:
        """Take the prompt's last characters as the window; a short prompt is repeated to fill it."""
        size = max(len(prompt), self.network.recipe.sequence)
        return super().remember(np.resize(prompt[::-1], size)[::-1], rows, sampling)

    def _begin(self, symbol: int, rows: int) -> State:
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


def _traced(symbols: Array, logits: Array) -> Written:
    """Return symbols (count, rows) with what the logits (count, rows, symbols) said of their places."""
    total = tf.reduce_logsumexp(logits, 2, keepdims=True)
    likeliest = tf.math.top_k(logits, min(LIKELIEST, logits.shape[2]))
    nats = total[..., 0] - tf.gather(logits, symbols, batch_dims=2)
    shares = tf.exp(likeliest.values - total)
    return Written(symbols.numpy(), nats.numpy(), likeliest.indices.numpy(), shares.numpy())


def _choose(logits: Array, draws: Array, amounts: Array, filters: bool) -> Array:
    """Choose a symbol a row: logits (rows, symbols), draws (rows,) → (rows,) int32."""
    temperature, top_k, top_p = amounts[0], amounts[1], amounts[2]
    likeliest = tf.argmax(logits, 1, tf.int32)
    logits /= tf.where(temperature > 0, temperature, 1.0)
    if filters:
        logits = _filtered(logits, top_k, top_p)
    heaped = tf.cumsum(tf.nn.softmax(logits), 1)  # (rows, symbols)
    drawn = tf.reduce_sum(tf.cast(heaped <= draws[:, None] * heaped[:, -1:], tf.int32), 1)
    return tf.where(temperature > 0, drawn, likeliest)


def _filtered(logits: Array, top_k: Array, top_p: Array) -> Array:
    ordered = tf.math.top_k(logits, min(logits.shape[1], _MOST_FILTERED)).values
    places = tf.range(tf.shape(ordered)[1], dtype=tf.int32)
    ordered = tf.where(tf.cast(places, tf.float32) < top_k, ordered, _NEVER)
    before = tf.cumsum(tf.nn.softmax(ordered), 1, exclusive=True)
    least = tf.reduce_min(tf.where((before < top_p) & (ordered > _NEVER), ordered, -_NEVER), 1, keepdims=True)
    return tf.where(logits >= least, logits, _NEVER)
