"""The corpus of a training: the training text as numbers, and the held-out part of each document."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from trainer.contract.documents import ReadableFile, check_trainable, read_files, split_held_out
from trainer.data import leakage, random_streams
from trainer.data.leakage import Shares
from trainer.data.training_text import TrainingText
from trainer.text import vocabulary_learning, voices
from trainer.text.vocabulary import Vocabulary

_CONTEXT = 64  # symbols before the held-out part, because the first windows of the tutorial need them
_CONTEXT_CHARACTERS = 512  # characters before the held-out part that are encoded to get these symbols
BASELINE_CHARACTERS = 5_000_000  # at most these last characters of the training text are read by the baselines


@dataclass(frozen=True)
class HeldOut:
    """The held-out part of one document. The best weights are chosen by its first half, and never by its second half.

    `ids` (context + symbols,) are numbers of symbols. The first `context` of them are from before the held-out part,
    because its first symbol is predicted from the one before it. `lengths` (symbols,) are the characters of each symbol
    of the part itself. Where the part is cut at a number of characters, a symbol across the cut belongs to the part
    where it ends. `document` is the document's place among all, and `voice` its number as in `trainer.text.voices`.
    """

    ids: np.ndarray
    context: int
    lengths: np.ndarray
    document: int = 0
    voice: int = voices.MEAN

    def __len__(self) -> int:
        return len(self.lengths)

    @cached_property
    def offsets(self) -> np.ndarray:
        """The number of characters before each symbol, and at the end the number of all, (symbols + 1,)."""
        return np.concatenate([[0], np.cumsum(self.lengths, dtype=np.int64)])

    @property
    def characters(self) -> int:
        return int(self.offsets[-1])

    @property
    def half(self) -> int:
        """The number of symbols in the first half."""
        return int(self.place(self.characters // 2))

    def place(self, characters: Any) -> Any:
        """Return how many symbols end within this number of characters. For an array, return an array."""
        return np.searchsorted(self.offsets, characters, "right") - 1

    def middle(self, share: float) -> "HeldOut":
        """Return the middle of the part: this share of it, half before and half after the border between its halves."""
        border = self.characters // 2
        reach = math.ceil(border * share)
        begin, stop = int(self.place(border - reach)), int(self.place(border + reach))
        context = min(begin + self.context, self.context)
        ids = self.ids[self.context + begin - context : self.context + stop]
        return replace(self, ids=ids, context=context, lengths=self.lengths[begin:stop])


@dataclass(frozen=True)
class Corpus:
    """The training parts of all documents, joined, and their held-out parts, one for each document.

    `train_texts` are for the baselines, so they are only as long as the baselines read.
    """

    vocabulary: Vocabulary
    train: TrainingText
    symbol_length: float  # characters per symbol, in the training text
    held_out: list[HeldOut]
    characters: int  # of all documents together
    train_texts: list[str]
    held_out_texts: list[str]
    shares: Shares  # of the held-out text, compared with the whole training text

    def weighted(self, weights: tuple[float, ...]) -> "Corpus":
        """Return the corpus with the weight of each document in an epoch; none: each is read once."""
        return replace(self, train=replace(self.train, weights=weights))

    @property
    def documents(self) -> int:
        return len(self.train.lengths)

    def voiced(self, numbers: tuple[int, ...]) -> "Corpus":
        """Return the corpus with the number of each document's voice, as in `trainer.text.voices`."""
        held_out = [replace(part, voice=numbers[part.document]) for part in self.held_out]
        return replace(self, train=replace(self.train, voices=numbers), held_out=held_out)


def read(
    files: Sequence[ReadableFile],
    lowercase: bool,
    seed: int,
    level: str = "char",
    frozen: bool = False,
    known: Vocabulary | None = None,
) -> Corpus:
    """Read files for a training, and learn their vocabulary. Raises TextProblem if a training is not possible.

    `known` is the vocabulary of the model that is trained with them; its symbols are kept. So the corpus has the same
    vocabulary again if, and only if, it is the text that the model has learned.
    """
    texts = read_files(files, lowercase, frozen)
    check_trainable(texts)

    def learned(train: list[str]) -> Vocabulary:
        found = vocabulary_learning.learn(train, random_streams.generator(seed, "openings"), level)
        return known.extended(found) if known else found

    return _prepare(texts, learned)


def read_for(known: Vocabulary, files: Sequence[ReadableFile], lowercase: bool, frozen: bool = False) -> Corpus:
    """Read files for a model that already has a vocabulary. Raises TextProblem if a file can't be read as text."""
    return _prepare(read_files(files, lowercase, frozen), lambda train: known)


def _prepare(texts: list[str], vocabulary_of: Callable[[list[str]], Vocabulary]) -> Corpus:
    """Split, encode and join the documents. The list is emptied, so that no text is in memory twice for long."""
    characters = sum(map(len, texts))
    parts = []
    while texts:
        parts.append(split_held_out(texts.pop(0)))
    train_texts, held_out_texts = [train for train, _ in parts], [held_out for _, held_out in parts]
    del parts
    known = vocabulary_of(train_texts)
    pairs = enumerate(zip(train_texts, held_out_texts, strict=True))
    held_out = [_held_out(known, number, *pair) for number, pair in pairs if pair[1]]
    encoded = [known.encode(text) for text in train_texts]
    train = TrainingText(np.concatenate(encoded), tuple(map(len, encoded)))
    length = sum(map(len, train_texts)) / max(1, len(train.ids))
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


def _held_out(known: Vocabulary, document: int, train: str, held_out: str) -> HeldOut:
    context = known.encode(train[-_CONTEXT_CHARACTERS:] or known.openings[0])[-_CONTEXT:]
    ids = known.encode(held_out)
    return HeldOut(np.concatenate([context, ids]), len(context), known.lengths[ids], document)


def last_characters(documents: Sequence[str], room: int) -> list[str]:
    """Return the last `room` characters of the documents, where each end of a document counts as one character."""
    kept: list[str] = []
    for document in reversed(documents):
        if room <= 0:
            break
        kept.append(document[-room:])
        room -= len(document) + 1
    return kept[::-1]
