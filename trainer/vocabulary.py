"""Characters and the numbers that stand for them.

The characters of the training text, sorted, are 0 … n-1. One more symbol, the escape, stands for every other
character: in a score, such a character costs the escape and then log(0x110000) to say which one it is.
"""

import json
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

CODE_POINTS = 0x110000
SPELLING_NATS = math.log(CODE_POINTS)
_CHUNK = 1 << 20  # characters: an encoded text's temporaries take a few MB, however long it is


class VocabularyProblem(ValueError):
    """A file that is no vocabulary of ours."""


@dataclass(frozen=True)
class Vocabulary:
    """The characters that a model knows.

    Args:
        characters: sorted, each once.
        escape_floor: the least probability of the escape. A model that has never seen it would give it next to
            nothing; the share of the training text that is characters seen only once says how likely something
            new is (Good 1953, the Good-Turing estimate).
        openings: short pieces of the training text to begin a passage with when nobody gave an opening.
    """

    characters: str
    escape_floor: float
    openings: tuple[str, ...]

    @property
    def escape(self) -> int:
        return len(self.characters)

    @property
    def size(self) -> int:
        """Symbols, the escape among them."""
        return len(self.characters) + 1

    @cached_property
    def _numbers(self) -> np.ndarray:
        """The number of every code point up to the last known one; the last place is for those beyond."""
        points = np.array([ord(c) for c in self.characters], np.int64)
        table = np.full(points.max() + 2, self.escape, _smallest(self.size))
        table[points] = np.arange(len(points))
        return table

    def encode(self, text: str) -> np.ndarray:
        """Return the numbers of a text's characters, (len(text),), in the smallest type that holds them."""
        numbers: np.ndarray = np.empty(len(text), _smallest(self.size))
        for start in range(0, len(text), _CHUNK):
            piece = text[start : start + _CHUNK].encode("utf-32-le", "surrogatepass")
            points = np.minimum(np.frombuffer(piece, "<u4"), len(self._numbers) - 1)
            numbers[start : start + len(points)] = self._numbers[points]
        return numbers

    def decode(self, numbers: np.ndarray) -> str:
        """Return the characters that the numbers stand for; there is no escape among them."""
        return "".join(self.characters[number] for number in numbers)

    def unknown(self, text: str) -> list[str]:
        """Return the characters of a text that the model has not seen, in their order, each once."""
        return sorted(set(text) - set(self.characters), key=text.index)

    def to_json(self) -> str:
        content = {
            "level": "char",
            "characters": self.characters,
            "escape_floor": self.escape_floor,
            "openings": list(self.openings),
        }
        return json.dumps(content, ensure_ascii=True, indent=1) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Vocabulary":
        """Rebuild a saved vocabulary; VocabularyProblem where it is not one."""
        try:
            content = json.loads(text)
            vocabulary = cls(content["characters"], content["escape_floor"], tuple(content["openings"]))
            sound = (
                content["level"] == "char"
                and len(vocabulary.characters) > 0
                and list(vocabulary.characters) == sorted(set(vocabulary.characters))
                and 0 < vocabulary.escape_floor < 1
                and all(isinstance(opening, str) for opening in vocabulary.openings)
            )
        except (ValueError, TypeError, KeyError):
            sound = False
        if not sound:
            raise VocabularyProblem("The vocabulary is damaged.")
        return vocabulary


def _smallest(size: int) -> type:
    return np.uint8 if size <= 1 << 8 else np.uint16 if size <= 1 << 16 else np.int32


def learn(texts: list[str], rng: np.random.Generator) -> Vocabulary:
    """Make the vocabulary of the texts that are trained on. The generator chooses the openings."""
    counts: dict[str, int] = {}
    for text in texts:
        for start in range(0, len(text), _CHUNK):
            piece = text[start : start + _CHUNK].encode("utf-32-le", "surrogatepass")
            points, found = np.unique(np.frombuffer(piece, "<u4"), return_counts=True)
            for point, count in zip(points.tolist(), found.tolist(), strict=True):
                counts[chr(point)] = counts.get(chr(point), 0) + count
    once = sum(count == 1 for count in counts.values())
    floor = (once + 1) / (sum(counts.values()) + 2)
    return Vocabulary("".join(sorted(counts)), floor, _choose_openings(texts, rng))


_OPENINGS = 20
_OPENING_CHARACTERS = 50  # the tutorial's window


def _choose_openings(texts: list[str], rng: np.random.Generator) -> tuple[str, ...]:
    text = max(texts, key=len)
    starts = rng.integers(0, max(1, len(text) - _OPENING_CHARACTERS), size=_OPENINGS)
    return tuple(text[start : start + _OPENING_CHARACTERS] for start in starts)
