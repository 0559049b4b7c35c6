"""A corpus: the documents as a training needs them, numbers to train on, and the held-out part of each."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from trainer.contract.documents import ReadableFile, check_trainable, read_files, split_held_out
from trainer.data import leakage, random_streams
from trainer.data.leakage import Shares
from trainer.text import vocabulary
from trainer.text.vocabulary import Vocabulary

_CONTEXT = 64  # symbols before the held-out part: the tutorial's windows reach back into them
_CONTEXT_CHARACTERS = 512  # that these are taken from
BASELINE_CHARACTERS = 5_000_000  # of the training text that the baselines read: its last ones


@dataclass(frozen=True)
class HeldOut:
    """The held-out part of one document. Its first half chooses the best weights, its second half nothing.

    `ids` (context + symbols,) begin with some symbols from before it: the first is predicted from the one before it.
    `lengths` (symbols,) are the characters that each of the part's own symbols stands for. Wherever it is cut after
    so many characters, a symbol belongs to where it ends.
    """

    ids: np.ndarray
    context: int
    lengths: np.ndarray

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def offsets(self) -> np.ndarray:
        """Characters before each symbol, and last those of the whole part, (symbols + 1,)."""
        return np.concatenate([[0], np.cumsum(self.lengths, dtype=np.int64)])

    @property
    def characters(self) -> int:
        return int(self.offsets[-1])

    @property
    def half(self) -> int:
        """How many of its symbols are its first half."""
        return int(self.place(self.characters // 2))

    def place(self, characters: Any) -> Any:
        """Return how many symbols end within so many characters; of an array, for each."""
        return np.searchsorted(self.offsets, characters, "right") - 1

    def middle(self, share: float) -> "HeldOut":
        """Return a share of it, as much on either side of the border between its halves."""
        border = self.characters // 2
        reach = math.ceil(border * share)
        begin, stop = int(self.place(border - reach)), int(self.place(border + reach))
        context = min(begin + self.context, self.context)
        ids = self.ids[self.context + begin - context : self.context + stop]
        return HeldOut(ids, context, self.lengths[begin:stop])


@dataclass(frozen=True)
class Corpus:
    """What is trained on, joined, and what is held out, document by document.

    `train_texts` are kept for the baselines, and no more of them than those read.
    """

    vocabulary: Vocabulary
    train: np.ndarray  # (symbols,)
    symbol_length: float  # of the training text: characters for each symbol
    held_out: list[HeldOut]
    characters: int  # of the documents, all in all
    train_texts: list[str]
    held_out_texts: list[str]
    shares: Shares  # of the held-out text, and all of the training text


def read(
    files: Sequence[ReadableFile], lowercase: bool, seed: int, level: str = "char", frozen: bool = False
) -> Corpus:
    """Read files to train on, and learn their vocabulary. Raises TextProblem where they can't be trained on."""
    texts = read_files(files, lowercase, frozen)
    check_trainable(texts)
    return _prepare(texts, lambda train: vocabulary.learn(train, random_streams.generator(seed, "openings"), level))


def read_for(known: Vocabulary, files: Sequence[ReadableFile], lowercase: bool, frozen: bool = False) -> Corpus:
    """Read files for a model that has its vocabulary. Raises TextProblem where there is no text in them."""
    return _prepare(read_files(files, lowercase, frozen), lambda train: known)


def _prepare(texts: list[str], vocabulary_of: Callable[[list[str]], Vocabulary]) -> Corpus:
    """Split, number and join the documents. Empties the list, so that no text is held twice for long."""
    characters = sum(map(len, texts))
    parts = []
    while texts:
        parts.append(split_held_out(texts.pop(0)))
    train_texts, held_out_texts = [train for train, _ in parts], [held_out for _, held_out in parts]
    del parts
    known = vocabulary_of(train_texts)
    held_out = [_held_out(known, *pair) for pair in zip(train_texts, held_out_texts, strict=True) if pair[1]]
    train = np.concatenate([known.encode(text) for text in train_texts])
    length = sum(map(len, train_texts)) / max(1, len(train))
    shares = leakage.shares(known, train_texts, held_out_texts)
    return Corpus(
        known,
        train,
        length,
        held_out,
        characters,
        last_characters(train_texts, BASELINE_CHARACTERS),
        held_out_texts,
        shares,
    )


def _held_out(known: Vocabulary, train: str, held_out: str) -> HeldOut:
    context = known.encode(train[-_CONTEXT_CHARACTERS:] or known.openings[0])[-_CONTEXT:]
    ids = known.encode(held_out)
    return HeldOut(np.concatenate([context, ids]), len(context), known.lengths[ids])


def last_characters(documents: Sequence[str], room: int) -> list[str]:
    """Return the end of the documents: `room` characters, counting one for each end of a document."""
    kept: list[str] = []
    for document in reversed(documents):
        if room <= 0:
            break
        kept.append(document[-room:])
        room -= len(document) + 1
    return kept[::-1]
