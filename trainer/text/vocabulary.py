"""The vocabulary of a model: the symbols that it reads and writes one at a time, and their numbers.

At the level char, the symbols are the characters of the training text: first those of one code point, in the order of
their code points, then those of several code points. At the level word, the common words of the text are symbols too.
Any other word is spelled: it becomes the symbols of its characters. So each text has exactly one sequence of symbols.
The last symbol, the escape, stands for every code point that is not a symbol. In a score, such a code point costs the
escape and then log(0x110000) nats to name it among all code points.
"""

import json
import math
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from unicodedata import normalize

import numpy as np

from trainer.contract import vocabulary_file
from trainer.text.symbols import clusters, words

CODE_POINTS = 0x110000
SPELLING_NATS = math.log(CODE_POINTS)
CHUNK = 1 << 20  # characters that are encoded at one time, so that temporary arrays take a few MB for any text


@dataclass(frozen=True)
class Vocabulary:
    """The symbols that a model knows.

    Args:
        characters: the symbols of one code point, sorted, each once.
        escape_floor: the lowest probability of the escape. A model never sees the escape in training, so it would give
            it almost no probability. The share of characters that occur only once in the training text estimates how
            likely a new character is (Good 1953, the Good-Turing estimate).
        openings: short pieces of the training text. A passage begins with one of them if there is no prompt.
        level: "char" or "word".
        longer: the symbols of several code points, sorted, each once.
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
        """The number of symbols, including the escape."""
        return len(self.characters) + len(self.longer) + 1

    @cached_property
    def is_lower_case(self) -> bool:
        """Whether the symbols have small letters and no capitals."""
        known = "".join(self.symbols)
        return known == known.lower() != known.upper()

    @cached_property
    def is_decomposed(self) -> bool:
        """Whether letters and their marks stand apart in all symbols, and not together in any (Unicode's NFD)."""
        apart, together = (all(normalize(form, one) == one for one in self.symbols) for form in ("NFD", "NFC"))
        return apart and not together

    @cached_property
    def symbols(self) -> tuple[str, ...]:
        """The text of each number, without the escape."""
        return (*self.characters, *self.longer)

    @cached_property
    def lengths(self) -> np.ndarray:
        """The length of each symbol in code points, (size,) uint8."""
        return np.array([*map(len, self.symbols), 1], np.uint8)

    @cached_property
    def _numbers(self) -> np.ndarray:
        """The number of every code point up to the last known one. The last entry is for all code points after it."""
        points = np.array([ord(c) for c in self.characters], np.int64)
        table = np.full(points.max(initial=0) + 2, self.escape, _smallest(self.size))
        table[points] = np.arange(len(points))
        return table

    @cached_property
    def _longer_numbers(self) -> dict[str, int]:
        return {symbol: number for number, symbol in enumerate(self.longer, len(self.characters))}

    def encode(self, text: str) -> np.ndarray:
        """Return the numbers of a text's symbols, (symbols,), in the smallest integer type that can hold them."""
        if not self.longer:
            return self._numbers_of_code_points(text)
        cut, begins = self._cut(text)
        numbers: np.ndarray = cut[begins]
        return numbers

    def decode(self, numbers: np.ndarray) -> str:
        """Return the text of the numbers. The escape must not be among them."""
        return "".join(self.symbols[number] for number in numbers)

    def pieces(self, text: str) -> list[str]:
        """Return the piece of the text that each number of the encoded text stands for. Joined they are the text."""
        edges = [*np.flatnonzero(self._cut(text)[1]).tolist(), len(text)]
        return [text[start:stop] for start, stop in pairwise(edges)]

    def begun(self, text: str) -> tuple[str, np.ndarray]:
        """Return the incomplete word at the end of a text, and the numbers of the symbols that begin with it.

        A word that is itself a symbol counts as complete. If there is no incomplete word, as always at the level char,
        the result is "" and an empty array.
        """
        last = [word for found in words(text) for word in found][-1:] if self.level == "word" else []
        if not last or (last[0] != " " and last[0] in self.symbols):
            return "", np.zeros(0, int)
        longer = [number for number, symbol in enumerate(self.symbols) if symbol.startswith(last[0])]
        return (last[0] if longer else ""), np.array(longer, int)

    def unknown(self, text: str) -> list[str]:
        """Return the code points of a text that are not in the vocabulary, in the order of the text, each once."""
        numbers, begins = self._cut(text)
        return list(dict.fromkeys(text[place] for place in np.flatnonzero(begins & (numbers == self.escape))))

    def _numbers_of_code_points(self, text: str) -> np.ndarray:
        """Return the number of every code point, (len(text),)."""
        numbers: np.ndarray = np.empty(len(text), _smallest(self.size))
        for start in range(0, len(text), CHUNK):
            points = np.minimum(code_points(text[start : start + CHUNK]), len(self._numbers) - 1)
            numbers[start : start + len(points)] = self._numbers[points]
        return numbers

    def _cut(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Return for each code point a number, and whether a symbol begins there, (len(text),) each.

        Only the numbers at the beginning of a symbol count.
        """
        numbers, begins = self._numbers_of_code_points(text), np.ones(len(text), bool)
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

    def extended(self, other: "Vocabulary") -> "Vocabulary":
        """Return the vocabulary of a model that knew these symbols and learns the text of another vocabulary.

        It has the symbols of both. The escape's lowest probability and the openings are those of the other text.
        """
        characters = "".join(sorted({*self.characters, *other.characters}))
        longer = tuple(sorted({*self.longer, *other.longer}))
        return replace(other, characters=characters, longer=longer)

    def places_in(self, before: "Vocabulary") -> np.ndarray:
        """Return for each number, that of the escape too, its number in another vocabulary, (size,); -1 for none."""
        known = {symbol: number for number, symbol in enumerate(before.symbols)}
        return np.array([*(known.get(symbol, -1) for symbol in self.symbols), before.escape])

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
        """Return the vocabulary of a vocabulary.json. Raises VocabularyProblem if the text is not a valid one."""
        return cls(**vocabulary_file.read(text))


def _smallest(size: int) -> type:
    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.int32


def code_points(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), "<u4")
