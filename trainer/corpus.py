"""The documents as a training needs them: numbers to train on, and the held-out part of each."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from trainer import draws, vocabulary
from trainer.text import check_trainable, read_files, split_held_out
from trainer.vocabulary import Vocabulary

_CONTEXT = 64  # characters before the held-out part: the tutorial's windows reach back into them
_BASELINE_CHARACTERS = 5_000_000  # the baselines read no more than these


@dataclass(frozen=True)
class HeldOut:
    """The held-out part of one document. Its first half chooses the best weights, its second half nothing.

    `ids` (context + characters,) begin with some characters from before it: the first is predicted from the one
    before it.
    """

    ids: np.ndarray
    context: int

    def __len__(self) -> int:
        return len(self.ids) - self.context

    @property
    def half(self) -> int:
        """How many of its characters are its first half."""
        return len(self) // 2

    def middle(self, share: float) -> "HeldOut":
        """Return a share of it, as much on either side of the border between its halves."""
        reach = math.ceil(self.half * share)
        begin = self.context + self.half - reach
        context = min(begin, self.context)
        return HeldOut(self.ids[begin - context : begin + 2 * reach], context)


@dataclass(frozen=True)
class Corpus:
    """What is trained on, joined, and what is held out, document by document.

    `train_texts` are kept for the baselines, and no more of them than those read.
    """

    vocabulary: Vocabulary
    train: np.ndarray  # (characters,)
    held_out: list[HeldOut]
    characters: int  # of the documents, all in all
    train_texts: list[str]
    held_out_texts: list[str]


def read(paths: list[Path], lowercase: bool, seed: int) -> Corpus:
    """Read files to train on, and learn their vocabulary. Raises TextProblem where they can't be trained on."""
    texts = read_files(paths, lowercase)
    check_trainable(texts)
    return _prepare(texts, None, seed)


def read_for(known: Vocabulary, paths: list[Path], lowercase: bool) -> Corpus:
    """Read files for a model that has its vocabulary. Raises TextProblem where there is no text in them."""
    return _prepare(read_files(paths, lowercase), known, 0)


def _prepare(texts: list[str], known: Vocabulary | None, seed: int) -> Corpus:
    """Split, number and join the documents. Empties the list, so that no text is held twice for long."""
    characters = sum(map(len, texts))
    parts = []
    while texts:
        parts.append(split_held_out(texts.pop(0)))
    train_texts, held_out_texts = [train for train, _ in parts], [held_out for _, held_out in parts]
    del parts
    if known is None:
        known = vocabulary.learn(train_texts, draws.generator(seed, "openings"))
    held_out = [_held_out(known, *pair) for pair in zip(train_texts, held_out_texts, strict=True) if pair[1]]
    train = np.concatenate([known.encode(text) for text in train_texts])
    return Corpus(known, train, held_out, characters, _last(train_texts), held_out_texts)


def _held_out(known: Vocabulary, train: str, held_out: str) -> HeldOut:
    context = train[-_CONTEXT:] or known.openings[0][:1]
    return HeldOut(known.encode(context + held_out), len(context))


def _last(texts: list[str]) -> list[str]:
    kept: list[str] = []
    room = _BASELINE_CHARACTERS
    for text in reversed(texts):
        if room <= 0:
            break
        kept.append(text[-room:])
        room -= len(text)
    return kept[::-1]
