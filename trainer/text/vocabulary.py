"""Symbols, which a model reads and writes one at a time, and the numbers that stand for them.

At the level char, symbols are the characters of the training text, 0 … n-1 in the order of their code points, and
after them those of several code points. At the level word, its common words come with them, and a word that is none
of those is spelled: it is the symbols of its characters. So a text is one sequence of symbols, always the same. One
more symbol, the escape, stands for a code point that is none: in a score, it costs the escape and then log(0x110000)
to say which one it is.
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice, pairwise

import numpy as np

from trainer.text.symbols import clusters, words

CODE_POINTS = 0x110000
SPELLING_NATS = math.log(CODE_POINTS)
_CHUNK = 1 << 20  # characters: an encoded text's temporaries take a few MB, however long it is
LONGEST = 64  # code points of a symbol
_CLUSTERS = 4_000  # symbols of several code points; where a text has more, the rare ones are spelled
_SEEN = 2  # times that a word has to stand in the text to be a symbol
_WORDS = 8_000  # at most: the softmax of every step is over all of them
_BATCH = 10_000  # clusters that are counted at a time


class VocabularyProblem(ValueError):
    """A file that is no vocabulary of ours."""


@dataclass(frozen=True)
class Vocabulary:
    """The symbols that a model knows.

    Args:
        characters: symbols of one code point: sorted, each once.
        escape_floor: the least probability of the escape. A model that has never seen it would give it next to
            nothing; the share of the training text that is characters seen only once says how likely something
            new is (Good 1953, the Good-Turing estimate).
        openings: short pieces of the training text to begin a passage with when nobody gave an opening.
        level: "char" or "word".
        longer: symbols of several code points: sorted, each once.
    """

    characters: str
    escape_floor: float
    openings: tuple[str, ...]
    level: str = "char"
    longer: tuple[str, ...] = ()

    @property
    def escape(self) -> int:
        return self.size - 1

    @property
    def size(self) -> int:
        """Symbols, the escape among them."""
        return len(self.characters) + len(self.longer) + 1

    @cached_property
    def is_lower_case(self) -> bool:
        """Whether there are small letters and no capitals in it."""
        known = "".join(self.symbols)
        return known == known.lower() != known.upper()

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """What the numbers stand for, but for the escape."""
        return (*self.characters, *self.longer)

    @cached_property
    def lengths(self) -> np.ndarray:
        """Code points that each number stands for, (size,) uint8."""
        return np.array([*map(len, self.symbols), 1], np.uint8)

    @cached_property
    def _numbers(self) -> np.ndarray:
        """The number of every code point up to the last known one; the last place is for those beyond."""
        points = np.array([ord(c) for c in self.characters], np.int64)
        table = np.full(points.max(initial=0) + 2, self.escape, _smallest(self.size))
        table[points] = np.arange(len(points))
        return table

    @cached_property
    def _longer_numbers(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.longer, len(self.characters))}

    def encode(self, text: str) -> np.ndarray:
        """Return the numbers of a text's symbols, (symbols,), in the smallest type that holds them."""
        if not self.longer:
            return self._code_points(text)
        cut, begins = self._cut(text)
        numbers: np.ndarray = cut[begins]
        return numbers

    def decode(self, numbers: np.ndarray) -> str:
        """Return the text that the numbers stand for; there is no escape among them."""
        return "".join(self.symbols[number] for number in numbers)

    def pieces(self, text: str) -> list[str]:
        """Return what each number of the encoded text stands for. Joined they are the text."""
        edges = [*np.flatnonzero(self._cut(text)[1]).tolist(), len(text)]
        return [text[start:stop] for start, stop in pairwise(edges)]

    def begun(self, text: str) -> tuple[str, np.ndarray]:
        """Return the word that a text breaks off in, and the numbers of the known words that begin so.

        A word that is known itself counts as whole, and a character does not break off: then there is none.
        """
        last = [word for found in words(text) for word in found][-1:] if self.level == "word" else []
        if not last or (last[0] != " " and last[0] in self.symbols):
            return "", np.zeros(0, int)
        longer = [number for number, symbol in enumerate(self.symbols) if symbol.startswith(last[0])]
        return (last[0] if longer else ""), np.array(longer, int)

    def unknown(self, text: str) -> list[str]:
        """Return the code points of a text that the model has not seen, in their order, each once."""
        numbers, begins = self._cut(text)
        return list(dict.fromkeys(text[place] for place in np.flatnonzero(begins & (numbers == self.escape))))

    def _code_points(self, text: str) -> np.ndarray:
        """Return the number of every code point, (len(text),)."""
        numbers: np.ndarray = np.empty(len(text), _smallest(self.size))
        for start in range(0, len(text), _CHUNK):
            points = np.minimum(_points(text[start : start + _CHUNK]), len(self._numbers) - 1)
            numbers[start : start + len(points)] = self._numbers[points]
        return numbers

    def _cut(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return a number at each code point, and at which of them a symbol begins, (len(text),) each."""
        numbers, begins = self._code_points(text), np.ones(len(text), bool)
        if self.level == "char":
            self._lay_clusters(text, numbers, begins)
            return numbers, begins
        start = 0
        for found in words(text):
            stop = start + sum(map(len, found))
            self._lay_words(found, numbers[start:stop], begins[start:stop])
            start = stop
        return numbers, begins

    def _lay_words(self, found: list[str], numbers: np.ndarray, begins: np.ndarray) -> None:
        lengths = np.fromiter(map(len, found), np.int64, len(found))
        known = np.fromiter((self._longer_numbers.get(word, -1) for word in found), np.int64, len(found))
        places = np.cumsum(lengths) - lengths
        numbers[places[known >= 0]] = known[known >= 0]
        begins[:] = np.repeat(known < 0, lengths)
        begins[places] = True
        for index in np.flatnonzero((known < 0) & (lengths > 1)).tolist():
            part = slice(places[index], places[index] + lengths[index])
            self._lay_clusters(found[index], numbers[part], begins[part])

    def _lay_clusters(self, text: str, numbers: np.ndarray, begins: np.ndarray) -> None:
        for place, cluster in clusters(text):
            number = self._longer_numbers.get(cluster)
            if number is not None:
                numbers[place] = number
                begins[place + 1 : place + len(cluster)] = False

    def to_json(self) -> str:
        content = {
            "level": self.level,
            "characters": self.characters,
            "longer": list(self.longer),
            "escape_floor": self.escape_floor,
            "openings": list(self.openings),
        }
        return json.dumps(content, ensure_ascii=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Vocabulary":
        """Rebuild a saved vocabulary; VocabularyProblem where it is not one."""
        try:
            content = json.loads(text)
            vocabulary = cls(
                content["characters"],
                content["escape_floor"],
                tuple(content["openings"]),
                content["level"],
                tuple(content.get("longer", ())),
            )
            sound = _is_sound(vocabulary)
        except (ValueError, TypeError, KeyError, AttributeError):
            sound = False
        if not sound:
            raise VocabularyProblem("The vocabulary is damaged.")
        return vocabulary


def _is_sound(vocabulary: Vocabulary) -> bool:
    return (
        vocabulary.level in ("char", "word")
        and vocabulary.size > 1
        and list(vocabulary.characters) == sorted(set(vocabulary.characters))
        and list(vocabulary.longer) == sorted(set(vocabulary.longer))
        and all(1 < len(symbol) <= LONGEST for symbol in vocabulary.longer)
        and 0 < vocabulary.escape_floor < 1
        and all(isinstance(text, str) for text in (*vocabulary.openings, *vocabulary.longer))
    )


def _smallest(size: int) -> type:
    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.int32


def _points(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")


# Learned from texts ----------------------------------------------------------------------------------------------


def learn(texts: list[str], rng: np.random.Generator, level: str = "char") -> Vocabulary:
    """Make the vocabulary of the texts that are trained on. The generator chooses the openings."""
    counts = _count_characters(texts, level)
    once = sum(count == 1 for count in counts.values())
    floor = (once + 1) / (sum(counts.values()) + 2)
    longer = {symbol for symbol in counts if len(symbol) > 1}
    if level == "word":
        longer |= _common_words(texts)
    characters = "".join(sorted(symbol for symbol in counts if len(symbol) == 1))
    return Vocabulary(characters, floor, _choose_openings(texts, rng), level, tuple(sorted(longer)))


def _count_characters(texts: list[str], level: str) -> Counter[str]:
    """Count the characters that become symbols, those of several code points among them.

    Code points that stand in such characters only are symbols too where words are read: spelling needs them where a
    word ends within a character.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        for start in range(0, len(text), _CHUNK):
            points, found = np.unique(_points(text[start : start + _CHUNK]), return_counts=True)
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
    """Return how many different things may be counted at a time: about six bytes for each character of the texts."""
    return max(50_000, sum(map(len, texts)) // 20)


def _counted(found: Iterable[list[str]], room: int) -> Counter[str]:
    """Count; where the different ones have no room, forget the rarest so far.

    After lossy counting (Manku & Motwani 2002): what is frequent is not lost.
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
    """Yield the most frequent of several code points, seen at least so often; which, depends on nothing else."""
    fit = [(one, count) for one, count in counts.items() if count >= seen and 1 < len(one) <= LONGEST]
    yield from sorted(fit, key=lambda pair: (-pair[1], pair[0]))[:limit]


_OPENINGS = 20
_OPENING_CHARACTERS = 50  # the tutorial's window


def _choose_openings(texts: list[str], rng: np.random.Generator) -> tuple[str, ...]:
    text = max(texts, key=len)
    starts = rng.integers(0, max(1, len(text) - _OPENING_CHARACTERS), size=_OPENINGS)
    return tuple(text[start : start + _OPENING_CHARACTERS] for start in starts)
