"""Reading losses and writing text with a network, compiled by TensorFlow.

The loops that go character by character are compiled by XLA: at 2x384 units they take 0.1 ms a character, and a
row of a batch comes out the same, bit for bit, in every batch of at least two rows (a single row is multiplied by
another routine), which is what makes passage 7 of 16 the same as passage 7 alone.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from trainer.network import Network, TutorialNetwork
from trainer.vocabulary import SPELLING_NATS

Array = Any
Memory = tuple[Array, ...]  # what a writer remembers of each row

ROWS = 32  # of a batched reading
STEP_ROWS = 2  # of a reading character by character
WINDOW_ROWS = 256
CHUNK = 256  # characters of one compiled call at most
_LIKELIEST = 1_000  # symbols at most that top_k and top_p leave: all of 8,000 take 7 ms to sort
_LOGITS_AT_ONCE = 4_000_000
_NEVER = -1e9
FREE = -1  # a place whose symbol is to be chosen


@dataclass(frozen=True)
class Manner:
    """How the next symbol is chosen.

    Args:
        temperature: logits are divided by it; 0 takes the likeliest symbol always.
        top_k: only the k likeliest symbols; 0 for all.
        top_p: only the likeliest symbols that together have this probability (Holtzman et al. 2020). With either, only
            the 1,000 likeliest are looked at.
    """

    temperature: float = 0.8
    top_k: int = 0
    top_p: float = 1.0

    @property
    def kind(self) -> str:
        if self.temperature == 0:
            return "greedy"
        return "filtered" if self.top_k or self.top_p < 1 else "plain"


class LossReader:
    """Losses in nats of every character read, the escape priced as in `vocabulary`."""

    def __init__(self, network: Network, escape_floor: float) -> None:
        self.network = network
        self.escape = network.symbols - 1
        self.floor = escape_floor

    @property
    def time(self) -> int:
        """Characters of a row that one call of `side_by_side` reads: as many as a step of training usually does, whose
        loop is compiled already, and fewer where logits would take too much memory."""
        return max(16, min(64, _LOGITS_AT_ONCE // (ROWS * self.network.symbols)))

    @tf.function  # type: ignore[untyped-decorator]
    def side_by_side(self, previous: Array, targets: Array, states: Any) -> tuple[Array, Any]:
        """Read ROWS rows: previous and targets (ROWS, `time`) → losses (ROWS, `time`), and the states after them."""
        logits, states = self.network(previous, states)
        return self._losses(logits, targets), states

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def one_by_one(self, previous: Array, targets: Array, states: Any) -> tuple[Array, Any]:
        """Read STEP_ROWS rows symbol by symbol: (CHUNK, STEP_ROWS) → losses of that shape, and states.

        The logits of all steps are one product: thousands of words have too many weights to be fetched for each.
        """
        values = self.network.inputs(previous)  # (CHUNK, STEP_ROWS, embedding)
        hidden = tf.TensorArray(tf.float32, CHUNK, element_shape=(STEP_ROWS, self.network.recipe.units))

        def body(t: Array, states: Any, hidden: Any) -> tuple[Array, Any, Any]:
            value, states = self.network.step_recurrent(values[t], states)
            return t + 1, states, hidden.write(t, value)

        _, states, hidden = tf.while_loop(lambda t, *_: t < CHUNK, body, (tf.constant(0), states, hidden))
        return self._losses(self.network.outputs(hidden.stack()), targets), states

    @tf.function  # type: ignore[untyped-decorator]
    def windows(self, windows: Array, targets: Array) -> Array:
        """Read the tutorial's windows (WINDOW_ROWS, time), targets (WINDOW_ROWS,) → losses (WINDOW_ROWS,)."""
        assert isinstance(self.network, TutorialNetwork)
        return self._losses(self.network.read_window(windows), targets)

    def _losses(self, logits: Array, targets: Array) -> Array:
        known = tf.nn.sparse_softmax_cross_entropy_with_logits(labels=targets, logits=logits)
        known -= math.log1p(-self.floor)
        escaped = SPELLING_NATS - tf.math.log(tf.exp(-known) + self.floor)
        return tf.where(targets == self.escape, escaped, known)


