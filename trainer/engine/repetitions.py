"""A penalty against repetitions.

Where what was just written stands in the last 256 symbols already, what came after it there is lowered, the more the
longer it is. A letter or a word that is frequent is left alone.
"""

from typing import Any

import numpy as np
import tensorflow as tf

Array = Any
Past = tuple[Array, Array]  # symbols (rows, _SYMBOLS), repeated (rows, _SYMBOLS - 1): see `note`

_SYMBOLS = 256
_NATURAL = 12  # code points that may be repeated freely: names, turns of phrase; and fewer side by side, see `lowered`
_NATS = 0.25  # by which each code point more lowers what goes on, at a penalty of 1


def begin(symbol: int, rows: int) -> Past:
    """Return the past of rows that have this symbol alone."""
    symbols = np.full((rows, _SYMBOLS), -1, np.int32)  # -1: nothing yet
    symbols[:, -1] = symbol
    return tf.constant(symbols), tf.zeros((rows, _SYMBOLS - 1), tf.int32)


def note(past: Past, chosen: Array, lengths: Array) -> Past:
    """Return the past after one symbol more in each row, (rows,). `lengths` are all symbols' code points, (symbols,).

    A past is the last symbols and, for each but the newest, how many code points up to it are those up to the newest.
    """
    symbols, repeated = past
    symbols = tf.concat([symbols[:, 1:], chosen[:, None]], 1)
    longer = repeated + tf.gather(lengths, chosen)[:, None]
    return symbols, tf.where(symbols[:, :-1] == chosen[:, None], longer, 0)


def lowered(logits: Array, past: Past, penalty: Array) -> Array:
    """Return the logits, (rows, symbols), with what would go on a repetition made less likely.

    Twelve code points are free, and of what was written d symbols ago 2d + 1: "hmmmmm" and "ha ha ha" are short.
    """
    symbols, repeated = past
    free = tf.minimum(_NATURAL, 2 * tf.range(_SYMBOLS - 1, 0, -1) + 1)  # (_SYMBOLS - 1,)
    toll = tf.cast(tf.maximum(repeated - free, 0), tf.float32) * (_NATS * penalty)  # (rows, _SYMBOLS - 1)
    following = tf.maximum(symbols[:, 1:], 0)
    rows = tf.broadcast_to(tf.range(symbols.shape[0])[:, None], following.shape)
    return logits - tf.tensor_scatter_nd_max(tf.zeros_like(logits), tf.stack([rows, following], 2), toll)
