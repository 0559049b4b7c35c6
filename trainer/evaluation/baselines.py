"""Baselines: what counting letters and a compressor make of the same text, to judge a network by.

n-grams with interpolated Witten-Bell smoothing, and xz: in nats per Unicode code point of the
held-out text, after learning from the training text alone.
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

ORDERS = 6
READ = BASELINE_CHARACTERS  # the last of the training text: characters for n-grams, bytes for xz
CODE_POINTS = 0x110000

Ids = NDArray[np.int32]  # of n-grams; negative where there is none
Symbols = NDArray[np.signedinteger]  # places in the alphabet, in the smallest type; negative where there is none
Integers = NDArray[np.int64]
Floats = NDArray[np.float64]

UNSEEN, SEPARATOR = -1, -2  # symbols that are not in the alphabet
BLOCK = 1 << 16  # places looked at together, which bounds the memory for it
LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Baselines:
    """Figures in nats per held-out character."""

    ngram: float  # the best order's
    ngram_order: int  # in characters: order 5 predicts one from the four before it
    ngram_orders: tuple[float, ...]  # of orders 1 to 6
    xz: float
    characters_read: int  # of the training text, by the n-grams
    note: str  # a sentence where not all was read, else empty

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def baselines(train: Sequence[str], held_out: Sequence[str]) -> Baselines:
    """Measure the held-out parts of documents by what their training parts teach.

    On long texts the last 5,000,000 characters of the training parts are read (xz: bytes). Those
    take 4 s for the n-grams and 4 s for xz (Chinese 9), and some 100 MB, on a server's core.
    Raises ValueError where nothing is held out.
    """
    characters = sum(map(len, held_out))
    if characters == 0:
        raise ValueError("Nothing is held out, so there is nothing to measure on.")
    read = _readable(train)
    orders = [float(nats.sum()) / characters for nats in ngram_nats(read, held_out)]
    best = min(orders)
    processor.give_memory_back()
    return Baselines(
        ngram=best,
        ngram_order=orders.index(best) + 1,
        ngram_orders=tuple(orders),
        xz=xz_nats(train, held_out),
        characters_read=sum(map(len, read)),
        note=_note(train, read),
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
    """The last of the text: as much as READ allows, and as packed keys have room for."""
    read = last_characters(train, READ)
    alphabet = len(set().union(*read))
    return last_characters(read, math.isqrt(LARGEST // max(1, alphabet)))  # binds from 368,000 symbols on


def xz_nats(train: Sequence[str], held_out: Sequence[str]) -> float:
    """What held-out text adds to a compressed size, in nats per character.

    Train and held-out compressed together, less train alone. Of equal held-out parts one is taken: the others would
    be nearly free.
    """
    seen = "".join(last_characters(train, READ)).encode()[-READ:]
    new = "".join(dict.fromkeys(held_out))
    added = _compressed_size(seen + new.encode()) - _compressed_size(seen)
    return added * 8 * math.log(2) / len(new)


def _compressed_size(data: bytes) -> int:
    # The preset's own dictionary of 64 MiB would take 670 MB of memory however short the data.
    dictionary = max(4096, len(data))
    settings = {"preset": 9 | lzma.PRESET_EXTREME, "dict_size": dictionary}
    filters = [{"id": lzma.FILTER_LZMA2, **settings}]
    return len(lzma.compress(data, lzma.FORMAT_RAW, filters=filters))


# n-grams -----------------------------------------------------------------------------------------


def ngram_nats(train: Sequence[str], held_out: Sequence[str]) -> Iterator[Floats]:
    """Yield, for orders 1 to 6, the cost in nats of each held-out character.

    Interpolated Witten-Bell smoothing (Witten and Bell 1991, method C; Chen and Goodman 1999).
    With c(h, x) the count of x after the context h of n - 1 characters, c(h) the count of h
    followed by anything, and T(h) the number of different characters that followed,

        p_n(x | h) = (c(h, x) + T(h) p_{n-1}(x | h')) / (c(h) + T(h))

    where h' is h without its first character, p_0 = 1 / (alphabet + 1), and p_n = p_{n-1} after
    a context that was not seen. The one more is the escape: a character that training did not
    show costs the escape and then ln 0x110000, to name it among all code points.

    Contexts do not cross documents, and a held-out part begins without one, as the network's
    score of it begins from a zero state. Held-out text does not update the counts.
    """
    alphabet = sorted(set().union(*train))
    symbols, tested = _symbols(train, alphabet), _symbols(held_out, alphabet)
    probabilities = np.full(len(tested), 1 / (len(alphabet) + 1))
    ids, tested_ids = (np.zeros(len(read), np.int32) for read in (symbols, tested))  # all follow the empty context
    for order in range(1, ORDERS + 1):
        if order > 1:
            _move_on(ids)
            _move_on(tested_ids)
        counts = _count(ids, symbols, len(alphabet))
        _interpolate(counts, tested_ids, tested, probabilities)
        del counts  # before the next are made
        nats = -np.log(probabilities)
        nats[tested == UNSEEN] += math.log(CODE_POINTS)
        yield nats[tested != SEPARATOR]


def _symbols(documents: Sequence[str], alphabet: list[str]) -> Symbols:
    """(characters + documents,): each character's place in the alphabet, documents separated."""
    smallest = np.int16 if len(alphabet) < 1 << 15 else np.int32
    table = np.full(CODE_POINTS, UNSEEN, smallest)
    table[list(map(ord, alphabet))] = np.arange(len(alphabet))
    parts = [np.zeros(0, smallest)]
    for document in documents:
        codes = np.frombuffer(document.encode("utf-32-le", "surrogatepass"), "<u4")
        parts += [table[codes], np.array([SEPARATOR], smallest)]
    return np.concatenate(parts)


def _move_on(ids: Ids) -> None:
    """The n-gram that ends at a place becomes the context of the next place."""
    ids[1:] = ids[:-1]
    ids[:1] = UNSEEN


@dataclass(frozen=True)
class _Counts:
    """The n-grams of one order, sorted. Those of one context lie side by side."""

    keys: Integers  # (n-grams,): context * alphabet + symbol
    starts: Ids  # (n-grams + 1,): how many occurrences come before those of each
    alphabet: int


def _count(ids: Ids, symbols: Symbols, alphabet: int) -> _Counts:
    """Count n-grams; turn the context of each place into the n-gram that ends there.

    Ranks, not powers of the alphabet, name n-grams, so that any alphabet fits. A place is packed
    below its key: one sort without an index gives order and places. With what is overwritten
    here it takes 15 to 20 bytes a character.
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
    packed.resize(len(starts) - 1, refcheck=False)  # keys, of which no view is left
    return _Counts(packed, starts, alphabet)


def _rank(packed: Integers, places: int, ids: Ids) -> Ids:
    """Rank each place's key among the different ones, and return where each of these begins.

    The keys, sorted and each once, are left at the front of what was packed: they never overtake what is read.
    """
    ids.fill(UNSEEN)
    starts, count, last = [], 0, -1
    for start in range(0, len(packed), BLOCK):
        keys, order = np.divmod(packed[start : start + BLOCK], places)
        new = np.diff(keys, prepend=last) != 0
        ids[order] = count - 1 + np.cumsum(new, dtype=np.int32)
        last = int(keys[-1])
        starts.append(start + np.flatnonzero(new).astype(np.int32))
        packed[count : count + len(starts[-1])] = keys[new]
        count += len(starts[-1])
    return np.concatenate([*starts, np.array([len(packed)], np.int32)])


def _interpolate(counts: _Counts, ids: Ids, symbols: Symbols, probabilities: Floats) -> None:
    """Turn each place's p_{n-1} into p_n, and its context into the n-gram that ends there."""
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
