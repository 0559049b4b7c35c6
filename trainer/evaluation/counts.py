"""The n-grams of a text: which symbols follow a context, how often, and what is expected from that."""

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

SEPARATOR = 0  # stands between documents; contexts do not cross it
_KEPT = 4_000_000  # numbers that the cache of expectations holds, at most


class Counts:
    """The symbols of a text, sorted by their contexts, the nearest symbol of a context first.

    So the symbols that follow a context are next to each other, for contexts of all lengths up to `reach`.

    Args:
        ids: the symbols of the text, (symbols,) int64, from 1 on, with SEPARATOR between documents.
        alphabet: how many different numbers there are, with the separator.
        reach: the length of the longest contexts; shorter if such a context does not fit into an integer.
    """

    def __init__(self, ids: np.ndarray, alphabet: int, reach: int) -> None:
        self._alphabet = alphabet
        self.reach = min(reach, int(62 / math.log2(alphabet)))
        keys = np.zeros(len(ids), np.int64)
        outside = np.zeros(len(ids), bool)
        for distance in range(1, self.reach + 1):
            before = np.concatenate([np.zeros(distance, np.int64), ids[:-distance]])[: len(ids)]
            outside |= before == SEPARATOR
            keys = keys * alphabet + np.where(outside, 0, before)
        places = np.flatnonzero(ids)
        places = places[np.argsort(keys[places], kind="stable")]
        self._keys, self._following = keys[places], ids[places]
        self._kept = lru_cache(max(64, _KEPT // alphabet))(self._expected)

    def after(self, context: Sequence[int]) -> np.ndarray:
        """Return the symbols that follow a context of at most `reach` symbols, as often as they do."""
        lowest = 0
        for index in reversed(context):
            lowest = lowest * self._alphabet + index
        room = self._alphabet ** (self.reach - len(context))
        first, last = np.searchsorted(self._keys, [lowest * room, (lowest + 1) * room])
        found: np.ndarray = self._following[first:last]
        return found

    def expected(self, context: Sequence[int]) -> np.ndarray:
        """Return the probability of each symbol after a context, (alphabet,); that of the separator means nothing.

        They are those of interpolated Witten-Bell smoothing, as in `baselines.ngram_nats`. Only the last `reach`
        symbols of the context count, and none before a separator.
        """
        begins = len(context)
        while begins and len(context) - begins < self.reach and context[begins - 1] != SEPARATOR:
            begins -= 1
        found: np.ndarray = self._kept(tuple(context[begins:]))
        return found

    def _expected(self, context: tuple[int, ...]) -> np.ndarray:
        shorter = self._kept(context[1:]) if context else np.full(self._alphabet, 1 / self._alphabet)
        following = self.after(context)
        if not len(following):
            return shorter
        counts = np.bincount(following, minlength=self._alphabet)
        kinds = np.count_nonzero(counts)
        return (counts + kinds * shorter) / (len(following) + kinds)
