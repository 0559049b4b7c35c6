"""Units worth seeing: those whose hidden state follows something that a reader knows of the text.

Every unit is compared with every feature on held-out text. Of thousands of correlations, some are large by chance. So
all are computed once more, a hundred times, with blocks of the features in another order. What is offered is larger
than anything there: the permutation test maxT of Westfall & Young 1993, for all units and features together.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

import numpy as np

from trainer.contract.answers import UnitsFound
from trainer.data import random_streams
from trainer.engine import setup
from trainer.generation.loaded_model import Model
from trainer.inspection import held_out
from trainer.inspection.cells import Array
from trainer.inspection.features import DOCUMENT, FEATURES
from trainer.inspection.held_out import Part
from trainer.inspection.reader import Reader, pieces

MOST = 24  # units that are offered
_OF_A_FEATURE = 3  # of them
_DOCUMENTS = 8  # whose units are looked for: those with the most held-out text
_LEAST_SHARE, _LEAST_SYMBOLS = 0.002, 20  # of the symbols, a feature is somewhere else than mostly
_LEAST_VARIANCE = 1e-8  # of a unit that is compared
_WARM_UP = 200  # symbols that are read before those that count
_ROWS = 32  # stretches that are read side by side
_BLOCK = 200  # symbols; text further apart has little to do with each other
_SHUFFLES, _AT_ONCE = 100, 10  # one product for several: each reads all hidden states from memory
_EXAMPLE, _STRIDE = 160, 20  # symbols of an example; between the beginnings of two possible ones


class Row(NamedTuple):
    """The values of a feature at every symbol, (symbols,). `document` is the number of the document if it is one."""

    feature: str
    document: int | None
    values: Array


class Match(NamedTuple):
    """A unit that follows a feature: the number of the unit among all layers', and the correlation."""

    row: Row
    unit: int
    correlation: float


def find(model: Model, parts: Sequence[Part], voices: Mapping[str, float] | None = None) -> UnitsFound:
    """Compare the hidden states of a model with the features of held-out texts, all read in these shares of voices."""
    hidden = _hidden(Reader.of(model, held_out.symbols(parts), voices), parts, model.procedure.reach)
    rows = feature_rows(parts)
    units = [_described(match, hidden, parts, model.recipe.units) for match in matches(hidden, rows)]
    characters = sum(int(part.lengths[part.begin :].sum()) for part in parts)
    return UnitsFound(units=units, tested=hidden.shape[1] * len(rows), characters=characters)


# What is compared ------------------------------------------------------------------------------------------------


def _hidden(reader: Reader, parts: Sequence[Part], reach: int | None) -> Array:
    """Return the hidden state of all layers after every held-out symbol, (symbols, layers · units), float32.

    The texts are read in stretches, each from a zero state some symbols before it; those of a network of windows are
    as long as a window.
    """
    total = sum(map(len, parts))
    longest, warm_up = (reach, 0) if reach else (max(_WARM_UP, math.ceil(total / _ROWS)), _WARM_UP)
    stretches, place = [], 0  # the symbols to read, how many of them come before, and the place of the others
    for part in parts:
        for begin, stop in pieces(len(part), math.ceil(len(part) / longest)):
            before = min(warm_up, part.begin + begin)
            stretches.append((part.ids[part.begin + begin - before : part.begin + stop], before, place + begin))
        place += len(part)
    found = np.zeros((total, sum(layer.units for layer in reader.layers)), np.float32)
    stretches.sort(key=lambda stretch: -len(stretch[0]))
    warm_ups, places = (np.array([stretch[column] for stretch in stretches]) for column in (1, 2))

    def read(rows: slice) -> None:
        before, first = warm_ups[rows], places[rows]
        for t, step in enumerate(reader.steps([ids for ids, _, _ in stretches[rows]])):
            hidden = np.concatenate([layer["hidden"] for layer in step], 1)  # (rows, layers · units)
            now = np.flatnonzero(before[: len(hidden)] <= t)
            found[first[now] + t - before[now]] = hidden[now]

    with ThreadPoolExecutor(threads := setup.threads()) as pool:
        list(pool.map(read, (slice(first, None, threads) for first in range(threads))))
    return found


def feature_rows(parts: Sequence[Part]) -> list[Row]:
    """Return the features that the held-out texts have, at every symbol: at its last character."""
    texts = [(part.text, np.cumsum(part.lengths) - 1) for part in parts]
    rows = [
        Row(name, None, _joined([feature(text)[ends] for text, ends in texts], parts))
        for name, feature in FEATURES.items()
    ]
    if len(parts) > 1:
        longest = sorted(parts, key=lambda part: -len(part))[:_DOCUMENTS]
        rows += [
            Row(DOCUMENT, one.document, _joined([np.full(len(part.ids), part is one, float) for part in parts], parts))
            for one in longest
        ]
    return [row for row in rows if _varies(row.values)]


def _joined(values: list[Array], parts: Sequence[Part]) -> Array:
    return np.concatenate([found[part.begin :] for found, part in zip(values, parts, strict=True)])


def _varies(values: Array) -> bool:
    """Whether there is enough text with and without a feature."""
    _, counts = np.unique(values, return_counts=True)
    return len(values) - int(counts.max()) >= max(_LEAST_SYMBOLS, _LEAST_SHARE * len(values))


# The comparison --------------------------------------------------------------------------------------------------


