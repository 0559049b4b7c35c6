"""The voices of symbols: one number says which symbol it is and, above its lowest bits, in whose voice it stands.

Voice 0 is the mean of all voices, which stands for no voice; voice v + 1 is that of the v-th name in a recipe. So an
array of plain symbols is text without a voice, and all that knows nothing of voices reads with the mean.
"""

from typing import Any

import numpy as np

MEAN = 0  # the number of the mean voice
_SYMBOLS = 1 << 20  # more than any vocabulary has


def spoken(symbols: np.ndarray, voices: np.ndarray | int) -> np.ndarray:
    """Return the numbers of symbols, in voices that are of the same shape or can be broadcast to it, as int32."""
    numbers: np.ndarray = symbols.astype(np.int32) + np.asarray(voices, np.int32) * _SYMBOLS
    return numbers


def parted(numbers: Any) -> tuple[Any, Any]:
    """Return symbols and voices of numbers, which may be a tensor."""
    return numbers % _SYMBOLS, numbers // _SYMBOLS
