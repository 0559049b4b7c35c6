"""Random numbers that depend on nothing but (seed, purpose, index), so that a resumed training draws the same."""

import zlib

import numpy as np


def generator(seed: int, purpose: str, *index: int) -> np.random.Generator:
    """Return a generator of its own for one purpose, e.g. ("cut", epoch) or ("passage", number)."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, zlib.crc32(purpose.encode()), *index])))


class Shuffle:
    """A permutation of 0 … size-1 that is never held in memory.

    A Feistel network of four rounds over the next power of four, walked until it falls below `size`
    (Black & Rogaway 2002, "Ciphers with arbitrary finite domains", the cycle-walking cipher).
    """

    def __init__(self, size: int, rng: np.random.Generator) -> None:
        self.size = size
        half_bits = max(1, (max(1, size - 1).bit_length() + 1) // 2)
        self._shift = np.uint64(half_bits)
        self._mask = np.uint64((1 << half_bits) - 1)
        self._keys = rng.integers(1 << 63, size=4, dtype=np.uint64) | np.uint64(1)

    def __getitem__(self, index: slice) -> np.ndarray:
        """Return the values at the places of a slice with both ends given, int64."""
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
