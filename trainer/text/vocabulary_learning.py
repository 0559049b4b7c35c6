"""The learning of a vocabulary from training texts: what becomes a symbol."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from trainer.contract.procedures import TUTORIAL
from trainer.contract.vocabulary_file import LONGEST
from trainer.text.symbols import clusters, words
from trainer.text.vocabulary import CHUNK, Vocabulary, code_points

_CLUSTERS = 4_000  # symbols of several code points, at most; if a text has more, the rare ones are spelled
_SEEN = 2  # how often a word has to occur in the text to become a symbol
_WORDS = 8_000  # symbols of words, at most; the softmax of every step is over all of them
_BATCH = 10_000  # clusters that are counted at one time


def learn(texts: list[str], rng: np.random.Generator, level: str = "char") -> Vocabulary:
    """Return the vocabulary of training texts. The random generator chooses the openings."""
    counts = _count_characters(texts, level)
    once = sum(count == 1 for count in counts.values())
    floor = (once + 1) / (sum(counts.values()) + 2)
    longer = {symbol for symbol in counts if len(symbol) > 1}
    if level == "word":
        longer |= _common_words(texts)
    characters = "".join(sorted(symbol for symbol in counts if len(symbol) == 1))
    return Vocabulary(characters, floor, _choose_openings(texts, rng), level, tuple(sorted(longer)))


def _count_characters(texts: list[str], level: str) -> Counter[str]:
    """Count the characters that become symbols, including those of several code points.

    At the level word, a code point that occurs only inside such characters becomes a symbol too. It is needed to spell
    a word that ends inside a character.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        for start in range(0, len(text), CHUNK):
            points, found = np.unique(code_points(text[start : start + CHUNK]), return_counts=True)
            counts.update(dict(zip(map(chr, points.tolist()), found.tolist(), strict=True)))
    several = _counted(_batches(cluster for text in texts for _, cluster in clusters(text)), _room(texts))
    for cluster, count in _most_common(several, 1, _CLUSTERS):
        counts[cluster] = count
        if level == "char":
            counts.subtract({point: count * cluster.count(point) for point in cluster})
    return +counts


def _common_words(texts: list[str]) -> set[str]:
    counts = _counted((found for text in texts for found in words(text)), _room(texts))
    return {word for word, _ in _most_common(counts, _SEEN, _WORDS)}


def _room(texts: list[str]) -> int:
    """Return how many different strings may be counted at one time. They take about six bytes per character of text."""
    return max(50_000, sum(map(len, texts)) // 20)


def _counted(found: Iterable[list[str]], room: int) -> Counter[str]:
    """Count strings, at most about `room` different ones. If there are more, the rarest so far are dropped.

    This is lossy counting (Manku & Motwani 2002): frequent strings are not lost.
    """
    counts: Counter[str] = Counter()
    rare = 0
    for some in found:
        counts.update(some)
        if len(counts) > room:
            rare += 1
            counts = Counter({one: count for one, count in counts.items() if count > rare})
    return counts


def _batches(found: Iterator[str]) -> Iterator[list[str]]:
    while batch := list(islice(found, _BATCH)):
        yield batch


def _most_common(counts: Counter[str], seen: int, limit: int) -> Iterator[tuple[str, int]]:
    """Yield up to `limit` of the most frequent strings of several code points, each counted at least `seen` times.

    Equal counts are ordered by the string, so the result depends only on the counts.
    """
    fit = [(one, count) for one, count in counts.items() if count >= seen and 1 < len(one) <= LONGEST]
    yield from sorted(fit, key=lambda pair: (-pair[1], pair[0]))[:limit]


_OPENINGS = 20
_OPENING_CHARACTERS = TUTORIAL.own["sequence"]  # an opening is read as one window of the tutorial


def _choose_openings(texts: list[str], rng: np.random.Generator) -> tuple[str, ...]:
    text = max(texts, key=len)
    starts = rng.integers(0, max(1, len(text) - _OPENING_CHARACTERS), size=_OPENINGS)
    return tuple(text[start : start + _OPENING_CHARACTERS] for start in starts)
