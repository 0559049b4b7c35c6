"""The batches of a training: contiguous streams of the training text, or windows.

With streams, a training is truncated backpropagation through time (Williams & Peng 1990): each step reads the next
`sequence` symbols of every stream, and the state of the network is carried to the next step.
"""

import functools
from typing import Protocol

import numpy as np

from trainer.data import random_streams
from trainer.data.training_text import TrainingText
from trainer.text import voices

_WITHOUT_VOICE = 0.1  # the share of the streams of an epoch that are read without a voice


class Feed(Protocol):
    """The batches of a training. A batch depends only on its step."""

    steps_per_epoch: int
    symbols_per_step: int  # how many symbols the network learns to predict in one step

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray, bool]:
        """Return inputs and targets of a step, and whether the network's state is zero before it."""


class Streams:
    """The text as `batch` streams of equal length, with new cuts in every epoch.

    The text is read as a ring. Each epoch begins at a new random place, so that no character is left out in every
    epoch, and none is always the first one after a zero state. If the documents have voices, the inputs have them too.
    About one stream in ten, others in every epoch, is read without, so that the network can do without a voice as well.
    """

    def __init__(self, text: TrainingText, batch: int, sequence: int, seed: int) -> None:
        self.sequence = sequence
        self.seed = seed
        self.steps_per_epoch = len(text) // batch // sequence
        self.symbols_per_step = batch * sequence
        if self.steps_per_epoch < 1:
            raise ValueError(f"{len(text)} characters are too few for {batch} streams of {sequence}")
        self._starts = np.arange(batch)[:, None] * (len(text) // batch)  # (batch, 1)
        self._has_voices = bool(text.voices)
        self._in_epoch = functools.lru_cache(1)(functools.partial(text.in_epoch, seed))
        self._voices_in_epoch = functools.lru_cache(1)(functools.partial(text.voices_in_epoch, seed))

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray, bool]:
        """Return inputs and targets of a step, (batch, sequence) int32, and whether the state is zero before it."""
        epoch, place = divmod(step, self.steps_per_epoch)
        ids = self._in_epoch(epoch)
        turn = int(random_streams.generator(self.seed, "cut", epoch).integers(len(ids)))
        within = turn + place * self.sequence + np.arange(self.sequence + 1)
        places = (self._starts + within) % len(ids)  # (batch, sequence + 1)
        read = ids[places].astype(np.int32)
        inputs = self._spoken(read[:, :-1], places[:, :-1], epoch) if self._has_voices else read[:, :-1]
        return inputs, read[:, 1:], place == 0

    def _spoken(self, symbols: np.ndarray, places: np.ndarray, epoch: int) -> np.ndarray:
        """Return the symbols at places of an epoch, (batch, sequence), with their voices."""
        drawn = random_streams.generator(self.seed, "voice", epoch).random(len(symbols))
        has_voice = (drawn >= _WITHOUT_VOICE)[:, None]
        return voices.spoken(symbols, np.where(has_voice, self._voices_in_epoch(epoch)[places], voices.MEAN))


class Windows:
    """All windows of `sequence` symbols at stride 1, each with the symbol after it, in a new order in every epoch."""

    def __init__(self, text: TrainingText, batch: int, sequence: int, seed: int) -> None:
        self.batch = batch
        self.seed = seed
        self._windows = np.lib.stride_tricks.sliding_window_view(text.ids, sequence + 1)  # a view: nothing is copied
        self.steps_per_epoch = -(-len(self._windows) // batch)
        self.symbols_per_step = batch

    def at(self, step: int) -> tuple[np.ndarray, np.ndarray, bool]:
        """Return windows (batch, sequence) and the symbols after them (batch,), int32, and True (see `Feed.at`).

        The last batch of an epoch is filled up with its first windows, so that every batch has the same shape.
        """
        epoch, place = divmod(step, self.steps_per_epoch)
        order = random_streams.Shuffle(len(self._windows), random_streams.generator(self.seed, "order", epoch))
        chosen = order[place * self.batch : (place + 1) * self.batch]
        if len(chosen) < self.batch:
            chosen = np.resize(np.concatenate([chosen, order[0 : self.batch]]), self.batch)
        read = self._windows[chosen].astype(np.int32)  # (batch, sequence + 1)
        return read[:, :-1], read[:, -1], True