def matches(hidden: Array, rows: Sequence[Row]) -> list[Match]:
    """Return the units that follow a feature better than chance, the strongest first.

    At most MOST are returned, a few for each feature, and each unit once.
    """
    if not rows:
        return []
    features = _standard(np.stack([row.values for row in rows], 1))
    scale = 1 / _lengths(hidden)
    found = features.T @ hidden * scale  # correlations, (features, units)
    bars = _by_chance(hidden, scale, features)
    offered: list[Match] = []
    for place in np.argsort(-np.abs(found), axis=None).tolist():
        feature, unit = divmod(place, hidden.shape[1])
        match = Match(rows[feature], unit, float(found[feature, unit]))
        if abs(match.correlation) > bars[feature] and _is_new(match, offered):
            offered.append(match)
    return offered[:MOST]


def _is_new(match: Match, offered: Sequence[Match]) -> bool:
    alike = sum(other.row is match.row for other in offered)
    return alike < _OF_A_FEATURE and all(other.unit != match.unit for other in offered)


def _standard(values: Array) -> Array:
    """Return columns with mean 0 and length 1, float32."""
    standard: Array = ((values - values.mean(0)) / _lengths(values)).astype(np.float32)
    return standard


def _lengths(values: Array) -> Array:
    """Return the lengths of columns, when their means are subtracted; infinite ones for columns that hardly vary."""
    variances = np.einsum("ij,ij->j", values, values, dtype=np.float64) / len(values)
    variances -= np.square(values.mean(0, dtype=np.float64))
    varies = variances > _LEAST_VARIANCE
    return np.where(varies, np.sqrt(len(values) * np.where(varies, variances, 1)), np.inf)


def _by_chance(hidden: Array, scale: Array, features: Array) -> Array:
    """Return for each feature a correlation that no unit reaches by chance, (features,).

    Some features reach more by chance than others: those that are rare, or change slowly. So the largest correlation of
    each feature is divided by what it usually is. The largest of these quotients is the bar for all features.

    Blocks keep what follows from one symbol to the next. They are shifted too, since a text may repeat itself at equal
    distances, as lines of equal length do.
    """
    random = random_streams.generator(0, "units")
    largest = np.zeros((_SHUFFLES, features.shape[1]))
    for begin in range(0, _SHUFFLES, _AT_ONCE):
        shuffled = np.concatenate([features[_order(random, len(features))] for _ in range(_AT_ONCE)], 1)
        found = np.abs(shuffled.T @ hidden * scale).max(1)
        largest[begin : begin + _AT_ONCE] = found.reshape(_AT_ONCE, -1)
    usual = np.maximum(largest.mean(0), _LEAST_VARIANCE)
    bars: Array = usual * (largest / usual).max()
    return bars


def _order(random: np.random.Generator, count: int) -> Array:
    """Return the numbers below `count`, in shifted blocks in a random order."""
    blocks = pieces(count, max(2, count // _BLOCK))
    shifted = np.roll(np.arange(count), random.integers(count))
    return np.concatenate([shifted[slice(*blocks[block])] for block in random.permutation(len(blocks))])


# What is shown ---------------------------------------------------------------------------------------------------


def _described(match: Match, hidden: Array, parts: Sequence[Part], units: int) -> dict[str, Any]:
    layer, unit = divmod(match.unit, units)
    return {
        "layer": layer,
        "unit": unit,
        "feature": match.row.feature,
        "document": match.row.document,
        "strength": round(abs(match.correlation), 4),
        "positive": match.correlation > 0,
        "example": _example(match, hidden[:, match.unit], parts),
    }


def _example(match: Match, values: Array, parts: Sequence[Part]) -> dict[str, Any]:
    """Return the stretch of the text where the unit follows the feature most clearly."""
    agreement = _agreement(values.astype(float) * np.sign(match.correlation), match.row.values)
    part, first, begin, stop = max(_stretches(parts), key=lambda place: agreement(*place[2:]))
    symbols = part.pieces[part.begin + begin - first : part.begin + stop - first]
    return {
        "text": "".join(symbols),
        "symbols": symbols,
        "values": values[begin:stop].astype(float).round(3).tolist(),
        "feature": match.row.values[begin:stop].round(3).tolist(),
    }


def _stretches(parts: Sequence[Part]) -> Iterator[tuple[Part, int, int, int]]:
    """Yield possible examples: the part, the place of its first symbol among all, and the begin and end among all."""
    first = 0
    for part in parts:
        for begin in range(0, max(1, len(part) - _EXAMPLE + 1), _STRIDE):
            yield part, first, first + begin, first + min(len(part), begin + _EXAMPLE)
        first += len(part)


def _agreement(values: Array, feature: Array) -> Callable[[int, int], float]:
    """Return a function that returns the covariance of both in a stretch, from its begin to its end."""
    sums = [np.concatenate([[0.0], np.cumsum(array)]) for array in (values * feature, values, feature)]

    def covariance(begin: int, stop: int) -> float:
        together, one, other = ((sum_[stop] - sum_[begin]) / (stop - begin) for sum_ in sums)
        return float(together - one * other)

    return covariance


# For people ------------------------------------------------------------------------------------------------------


def table(found: UnitsFound) -> str:
    """Return a line for each unit, with the name by which `sample --hold` knows it."""
    lines = [
        f"{unit['layer']}:{unit['unit']}  {unit['feature']}{_number(unit['document'])}  "
        f"{'+' if unit['positive'] else '-'}{unit['strength']:.2f}"
        for unit in found.units
    ]
    lines = lines or ["No unit follows anything that was looked for more closely than chance."]
    return "\n".join([*lines, f"{found.tested:,} comparisons on {found.characters:,} characters of held-out text"])


def _number(document: int | None) -> str:
    return "" if document is None else f" {document + 1}"
