"""The held-out text that is looked at: some of each document's, with the text before it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from trainer.contract.decoding import TextProblem
from trainer.contract.documents import ReadableFile, read_files, split_held_out
from trainer.generation.loaded_model import Model

MOST = 20_000  # characters of held-out text that are looked at
_BEFORE = 2_000  # characters before the held-out part of a document


@dataclass(frozen=True)
class Part:
    """The held-out text of a document, and text before it.

    document: the number of the document among all, from 0.
    ids: the numbers of the symbols, of both texts.
    pieces: their texts.
    begin: the number of symbols before the held-out text.
    """

    document: int
    ids: np.ndarray
    pieces: list[str]
    begin: int

    def __len__(self) -> int:
        """The number of held-out symbols."""
        return len(self.ids) - self.begin

    @cached_property
    def text(self) -> str:
        return "".join(self.pieces)

    @cached_property
    def lengths(self) -> np.ndarray:
        """The number of characters of each symbol, of both texts."""
        return np.array(list(map(len, self.pieces)), np.int64)


def read(model: Model, files: Sequence[ReadableFile], frozen: bool, most: int = MOST) -> list[Part]:
    """Read the held-out texts of documents: all, or the same share of each, so that they have about `most` characters.

    Raises TextProblem if a file can't be read as text, and if they have no held-out text.
    """
    halves = [split_held_out(text) for text in read_files(files, model.recipe.lowercase, frozen)]
    total = sum(len(held_out) for _, held_out in halves)
    share = min(1.0, most / max(1, total))
    parts = [_part(model, number, *texts, share) for number, texts in enumerate(halves) if texts[1]]
    parts = [part for part in parts if len(part.ids) > 1]  # the first symbol of a text is not predicted
    if not parts:
        raise TextProblem("There is no text to look at: choose one that has more than one character.")
    return parts


def symbols(parts: Sequence[Part]) -> np.ndarray:
    """Return the numbers of all symbols of some texts."""
    return np.concatenate([part.ids for part in parts])


def _part(model: Model, number: int, train: str, held_out: str, share: float) -> Part:
    vocabulary = model.vocabulary
    before, chosen = train[-_BEFORE:], held_out[: math.ceil(len(held_out) * share)]
    ids = [vocabulary.encode(text) for text in (before, chosen)]
    pieces = [*vocabulary.pieces(before), *vocabulary.pieces(chosen)]
    return Part(number, np.concatenate(ids), pieces, len(ids[0]))
