"""A penalty against repetitions in written text.

If the text that was just written is a repetition of text within the last 256 symbols, the symbol that came next there
becomes less likely. The longer the repetition, the more its logit is lowered. Short repetitions, such as a frequent
letter or word, are not penalised.
"""

from typing import Any

import numpy as np
import tensorflow as tf

Array = Any
Past = tuple[Array, Array]  # symbols (rows, _SYMBOLS) and repeated (rows, _SYMBOLS - 1): see `note`

_SYMBOLS = 256
_NATURAL = 12  # code points that may be repeated freely (names, turns of phrase); fewer at short distances: `lowered`
_NATS = 0.25  # by which each further code point lowers the logit, at a penalty of 1


def begin(symbol: int, rows: int) -> Past:
    """Return the past of rows that consist of this one symbol."""
    symbols = np.full((rows, _SYMBOLS), -1, np.int32)  # -1: no symbol yet
    symbols[:, -1] = symbol
    return tf.constant(symbols), tf.zeros((rows, _SYMBOLS - 1), tf.int32)


def note(past: Past, chosen: Array, lengths: Array) -> Past:
    """Return the past after one more symbol in each row: chosen (rows,), code points of all symbols (symbols,).

    A past has two arrays: the last symbols, and for each of them except the newest, how many code points before and
    including it equal the last code points of the row.
    """
    symbols, repeated = past
    symbols = tf.concat([symbols[:, 1:], chosen[:, None]], 1)
    longer = repeated + tf.gather(lengths, chosen)[:, None]
    return symbols, tf.where(symbols[:, :-1] == chosen[:, None], longer, 0)


def lowered(logits: Array, past: Past, penalty: Array) -> Array:
    """Return the logits (rows, symbols), lowered for the symbols that would continue a repetition.

    Twelve code points may be repeated freely, but only 2d + 1 if the repeated text is d symbols back: otherwise
    "hmmmmm" and "ha ha ha" could go on for long.
    """
    symbols, repeated = past
    free = tf.minimum(_NATURAL, 2 * tf.range(_SYMBOLS - 1, 0, -1) + 1)  # (_SYMBOLS - 1,)
    reduction = tf.cast(tf.maximum(repeated - free, 0), tf.float32) * (_NATS * penalty)  # (rows, _SYMBOLS - 1)
    following = tf.maximum(symbols[:, 1:], 0)
    rows = tf.broadcast_to(tf.range(symbols.shape[0])[:, None], following.shape)
    return logits - tf.tensor_scatter_nd_max(tf.zeros_like(logits), tf.stack([rows, following], 2), reduction)
