"""Shares of the held-out text that make a score less meaningful: unknown characters, and copies of training text.

A score on text that a model has read in training says how well the model remembers it, and nothing about new text. Text
that is repeated many times (refrains, licences, headings) does not count as a copy, because more text of the same kind
would have it too.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from trainer.data.text_index import Run, TextIndex
from trainer.text.vocabulary import Vocabulary

# docs/trainer.md has the measurements for these limits. Lengths are in characters (code points); each run of blanks
# counts as one character.
_RUN = 200  # the least length of a copy; natural text of up to 3 MB repeats less than 2 % of itself in such runs
_SHORT_RUN = 50  # a held-out part from here up to _RUN characters counts as a copy if all of it is copied
_HABIT = 4  # a run with this many occurrences in the whole text is a refrain, a licence or a heading, …
_LONG_RUN = 2_000  # … unless it is at least this long, …
_NEARLY_ALL = 0.9  # … or unless at least this share of the held-out text is also in the training text
_BLANKS = re.compile(r"\s{2,}|[^\S ]")  # every run of blanks that is not a single space


class Shares(NamedTuple):
    """Shares of the held-out characters, 0 to 1.

    unseen: code points that are not in the vocabulary.
    copied: text that is also in the training text, in long runs.
    repeated: held-out parts that are equal to the held-out part of an earlier document.
    """

    unseen: float = 0.0
    copied: float = 0.0
    repeated: float = 0.0


def shares(known: Vocabulary, train_texts: Sequence[str], held_out_texts: Sequence[str]) -> Shares:
    """Measure which shares of the held-out parts are unknown, copied and repeated.

    It takes a second for 5 MB, and about seven bytes of memory for each byte of text.
    """
    total = max(1, sum(map(len, held_out_texts)))
    unseen = sum(int(np.count_nonzero(known.encode(text) == known.escape)) for text in held_out_texts)
    return Shares(unseen / total, _copied(train_texts, held_out_texts), _repeated(held_out_texts))


def _copied(train_texts: Sequence[str], held_out_texts: Sequence[str]) -> float:
    parts = [_folded(text) for text in held_out_texts]
    train, held_out = TextIndex.build(map(_folded, train_texts)), TextIndex.build(parts)

    def is_copy(run: str) -> bool:
        """Whether a run is a copy and not a refrain. The middle half decides, as the text around a refrain differs."""
        middle = run[len(run) // 4 : len(run) - len(run) // 4]
        return len(run) >= _LONG_RUN or train.count(middle) + held_out.count(middle) < _HABIT

    found = [(part, list(train.runs(part, max(_SHORT_RUN, min(_RUN, len(part)))))) for part in parts]
    copies = [(part, [run for run in runs if is_copy(part[slice(*run)])]) for part, runs in found]
    total = max(1, sum(map(len, parts)))
    seen = sum(_length(runs) for _, runs in found) / total
    return seen if seen >= _NEARLY_ALL else sum(_length(runs) for _, runs in copies) / total


def _length(runs: list[Run]) -> int:
    """Return how many characters are in at least one of the runs, which are in order and may overlap."""
    length = last = 0
    for start, end in runs:
        length += end - max(start, last)
        last = end
    return length


def _repeated(texts: Sequence[str]) -> float:
    return 1 - sum(map(len, set(texts))) / max(1, sum(map(len, texts)))


def _folded(text: str) -> str:
    """Return a text with each run of blanks as one space, so that other line breaks do not hide a copy."""
    return _BLANKS.sub(" ", text).strip()
