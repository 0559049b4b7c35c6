"""Shares of held-out text that a score says little about: unknown characters, and text that was there to train on.

A score on text that a training has read says how well that is remembered, and nothing about text that is new. What a
text says again and again (refrains, licences, headings) is no such copy: more of the same text would have it too.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from trainer.data.text_index import Run, TextIndex
from trainer.text.vocabulary import Vocabulary

# docs/trainer.md has the figures behind these; all are characters (code points), each run of blanks counted as one
_RUN = 200  # a copy is as long as this; natural text of up to 3 MB repeats less than 2 % of itself in such runs
_SHORT_RUN = 50  # of a held-out part that is shorter than _RUN, all of it is a copy from here on
_HABIT = 4  # what stands so often in the whole text is a refrain, a licence or a heading …
_LONG_RUN = 2_000  # … where it is shorter than this …
_NEARLY_ALL = 0.9  # … and is not all there is
_BLANKS = re.compile(r"\s{2,}|[^\S ]")  # but for single spaces, which stay


class Shares(NamedTuple):
    """Shares of the held-out characters, 0 to 1.

    `unseen` are code points that the model does not know. `copied` is what also stands in the training text, in long
    runs. `repeated` is the held-out part of one document that is that of an earlier one again.
    """

    unseen: float = 0.0
    copied: float = 0.0
    repeated: float = 0.0


def shares(known: Vocabulary, train_texts: Sequence[str], held_out_texts: Sequence[str]) -> Shares:
    """Measure how much of the held-out parts of documents is unknown, copied and repeated.

    Takes a second for 5 MB, and about seven bytes of memory for each byte while it does.
    """
    total = max(1, sum(map(len, held_out_texts)))
    unseen = sum(int(np.count_nonzero(known.encode(text) == known.escape)) for text in held_out_texts)
    return Shares(unseen / total, _copied(train_texts, held_out_texts), _repeated(held_out_texts))


def _copied(train_texts: Sequence[str], held_out_texts: Sequence[str]) -> float:
    parts = [_folded(text) for text in held_out_texts]
    train, held_out = TextIndex.build(map(_folded, train_texts)), TextIndex.build(parts)

    def is_copy(run: str) -> bool:
        """Tell a copy from a habit by its middle half: what stands around a refrain makes the whole run rare."""
        middle = run[len(run) // 4 : len(run) - len(run) // 4]
        return len(run) >= _LONG_RUN or train.count(middle) + held_out.count(middle) < _HABIT

    found = [(part, list(train.runs(part, max(_SHORT_RUN, min(_RUN, len(part)))))) for part in parts]
    copies = [(part, [run for run in runs if is_copy(part[slice(*run)])]) for part, runs in found]
    total = max(1, sum(map(len, parts)))
    seen = sum(_length(runs) for _, runs in found) / total
    return seen if seen >= _NEARLY_ALL else sum(_length(runs) for _, runs in copies) / total


def _length(runs: list[Run]) -> int:
    """Return how many characters lie in runs, which are in order and may overlap."""
    length = last = 0
    for start, end in runs:
        length += end - max(start, last)
        last = end
    return length


def _repeated(texts: Sequence[str]) -> float:
    return 1 - sum(map(len, set(texts))) / max(1, sum(map(len, texts)))


def _folded(text: str) -> str:
    """Return a text with each run of blanks as one space: other line breaks make no other text."""
    return _BLANKS.sub(" ", text).strip()
