"""The memory of a network: how far back its predictions depend on what it has read, measured on held-out text.

Two measures: the gradient of the loss with respect to the states some steps before (it vanishes: Hochreiter 1991;
Bengio, Simard & Frasconi 1994), and the loss where all that is further back than some characters is hidden.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from trainer.contract.answers import MemoryMeasured
from trainer.engine import setup
from trainer.generation.loaded_model import Model
from trainer.inspection import held_out
from trainer.inspection.cells import Array, State
from trainer.inspection.held_out import Part
from trainer.inspection.reader import Reader, States, pieces
from trainer.text.vocabulary import SPELLING_NATS

Each = Callable[..., Iterable[Any]]  # applies a function to each of some values: `map`, or that of a pool of threads

STEPS = 200  # back from a prediction, over which gradients are followed
CONTEXTS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1_000)  # characters that are not hidden
_WARM_UP = 128  # symbols that are read before those steps, so that the states are usual ones
_PLACES = 32  # predictions whose gradients are averaged
_SIDE_BY_SIDE = 16  # of them; the activations of two layers of 384 units then take 80 MB
_PREDICTED = 1_200  # symbols that are predicted with each context
_STRETCH = 200  # of them in a row
_ROWS = 1_024  # contexts that are read side by side
_LARGEST = 1e38
_LOGITS_AT_ONCE = 8_000_000


def measure(model: Model, parts: Sequence[Part], voices: Mapping[str, float] | None = None) -> MemoryMeasured:
    """Measure the memory of a model on held-out texts, all read in these shares of voices."""
    reader = Reader.of(model, held_out.symbols(parts), voices)
    contexts = _Contexts(model, reader, parts)
    with ThreadPoolExecutor(setup.threads()) as pool:
        places, gradient = _gradient(reader, parts, model.procedure.reach, pool.map)
        context = contexts.losses(pool.map)
    return MemoryMeasured(gradient=gradient, context=context, places=places, predicted=contexts.characters)


# The gradient ----------------------------------------------------------------------------------------------------


def _gradient(
    reader: Reader, parts: Sequence[Part], reach: int | None, each: Each = map
) -> tuple[int, dict[str, list[Any]]]:
    """Return the number of predictions, and for each kind of state [steps back, mean norm of the gradient]….

    The norm is over the units of all layers. The loss is that of one symbol, in nats.
    """
    windows = _windows(parts, min(reach or math.inf, _WARM_UP + STEPS + 1))  # (symbols read, and one more, places)
    steps = min(STEPS + 1, len(windows) - 1)
    places = windows.shape[1]
    some = [windows[:, begin : begin + _SIDE_BY_SIDE] for begin in range(0, places, _SIDE_BY_SIDE)]
    norms = list(each(lambda part: _norms(reader, part, steps), some))
    return places, {
        name: [[back, _short(size)] for back, size in enumerate(_mean([part[name] for part in norms]))]
        for name in norms[0]
    }


def _mean(norms: list[Array]) -> list[float]:
    """Return the means over all rows of norms (steps, rows), the last step first."""
    means: list[float] = np.concatenate(norms, 1).mean(1)[::-1].tolist()
    return means


def _windows(parts: Sequence[Part], most: float) -> Array:
    """Return the numbers of symbols that end with held-out ones, evenly spread, (at most `most` + 1, places).

    There are fewer symbols where half of the held-out ones have fewer before them.
    """
    reaching = np.sort(np.concatenate([np.arange(part.begin, len(part.ids)) + 1 for part in parts]))
    length = int(min(most + 1, reaching[len(reaching) // 2]))
    ends = [
        (part, end) for part in parts for end in range(max(part.begin + 1, length), len(part.ids) + 1)
    ]  # after the symbol whose loss counts
    chosen = np.unique(np.linspace(0, len(ends) - 1, min(_PLACES, len(ends))).round().astype(int)).tolist()
    return np.stack([part.ids[end - length : end] for part, end in map(ends.__getitem__, chosen)], 1)


def _norms(reader: Reader, windows: Array, steps: int) -> dict[str, Array]:
    """Return the norms of the gradients with respect to the states of the last steps, (steps, rows), the last one last.

    windows: the symbols to read, and the predicted one, (time + 1, rows).
    """
    warm_up, read_ids = windows[: -1 - steps], windows[-1 - steps : -1]
    before = _after(reader, warm_up)
    read = reader.read(read_ids, before)
    expected = reader.log_probabilities(reader.output(read)[-1])
    gradients = reader.backward(read_ids, read, before, reader.gradient_at_output(expected, windows[-1]))
    return {
        name: np.sqrt(sum(np.square(layer.states[name].astype(float)).sum(-1) for layer in gradients))
        for name in reader.layers[0].states
    }


def _after(reader: Reader, ids: Array) -> States:
    """Return the states after ids (time, rows), which may be none."""
    states: list[State] = reader.zero(ids.shape[1])
    for step in reader.steps(list(ids.T)):
        states = [layer.state(activations) for layer, activations in zip(reader.layers, step, strict=True)]
    return states


def _short(number: float) -> float:
    """Return a number with five digits, as it is sent. A gradient that overflowed is as large as a number can be."""
    return float(f"{min(number, _LARGEST) if math.isfinite(number) else _LARGEST:.5g}")


# The context -----------------------------------------------------------------------------------------------------


class _Row(NamedTuple):
    """Symbols that are read from a zero state, and those that are predicted after each of the last of them."""

    read: Array
    targets: Array
    context: int  # the number of the context


class _Contexts:
    """The losses of the same symbols with contexts of several lengths."""

    def __init__(self, model: Model, reader: Reader, parts: Sequence[Part]) -> None:
        self._vocabulary, self._reader, self._reach = model.vocabulary, reader, model.procedure.reach
        symbol = sum(int(part.lengths[part.begin :].sum()) for part in parts) / sum(map(len, parts))  # characters
        symbols = {round(context / symbol): context for context in CONTEXTS}
        self._contexts = sorted((count, context) for count, context in symbols.items() if self._fits(count, parts))
        self._stretches = list(self._chosen(parts))

    def _fits(self, symbols: int, parts: Sequence[Part]) -> bool:
        """Whether so many symbols are before at least half of the held-out ones, and are no more than are ever read."""
        have = sum(max(0, len(part.ids) - max(part.begin, symbols)) for part in parts)
        return 1 <= symbols <= (self._reach or math.inf) and 2 * have >= sum(map(len, parts))

    def _chosen(self, parts: Sequence[Part]) -> Iterator[tuple[Part, int, int]]:
        """Yield stretches of held-out symbols, evenly spread, that all have the longest context before them."""
        longest = self._contexts[-1][0] if self._contexts else 1
        found = []
        for part in parts:
            first = max(part.begin, longest)
            length = len(part.ids) - first
            cut = pieces(length, math.ceil(length / _STRETCH)) if length > 0 else []
            found += [(part, first + begin, first + stop) for begin, stop in cut]
        average = sum(stop - begin for _, begin, stop in found) / max(1, len(found))
        count = min(len(found), math.ceil(_PREDICTED / max(1, average)))
        yield from (found[place] for place in np.linspace(0, len(found) - 1, count).round().astype(int).tolist())

    @property
    def characters(self) -> int:
        """The number of characters that are predicted with each context."""
        return sum(int(self._vocabulary.lengths[part.ids[a:b]].sum()) for part, a, b in self._stretches)

    def losses(self, each: Each = map) -> list[list[float]]:
        """Return [characters of context, nats per character]…."""
        sums = sum(each(self._sums, self._groups()))
        found = zip(self._contexts, np.atleast_1d(sums).tolist(), strict=False)
        return [[context, round(total / self.characters, 5)] for (_, context), total in found]

    def _groups(self) -> Iterator[list[_Row]]:
        """Yield the rows in groups, the longest rows first. A group takes about as long as another, or less."""
        rows = sorted(self._rows(), key=lambda row: -len(row.read))
        most = sum(len(row.read) for row in rows) / setup.threads()
        ends = np.cumsum([len(row.read) for row in rows])
        first = 0
        while first < len(rows):
            last = int(np.searchsorted(ends, ends[first] + most)) + 1
            last = min(max(first + 1, last), first + _ROWS)
            yield rows[first:last]
            first = last

    def _rows(self) -> Iterator[_Row]:
        """Yield for each context rows that predict all symbols.

        A row predicts several in succession, so their contexts are up to a quarter longer; windows have the length that
        the network reads.
        """
        for number, (symbols, _) in enumerate(self._contexts):
            several = 1 if self._reach else 1 + symbols // 4
            for part, first, last in self._stretches:
                for begin in range(first, last, several):
                    stop = min(begin + several, last)
                    yield _Row(part.ids[begin - symbols : stop - 1], part.ids[begin:stop], number)

    def _sums(self, rows: list[_Row]) -> Array:
        """Return for each context the sum of the losses of its rows, of which the longest come first."""
        firsts = np.array([len(row.read) - len(row.targets) for row in rows])  # steps before the first prediction
        kept: list[tuple[Array, Array, Array]] = []
        for t, step in enumerate(self._reader.steps([row.read for row in rows])):
            hidden = self._reader.output(step)
            now = np.flatnonzero(firsts[: len(hidden)] <= t)
            targets = np.array([rows[row].targets[t - firsts[row]] for row in now], np.int64)
            kept.append((hidden[now], targets, np.array([rows[row].context for row in now], np.int64)))
        hidden, targets, contexts = (np.concatenate(arrays) for arrays in zip(*kept, strict=True))
        sums = np.zeros(len(self._contexts))
        at_once = max(1, _LOGITS_AT_ONCE // self._vocabulary.size)
        for begin in range(0, len(targets), at_once):
            some = slice(begin, begin + at_once)
            np.add.at(sums, contexts[some], self._losses(hidden[some], targets[some]))
        return sums

    def _losses(self, hidden: Array, targets: Array) -> Array:
        """Return the losses of symbols in nats, as a score counts them: see `engine.losses`."""
        expected = np.take_along_axis(self._reader.log_probabilities(hidden), targets[:, None], 1)[:, 0].astype(float)
        floor = self._vocabulary.escape_floor
        escaped = SPELLING_NATS - np.log(np.exp(expected) + floor)
        return np.where(targets == self._vocabulary.escape, escaped, -expected - math.log1p(-floor))


# For people ------------------------------------------------------------------------------------------------------


def table(found: MemoryMeasured) -> str:
    """Return the measurements for people."""
    lines = [f"Gradient of the loss, by steps back (mean of {found.places} places):"]
    for name, sizes in found.gradient.items():
        shown = [f"{back}: {size:.2g}" for back, size in sizes if back in (0, *CONTEXTS)]
        lines.append(f"  {name} state  " + "  ".join(shown))
    lines.append(f"Nats per character, by characters of context ({found.predicted:,} characters predicted):")
    lines.append("  " + "  ".join(f"{context}: {loss:.3f}" for context, loss in found.context))
    return "\n".join(lines)
