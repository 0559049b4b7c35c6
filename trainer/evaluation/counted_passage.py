"""A passage that counting letters writes: each character is drawn from n-grams, with no network.

It shows what a network adds: n-grams know the last few characters, and nothing of what stands before them.
"""

import math
from collections.abc import Sequence

import numpy as np

from trainer.data.corpus import last_characters
from trainer.data.random_streams import generator

CHARACTERS = 400
READ = 500_000  # characters of the end of the text
_SEPARATOR = "\0"  # cleaned text has none; its index in the alphabet is 0


def passage(documents: Sequence[str], order: int, characters: int = CHARACTERS, seed: int = 1) -> str:
    """Write `characters` characters after the n-grams of a text, up to this order, from the beginning of a document.

    The probabilities are those of interpolated Witten-Bell smoothing, as in `baselines.ngram_nats`, without the escape
    for characters that the text does not have: of the characters that follow a context of n - 1 characters, one is
    drawn with probability c / (c + T), where c is their number and T the number of different ones; else the context
    loses its first character.
    """
    text = _SEPARATOR.join([*last_characters(documents, READ), ""])
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
    alphabet, ids = np.unique(codes, return_inverse=True)
    if len(alphabet) < 2:
        return ""
    counts = _Counts(ids.astype(np.int64), len(alphabet), order - 1)
    rng = generator(seed, "counted passage")
    written = [0] * counts.reach
    for _ in range(characters):
        written.append(counts.draw(written, rng))
    return "".join(chr(alphabet[index]) for index in written[counts.reach :])


class _Counts:
    """The characters of a text, sorted by their contexts, the nearest character of a context first.

    So the characters that follow a context are next to each other, for contexts of all lengths up to `reach`.
    """

    def __init__(self, ids: np.ndarray, alphabet: int, reach: int) -> None:
        """`ids` are the indices of the text's characters, (characters,) int64, with 0 between documents."""
        self._alphabet = alphabet
        self.reach = min(reach, int(62 / math.log2(alphabet)))  # so that a context fits into an integer
        keys = np.zeros(len(ids), np.int64)
        outside = np.zeros(len(ids), bool)
        for distance in range(1, self.reach + 1):
            before = np.concatenate([np.zeros(distance, np.int64), ids[:-distance]])[: len(ids)]
            outside |= before == 0  # contexts do not cross documents
            keys = keys * alphabet + np.where(outside, 0, before)
        places = np.flatnonzero(ids)
        places = places[np.argsort(keys[places], kind="stable")]
        self._keys, self._following = keys[places], ids[places]

    def draw(self, written: Sequence[int], rng: np.random.Generator) -> int:
        """Draw the index of the next character."""
        for length in range(self.reach, -1, -1):
            following = self._after(written[len(written) - length :])
            if not len(following):
                continue
            kinds = len(np.unique(following)) if length else 0
            if rng.random() * (len(following) + kinds) < len(following):
                return int(following[rng.integers(len(following))])
        raise AssertionError("the empty context is followed by every character of the text")

    def _after(self, context: Sequence[int]) -> np.ndarray:
        """Return the characters that follow a context, as often as they do."""
        lowest = 0
        for index in reversed(context):
            lowest = lowest * self._alphabet + index
        room = self._alphabet ** (self.reach - len(context))
        first, last = np.searchsorted(self._keys, [lowest * room, (lowest + 1) * room])
        return self._following[first:last]
