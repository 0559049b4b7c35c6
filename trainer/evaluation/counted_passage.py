"""A passage that counting letters writes: each character is drawn from n-grams, with no network.

It shows what a network adds: n-grams know the last few characters, and nothing of what stands before them.
"""

from collections.abc import Sequence

import numpy as np

from trainer.data.corpus import last_characters
from trainer.data.random_streams import generator
from trainer.evaluation.counts import Counts

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
    counts = Counts(ids.astype(np.int64), len(alphabet), order - 1)
    rng = generator(seed, "counted passage")
    written = [0] * counts.reach
    for _ in range(characters):
        written.append(_draw(counts, written, rng))
    return "".join(chr(alphabet[index]) for index in written[counts.reach :])


def _draw(counts: Counts, written: Sequence[int], rng: np.random.Generator) -> int:
    """Draw the index of the next character."""
    for length in range(counts.reach, -1, -1):
        following = counts.after(written[len(written) - length :])
        if not len(following):
            continue
        kinds = len(np.unique(following)) if length else 0
        if rng.random() * (len(following) + kinds) < len(following):
            return int(following[rng.integers(len(following))])
    raise AssertionError("the empty context is followed by every character of the text")
