"""Random streams that depend only on (seed, purpose, index), so that a resumed training gets the same numbers."""

import zlib

import numpy as np


def generator(seed: int, purpose: str, *index: int) -> np.random.Generator:
    """Return the random generator for one purpose, for example ("cut", epoch) or ("passage", number)."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), *index])))


class Shuffle:
    """A random permutation of 0 … size-1 that is computed where it is needed and never stored.

    It is a Feistel network of four rounds over the next power of four. A value that is not below `size` goes through
    the network again (Black & Rogaway 2002, "Ciphers with arbitrary finite domains", the cycle-walking cipher).
    """

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.size = size
        half_bits = max(1, (max(1, size - 1).bit_length() + 1) // 2)
        self._shift = np.uint64(half_bits)
        self._mask = np.uint64((1 << half_bits) - 1)
        self._keys = rng.integers(1 << 63, size=4, dtype=np.uint64) | np.uint64(1)

    def __getitem__(self, index: slice) -> np.ndarray:
        """Return the values at the indices of a slice, int64. The slice must have a start and a stop."""
        values = np.arange(index.start, min(index.stop, self.size), dtype=np.uint64)
        values = self._scramble(values)
        while (outside := values >= self.size).any():
            values[outside] = self._scramble(values[outside])
        return values.astype(np.int64)

    def _scramble(self, values: np.ndarray) -> np.ndarray:
        left, right = values >> self._shift, values & self._mask
        for key in self._keys:
            mixed = (right + key) * np.uint64(0x9E3779B97F4A7C15)
            mixed = (mixed ^ (mixed >> np.uint64(29))) * np.uint64(0xBF58476D1CE4E5B9)
            left, right = right, left ^ ((mixed >> np.uint64(32)) & self._mask)
        return (left << self._shift) | right
