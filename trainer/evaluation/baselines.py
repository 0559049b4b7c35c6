"""Baselines for a network: how well n-grams and a compressor predict the same held-out text.

The n-grams have interpolated Witten-Bell smoothing; the compressor is xz. Their figures are in nats per Unicode code
point of the held-out text. Both learn from the training text only.
"""

import lzma
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trainer.contract.wording import counted
from trainer.data.corpus import BASELINE_CHARACTERS, last_characters
from trainer.engine import processor
from trainer.evaluation import counted_passage

ORDERS = 6
READ = BASELINE_CHARACTERS  # how much of the end of the training text is read: characters for n-grams, bytes for xz
CODE_POINTS = 0x110000

Ids = NDArray[np.int32]  # numbers of n-grams; negative where there is none
Symbols = NDArray[np.signedinteger]  # indices in the alphabet, in the smallest type; negative where there is none
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

UNSEEN, SEPARATOR = -1, -2  # symbols that are not in the alphabet
BLOCK = 1 << 16  # places that are processed at one time; this limits the memory
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Baselines:
    """Figures in nats per held-out character."""

    ngram: float  # of the best order
    ngram_order: int  # the best order: order 5 predicts a character from the four before it
    ngram_orders: tuple[float, ...]  # of orders 1 to 6
    xz: float
    characters_read: int  # how much of the training text the n-grams read
    note: str  # a sentence if not all of it was read, else empty
    passage: str  # what the n-grams of the best order write by themselves

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def baselines(train: Sequence[str], held_out: Sequence[str]) -> Baselines:
    """Measure how well the baselines predict the held-out parts after they read the training parts.

    Of long texts, the last 5,000,000 characters of the training parts are read (xz: bytes). This takes 4 s for the
    n-grams, 4 s for xz (9 s for Chinese), and about 100 MB, on one core of a server. Raises ValueError if nothing is
    held out.
    """
    characters = sum(map(len, held_out))
    if characters == 0:
        raise ValueError("Nothing is held out, so there is nothing to measure on.")
    read = _readable(train)
    orders = [float(nats.sum()) / characters for nats in ngram_nats(read, held_out)]
    best = min(orders)
    order = orders.index(best) + 1
    processor.give_memory_back()
    return Baselines(
        ngram=best,
        ngram_order=order,
        ngram_orders=tuple(orders),
        xz=xz_nats(train, held_out),
        characters_read=sum(map(len, read)),
        note=_note(train, read),
        passage=counted_passage.passage(read, order),
    )


def _note(train: Sequence[str], read: Sequence[str]) -> str:
    characters = sum(map(len, read))
    if characters == sum(map(len, train)) and sum(len(text.encode()) for text in train) <= READ:
        return ""
    return (
        f"The text is long: the n-grams learned from its last {counted(characters, 'character')}, "
        f"xz from its last {READ:,} bytes."
    )