class Writer:
    """Writes passages side by side, the state carried on; a row's text depends on its own draws alone."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.escape = network.symbols - 1

    def remember(self, prompt: np.ndarray, rows: int, manner: Manner) -> Memory:
        """Read a prompt, (length ≥ 1,), and return the memory after it, in so many equal rows.

        The program that reads is the one that writes in this manner, so that only one has to be compiled.
        """
        memory: Memory = (tf.fill((rows,), int(prompt[0])), self.network.zero_states(rows))
        for start in range(1, len(prompt), CHUNK):
            piece = prompt[start : start + CHUNK]
            forced = np.tile(np.resize(piece, CHUNK)[:, None], (1, rows))
            _, memory = self._go_on(np.zeros((CHUNK, rows)), forced, len(piece), memory, manner)
        return memory

    def choose_among(self, symbols: np.ndarray, memory: Memory, draws: np.ndarray, manner: Manner) -> np.ndarray:
        """Choose what comes next after a memory of equal rows from these symbols alone, for each of draws (count,)."""
        logits, _ = self._look(tf.nest.map_structure(lambda array: array[:2], memory))
        allowed = np.full(self.escape, _NEVER, np.float32)
        allowed[symbols] = logits.numpy()[0, symbols]
        rows = tf.constant(np.tile(allowed, (len(draws), 1)))  # (count, symbols)
        chosen: np.ndarray = _choose(rows, tf.constant(draws, tf.float32), self._amounts(manner), manner.kind).numpy()
        return chosen

    def write(
        self, memory: Memory, draws: np.ndarray, count: int, manner: Manner, forced: np.ndarray
    ) -> tuple[np.ndarray, Memory]:
        """Write `count` ≤ CHUNK symbols a row. May run in several threads at once.

        Args:
            memory: of the rows.
            draws: (CHUNK, rows) in [0, 1), the first `count` of which are used.
            forced: (CHUNK, rows), symbols that are not chosen, and FREE for those that are.

        Returns:
            Symbols (count, rows), and the memory after them.
        """
        written, memory = self._go_on(draws, forced, count, memory, manner)
        return written.numpy()[:count], memory

    def _go_on(self, draws: np.ndarray, forced: np.ndarray, count: int, memory: Memory, manner: Manner) -> Any:
        return self._compiled(
            tf.constant(draws, tf.float32),
            tf.constant(forced, tf.int32),
            tf.constant(count),
            memory,
            self._amounts(manner),
            manner.kind,
        )

    def _amounts(self, manner: Manner) -> Array:
        return tf.constant((max(manner.temperature, 1e-6), float(manner.top_k or self.network.symbols), manner.top_p))

    @tf.function(jit_compile=True)  # type: ignore[untyped-decorator]
    def _compiled(
        self, draws: Array, forced: Array, count: Array, memory: Memory, amounts: Array, kind: str
    ) -> tuple[Array, Memory]:
        written = tf.TensorArray(tf.int32, CHUNK, element_shape=(draws.shape[1],))

        def body(t: Array, memory: Memory, written: Any) -> tuple[Array, Memory, Any]:
            logits, pending = self._look(memory)
            chosen = _choose(logits[:, : self.escape], draws[t], amounts, kind)
            chosen = tf.where(forced[t] == FREE, chosen, forced[t])
            return t + 1, self._push(pending, chosen), written.write(t, chosen)

        _, memory, written = tf.while_loop(lambda t, *_: t < count, body, (tf.constant(0), memory, written))
        return written.stack(), memory

    def _look(self, memory: Memory) -> tuple[Array, Memory]:
        """Return the next character's logits, and what is remembered but for that character."""
        last, states = memory
        logits, states = self.network.step(last, states)
        return logits, (states,)

    def _push(self, pending: Memory, chosen: Array) -> Memory:
        return chosen, pending[0]


class WindowWriter(Writer):
    """Writes as the tutorial does: each character from a zero state over the last 50."""

    def remember(self, prompt: np.ndarray, rows: int, manner: Manner) -> Memory:
        """Take the prompt's last characters as the window; a short prompt is repeated to fill it."""
        size = self.network.recipe.sequence
        window = np.resize(prompt[::-1], size)[::-1][-size:] if len(prompt) < size else prompt[-size:]
        return (tf.constant(np.tile(window.astype(np.int32), (rows, 1))),)

    def _look(self, memory: Memory) -> tuple[Array, Memory]:
        network = self.network
        assert isinstance(network, TutorialNetwork)
        window = memory[0]  # (rows, time)
        rows, time = window.shape
        values = network.scaled(tf.transpose(window))  # (time, rows, 1)

        def body(t: Array, hidden: Array, states: Any) -> tuple[Array, Array, Any]:
            hidden, states = network.step_recurrent(values[t], states)
            return t + 1, hidden, states

        start = (tf.constant(0), tf.zeros((rows, network.recipe.units)), network.zero_states(rows))
        _, hidden, _ = tf.while_loop(lambda t, *_: t < time, body, start)
        return network.outputs(hidden), (window,)

    def _push(self, pending: Memory, chosen: Array) -> Memory:
        return (tf.concat([pending[0][:, 1:], chosen[:, None]], 1),)


def writer(network: Network) -> Writer:
    return WindowWriter(network) if isinstance(network, TutorialNetwork) else Writer(network)


def _choose(logits: Array, draws: Array, amounts: Array, kind: str) -> Array:
    """Choose a symbol a row: logits (rows, symbols), draws (rows,) → (rows,) int32."""
    if kind == "greedy":
        return tf.argmax(logits, 1, tf.int32)
    temperature, top_k, top_p = amounts[0], amounts[1], amounts[2]
    logits /= temperature
    if kind == "filtered":
        logits = _filtered(logits, top_k, top_p)
    heaped = tf.cumsum(tf.nn.softmax(logits), 1)  # (rows, symbols)
    return tf.reduce_sum(tf.cast(heaped <= draws[:, None] * heaped[:, -1:], tf.int32), 1)


def _filtered(logits: Array, top_k: Array, top_p: Array) -> Array:
    ordered = tf.math.top_k(logits, min(logits.shape[1], _LIKELIEST)).values
    places = tf.range(tf.shape(ordered)[1], dtype=tf.int32)
    ordered = tf.where(tf.cast(places, tf.float32) < top_k, ordered, _NEVER)
    before = tf.cumsum(tf.nn.softmax(ordered), 1, exclusive=True)
    least = tf.reduce_min(tf.where((before < top_p) & (ordered > _NEVER), ordered, -_NEVER), 1, keepdims=True)
    return tf.where(logits >= least, logits, _NEVER)
