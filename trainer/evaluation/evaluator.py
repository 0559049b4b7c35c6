"""The evaluation of a model: its losses on held-out text, and its score compared with the baselines.

`carried` reads the held-out part of a document once, with the state carried from its start to its end. `cold` reads
windows of 256 characters, each from a zero state. All figures are in nats per Unicode character, at both levels: the
sum of the losses of the symbols, divided by the number of their characters. Text that is cut at a number of characters
is cut between symbols: a symbol across the cut belongs to the piece where it ends.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from trainer.contract.held_out import COLD_WINDOW
from trainer.data.corpus import Corpus, HeldOut
from trainer.engine import processor
from trainer.engine.losses import ROWS, WINDOW_ROWS, LossReader
from trainer.engine.network import Network
from trainer.evaluation import mixture, verdicts
from trainer.evaluation.baselines import baselines
from trainer.text import voices

_WARM_UP = 256  # characters that a stream reads before the characters whose losses count
_CARRIED_LIMIT = 200_000  # characters that are read one after the other; longer parts are read in several streams
_SCORED_LIMIT = 400_000  # characters that a score reads, at most
_WINDOW_LIMIT = 12_000  # windows, at most; each is as much work as fifty characters


class Evaluator(Protocol):
    """Reads held-out parts. `carried` and `cold` return the loss of every symbol of a part, (symbols,).

    The carried loss is None if the network carries no state.
    """

    def quick(self, parts: list[HeldOut], limit: int) -> tuple[float | None, float]:
        """Return the mean losses carried and cold over the first halves of the parts.

        If they are longer than `limit` characters, about as many are read, evenly spread over all of them.
        """

    def carried(self, part: HeldOut) -> np.ndarray | None: ...

    def cold(self, part: HeldOut) -> np.ndarray: ...

    def mixture(self, corpus: Corpus, order: int) -> dict[str, Any] | None:
        """Return the fitted mixture with the n-grams of this order, if there is one: see `mixture.fitted`."""


class StreamEvaluator:
    """The evaluator for a network that carries its state."""

    def __init__(self, network: Network, escape_floor: float) -> None:
        self._reader = LossReader(network, escape_floor)
        self._network = network

    def quick(self, parts: list[HeldOut], limit: int) -> tuple[float | None, float]:
        spans = _first_halves(parts)
        if _characters(spans) > limit:
            length = COLD_WINDOW * max(1, limit // (COLD_WINDOW * ROWS))
            spans = pieces = _stretches(spans, max(1, min(ROWS, limit // length)), length)
        else:
            pieces = _cut(spans, max(COLD_WINDOW, math.ceil(_characters(spans) / ROWS)))
        total = _characters(spans)
        carried = self._read(pieces, _WARM_UP)
        cold = self._read(_cut(spans, COLD_WINDOW), 0)
        return _per_character(carried, total), _per_character(cold, total)

    def carried(self, part: HeldOut) -> np.ndarray:
        if part.characters > _CARRIED_LIMIT:
            pieces = _cut([(part, 0, len(part))], part.characters // ROWS + 1)
            return np.concatenate(self._read(pieces, 4 * _WARM_UP))
        previous = voices.spoken(part.ids[part.context - 1 : -1], part.voice)
        return self._reader.one_by_one(previous, part.ids[part.context :])

    def cold(self, part: HeldOut) -> np.ndarray:
        return np.concatenate(self._read(_cut([(part, 0, len(part))], COLD_WINDOW), 0))

    def mixture(self, corpus: Corpus, order: int) -> dict[str, Any] | None:
        return mixture.fitted(self._reader, corpus, order)

    def _read(self, spans: list["Span"], warm_up: int) -> list[np.ndarray]:
        """Read spans, ROWS at one time, each from a zero state about `warm_up` characters before it."""
        losses: list[np.ndarray] = []
        for first in range(0, len(spans), ROWS):
            losses += self._read_rows(spans[first : first + ROWS], warm_up)
        return losses

    def _read_rows(self, spans: list["Span"], warm_up: int) -> list[np.ndarray]:
        begins = [int(part.place(max(0, part.offsets[start] - warm_up))) for part, start, _ in spans]
        longest = max(stop - begin for (_, _, stop), begin in zip(spans, begins, strict=True))
        time = self._reader.time
        rows = np.zeros((ROWS, math.ceil(longest / time) * time + 1), np.int32)
        for row, (part, _, stop), begin in zip(rows, spans, begins, strict=False):
            row[: stop - begin + 1] = part.ids[part.context + begin - 1 : part.context + stop]
        of_rows = np.zeros((ROWS, 1), np.int32)
        of_rows[: len(spans), 0] = [part.voice for part, _, _ in spans]
        inputs = voices.spoken(rows, of_rows)
        states = self._network.zero_states(ROWS)
        read = []
        for start in range(0, longest, time):
            stop = start + time
            values, states = self._reader.side_by_side(inputs[:, start:stop], rows[:, start + 1 : stop + 1], states)
            read.append(values.numpy())
        losses = np.concatenate(read, 1)  # (ROWS, at least longest)
        return [
            losses[index, start - begin : stop - begin]
            for index, ((_, start, stop), begin) in enumerate(zip(spans, begins, strict=True))
        ]


class WindowEvaluator:
    """The evaluator for a network of windows. It predicts every symbol from a window as long as a training sequence."""

    def __init__(self, network: Network, escape_floor: float) -> None:
        self._reader = LossReader(network, escape_floor)
        self._window = network.recipe.sequence

    def quick(self, parts: list[HeldOut], limit: int) -> tuple[float | None, float]:
        spans = _first_halves(parts)
        if _characters(spans) > limit:
            spans = _stretches(spans, limit // WINDOW_ROWS, WINDOW_ROWS)
        return None, _per_character([self._read(*span) for span in spans], _characters(spans))

    def carried(self, part: HeldOut) -> None:
        return None

    def cold(self, part: HeldOut) -> np.ndarray:
        """Read the part. Of a long part, read evenly spaced stretches, and repeat their losses to its length."""
        if len(part) <= _WINDOW_LIMIT:
            return self._read(part, 0, len(part))
        starts = np.linspace(0, len(part) - WINDOW_ROWS, _WINDOW_LIMIT // WINDOW_ROWS).astype(int)
        read = np.concatenate([self._read(part, start, start + WINDOW_ROWS) for start in starts])
        spread: np.ndarray = read[np.linspace(0, len(read) - 1, len(part)).astype(int)]
        return spread

    def mixture(self, corpus: Corpus, order: int) -> None:
        return None

    def _read(self, part: HeldOut, start: int, stop: int) -> np.ndarray:
        before = part.ids[: part.context]
        before = before[-self._window :] if len(before) >= self._window else np.resize(before, self._window)
        read = np.concatenate([before, part.ids[part.context :]])
        windows = np.lib.stride_tricks.sliding_window_view(read, self._window + 1)[start:stop]
        losses = []
        for first in range(0, len(windows), WINDOW_ROWS):
            rows = np.zeros((WINDOW_ROWS, self._window + 1), np.int32)
            chosen = windows[first : first + WINDOW_ROWS]
            rows[: len(chosen)] = chosen
            losses.append(self._reader.windows(rows[:, :-1], rows[:, -1]).numpy()[: len(chosen)])
        return np.concatenate(losses)


Span = tuple[HeldOut, int, int]  # a part, and the begin and end of the symbols in it whose losses count


def _characters(spans: list[Span]) -> int:
    return int(sum(part.offsets[stop] - part.offsets[start] for part, start, stop in spans))


def _per_character(losses: list[np.ndarray], characters: int) -> float:
    joined = np.concatenate(losses)
    return float(joined.mean()) * (len(joined) / characters)


def _first_halves(parts: list[HeldOut]) -> list[Span]:
    """Return all first halves; if no part has one, return the whole parts."""
    return [(part, 0, part.half) for part in parts if part.half] or [(part, 0, len(part)) for part in parts]


def _stretches(spans: list[Span], count: int, length: int) -> list[Span]:
    """Return about `count` stretches of `length` characters, evenly spread. If documents are shorter, return more."""
    pieces = _cut(spans, math.ceil(_characters(spans) / count))
    shortest = min(length, _characters(spans) / len(pieces))
    wanted = min(len(pieces), math.ceil(count * length / shortest))
    chosen = np.linspace(0, len(pieces) - 1, wanted).round().astype(int)
    return [_beginning(pieces[index], length) for index in chosen]


def _beginning(span: Span, length: int) -> Span:
    """Return the beginning of a span, at most `length` characters but at least one symbol."""
    part, start, stop = span
    return part, start, max(start + 1, min(stop, int(part.place(part.offsets[start] + length))))


def _cut(spans: list[Span], length: int) -> list[Span]:
    """Cut spans into pieces of about `length` characters, which consist of whole symbols."""
    pieces: list[Span] = []
    for part, start, stop in spans:
        begins = part.place(np.arange(part.offsets[start], part.offsets[stop], length))
        edges = np.unique([*begins, stop]).tolist()
        pieces += [(part, begin, end) for begin, end in pairwise(edges)]
    return pieces


# The score ------------------------------------------------------------------------------------------------------


def score(evaluator: Evaluator, corpus: Corpus, voice_names: Sequence[str] = ()) -> dict[str, Any]:
    """Return the figures and the verdict of `score --json`, without `earlier`, which only the training knows.

    `voice_names` are those of the recipe.
    """
    parts, note = _readable(corpus.held_out)
    carried = [evaluator.carried(part) for part in parts]
    held_out = _held_out_figures(evaluator, parts, carried)
    of_voices = _voice_figures(evaluator, parts, carried, voice_names)
    processor.give_memory_back()  # because the baselines of a long text need about 100 MB
    found = baselines(corpus.train_texts, corpus.held_out_texts).to_json()
    mixed = evaluator.mixture(corpus, found["ngram_order"])
    return {
        "held_out": held_out,
        "baselines": found,
        "characters": corpus.characters,
        "held_out_characters": sum(part.characters for part in corpus.held_out),
        "held_out_shares": corpus.shares._asdict(),
        "held_out_note": note,
        "judged": verdicts.is_judged(corpus.characters, corpus.shares),
        "verdict": verdicts.verdict(held_out["whole"], found, corpus.characters, corpus.shares),
        **({"voices": of_voices} if of_voices else {}),
        **({"mixture": mixed} if mixed else {}),
    }


def _readable(parts: list[HeldOut]) -> tuple[list[HeldOut], str]:
    """Return parts that can be read in reasonable time, and a note if they are shortened."""
    total = sum(part.characters for part in parts)
    if total <= _SCORED_LIMIT:
        return parts, ""
    note = f"The held-out part is long: the model read {_SCORED_LIMIT:,} characters around its middle."
    return [part.middle(_SCORED_LIMIT / total) for part in parts if part.half], note


def _held_out_figures(
    evaluator: Evaluator, parts: list[HeldOut], carried: Sequence[np.ndarray | None]
) -> dict[str, dict[str, float | None]]:
    cold = [evaluator.cold(part) for part in parts]
    return {
        name: {"carried": _mean(carried, parts, pick), "cold": _mean(cold, parts, pick)}
        for name, pick in _PARTS.items()
    }


def _voice_figures(
    evaluator: Evaluator, parts: list[HeldOut], carried: Sequence[np.ndarray | None], names: Sequence[str]
) -> list[dict[str, Any]]:
    """Return for each voice its losses with a carried state, read in this voice and without one."""
    found = []
    for number, name in enumerate(names, 1):
        read = [(part, losses) for part, losses in zip(parts, carried, strict=True) if part.voice == number]
        if not read:
            continue
        own, spoken = [part for part, _ in read], [losses for _, losses in read]
        without = [evaluator.carried(replace(part, voice=voices.MEAN)) for part in own]
        figures = {"with": _mean(spoken, own, _whole), "without": _mean(without, own, _whole)}
        found.append({"name": name, "characters": sum(part.characters for part in own), **figures})
    return found


def _whole(part: HeldOut) -> slice:
    return slice(None)


_PARTS: dict[str, Callable[[HeldOut], slice]] = {
    "whole": _whole,
    "first_half": lambda part: slice(None, part.half),
    "second_half": lambda part: slice(part.half, None),
}


def _mean(losses: Sequence[np.ndarray | None], parts: list[HeldOut], pick: Callable[[HeldOut], slice]) -> float | None:
    read = [
        (loss[pick(part)], int(part.lengths[pick(part)].sum()))
        for loss, part in zip(losses, parts, strict=True)
        if loss is not None
    ]
    values = np.concatenate([np.zeros(0, np.float32), *(values for values, _ in read)])
    characters = sum(characters for _, characters in read)
    return float(values.mean(dtype=np.float64)) * (len(values) / characters) if characters else None