def _readable(train: Sequence[str]) -> list[str]:
    """Return the end of the text: at most READ characters, and not more than fit into the packed keys of `_count`."""
    read = last_characters(train, READ)
    alphabet = len(set().union(*read))
    return last_characters(read, math.isqrt(LARGEST // max(1, alphabet)))  # shorter than READ from 368,000 symbols on


def xz_nats(train: Sequence[str], held_out: Sequence[str]) -> float:
    """Return by how much held-out text increases a compressed size, in nats per character.

    This is the size of training text and held-out text compressed together, minus that of the training text alone. Of
    equal held-out parts only one counts, because the others would add almost nothing.
    """
    seen = "".join(last_characters(train, READ)).encode()[-READ:]
    new = "".join(dict.fromkeys(held_out))
    added = _compressed_size(seen + new.encode()) - _compressed_size(seen)
    return added * 8 * math.log(2) / len(new)


def _compressed_size(data: bytes) -> int:
    # The preset has a dictionary of 64 MiB, which would take 670 MB of memory even for short data.
    dictionary = max(4096, len(data))
    settings = {"preset": 9 | lzma.PRESET_EXTREME, "dict_size": dictionary}
    filters = [{"id": lzma.FILTER_LZMA2, **settings}]
    return len(lzma.compress(data, lzma.FORMAT_RAW, filters=filters))


# n-grams -----------------------------------------------------------------------------------------


def ngram_nats(train: Sequence[str], held_out: Sequence[str]) -> Iterator[Floats]:
    """Yield, for orders 1 to 6, the cost in nats of each held-out character.

    Interpolated Witten-Bell smoothing (Witten and Bell 1991, method C; Chen and Goodman 1999):

        p_n(x | h) = (c(h, x) + T(h) p_{n-1}(x | h')) / (c(h) + T(h))

    Here c(h, x) is the count of x after the context h of n - 1 characters, c(h) is the count of h followed by any
    character, T(h) is the number of different characters after h, and h' is h without its first character. After a
    context that the training text does not have, p_n = p_{n-1}. The last is p_0 = 1 / (alphabet + 1). The 1 is for the
    escape: a character that the training text does not have costs the escape and then ln 0x110000, to name it among all
    code points.

    Contexts do not cross documents. A held-out part begins without a context, as the network's score of it begins from
    a zero state. The held-out text does not change the counts.
    """
    alphabet = sorted(set().union(*train))
    symbols, tested = _symbols(train, alphabet), _symbols(held_out, alphabet)
    probabilities = np.full(len(tested), 1 / (len(alphabet) + 1))
    ids, tested_ids = (np.zeros(len(read), np.int32) for read in (symbols, tested))  # all have the empty context
    for order in range(1, ORDERS + 1):
        if order > 1:
            _move_on(ids)
            _move_on(tested_ids)
        counts = _count(ids, symbols, len(alphabet))
        _interpolate(counts, tested_ids, tested, probabilities)
        del counts  # frees its memory before the next counts are made
        nats = -np.log(probabilities)
        nats[tested == UNSEEN] += math.log(CODE_POINTS)
        yield nats[tested != SEPARATOR]


def _symbols(documents: Sequence[str], alphabet: list[str]) -> Symbols:
    """Return the characters' indices in the alphabet, a SEPARATOR after each document: (characters + documents,)."""
    smallest = np.int16 if len(alphabet) < 1 << 15 else np.int32
    table = np.full(CODE_POINTS, UNSEEN, smallest)
    table[list(map(ord, alphabet))] = np.arange(len(alphabet))
    parts = [np.zeros(0, smallest)]
    for document in documents:
        codes = np.frombuffer(document.encode("utf-32-le", "surrogatepass"), "<u4")
        parts += [table[codes], np.array([SEPARATOR], smallest)]
    return np.concatenate(parts)


def _move_on(ids: Ids) -> None:
    """Turn n-grams into contexts: the n-gram that ends at a place becomes the context of the next place."""
    ids[1:] = ids[:-1]
    ids[:1] = UNSEEN


@dataclass(frozen=True)
class _Counts:
    """The n-grams of one order, sorted, so that all n-grams of one context are next to each other."""

    keys: Integers  # (n-grams,): context * alphabet + symbol
    starts: Ids  # (n-grams + 1,): how many occurrences come before those of each n-gram
    alphabet: int


def _count(ids: Ids, symbols: Symbols, alphabet: int) -> _Counts:
    """Count n-grams. In `ids`, replace the context of each place by the n-gram that ends there.

    The number of an n-gram is its rank, and not a power of the alphabet's size, so that any alphabet fits. The place is
    packed into the low digits of its key, so that one sort gives both the order and the places. As arrays are
    overwritten, this takes only 15 to 20 bytes per character.
    """
    places = len(symbols)
    outside = (ids < 0) | (symbols < 0)
    packed = ids.astype(np.int64)  # (places,)
    packed *= alphabet
    packed += symbols
    packed *= places
    for start in range(0, places, BLOCK):
        packed[start : start + BLOCK] += np.arange(start, min(places, start + BLOCK))
    packed[outside] = LARGEST
    known = places - int(np.count_nonzero(outside))
    del outside
    packed.sort()
    starts = _rank(packed[:known], places, ids)
    packed.resize(len(starts) - 1, refcheck=False)  # only the keys stay; no view of the array is left
    return _Counts(packed, starts, alphabet)


def _rank(packed: Integers, places: int, ids: Ids) -> Ids:
    """Write the rank of each place's key among the different keys to `ids`. Return where each key begins.

    The different keys, sorted, are written to the front of `packed`. Writing never gets ahead of reading.
    """
    ids.fill(UNSEEN)
    starts, count, last = [], 0, -1
    for start in range(0, len(packed), BLOCK):
        keys, positions = np.divmod(packed[start : start + BLOCK], places)
        new = np.diff(keys, prepend=last) != 0
        ids[positions] = count - 1 + np.cumsum(new, dtype=np.int32)
        last = int(keys[-1])
        starts.append(start + np.flatnonzero(new).astype(np.int32))
        packed[count : count + len(starts[-1])] = keys[new]
        count += len(starts[-1])
    return np.concatenate([*starts, np.array([len(packed)], np.int32)])


def _interpolate(counts: _Counts, ids: Ids, symbols: Symbols, probabilities: Floats) -> None:
    """Replace each place's p_{n-1} by p_n, and its context by the n-gram that ends there."""
    for start in range(0, len(symbols), BLOCK):
        part = slice(start, start + BLOCK)
        _interpolate_block(counts, ids[part], symbols[part], probabilities[part])


def _interpolate_block(counts: _Counts, ids: Ids, symbols: Symbols, probabilities: Floats) -> None:
    keys, starts = counts.keys, counts.starts
    known = np.flatnonzero(ids >= 0)
    wanted = ids[known] * np.int64(counts.alphabet) + symbols[known]
    lowest = ids[known] * np.int64(counts.alphabet)
    first = np.searchsorted(keys, lowest)
    last = np.searchsorted(keys, lowest + counts.alphabet)
    at = np.searchsorted(keys, wanted)
    found = (symbols[known] >= 0) & (at < last)
    found[found] = keys[at[found]] == wanted[found]
    count = np.zeros(len(known))  # c(h, x)
    count[found] = starts[at[found] + 1] - starts[at[found]]
    kinds = last - first  # T(h)
    total = starts[last] - starts[first]  # c(h)
    shorter = probabilities[known]
    longer = (count + kinds * shorter) / np.maximum(total + kinds, 1)
    probabilities[known] = np.where(total > 0, longer, shorter)
    ids.fill(UNSEEN)
    ids[known[found]] = at[found]
