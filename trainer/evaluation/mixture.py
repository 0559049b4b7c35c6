"""The mixture of a network and of counting letters, "LSTM and counting": what both expect is multiplied.

    p(x | text) ~ p_network(x | text) ** a * p_counting(x | last letters) ** b

It is a product of experts (Hinton 1999), also called logistic mixing (Mahoney 2005, of PAQ). The n-grams know the text
by heart, a few letters far; the network knows what stands further back. The loss is convex in a and b. They are fitted
on the first halves of the held-out parts, and judged on the second halves, which neither the network nor the n-grams
have chosen anything by. Its loss is never that of the network alone.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from trainer.data.corpus import Corpus, HeldOut
from trainer.engine.losses import LossReader
from trainer.evaluation.counts import SEPARATOR, Counts
from trainer.text import voices

ENOUGH = 1_000  # held-out symbols, with which two numbers can be told
_MOST = 10_000  # held-out symbols that are read
_NUMBERS = 4_000_000  # probabilities that are kept, at most
_COUNTED = 500_000  # symbols of the end of the training text
_NEWTON_STEPS = 24
_HALVINGS = 40  # of a step that is too long

Floats = np.ndarray


@dataclass(frozen=True)
class Mixture:
    """A fitted mixture.

    order: of the n-grams, as in `baselines`.
    network, counting: the powers a and b.
    second_half, network_second_half: nats per symbol of the mixture, and of the network alone, of the same symbols.
    """

    order: int
    network: float
    counting: float
    second_half: float
    network_second_half: float

    def mixed(self, logits: Floats, counted: Floats, share: float) -> Floats:
        """Return logits (…, symbols): at share 1 the mixture's, at 0 the network's, between them those between.

        `counted` are the probabilities of the n-grams, (…, symbols).
        """
        power = 1 + share * (self.network - 1)
        return power * _logs(logits) + share * self.counting * np.log(counted)  # type: ignore[no-any-return]

    def with_counts(self, counts: Counts, share: float) -> Callable[[Floats, np.ndarray], Floats]:
        """Return what mixes logits (rows, symbols) with n-grams, from the last symbols of each row, plus one each."""

        def mix(logits: Floats, before: np.ndarray) -> Floats:
            counted = np.stack([counts.expected(row)[1:] for row in before.tolist()])
            return self.mixed(logits, counted, share)

        return mix


def counts_of(corpus: Corpus, order: int) -> Counts:
    """Count the symbols of the end of the training text, plus one each, so that 0 stands between documents."""
    edges = np.cumsum(corpus.train.lengths)[:-1]
    ids = np.insert(corpus.train.ids.astype(np.int64) + 1, edges, SEPARATOR)
    return Counts(ids[-_COUNTED:], corpus.vocabulary.size + 1, order - 1)


def fitted(reader: LossReader, corpus: Corpus, order: int) -> dict[str, Any] | None:
    """Fit and judge the mixture of the reader's network, which carries its state. Return a `Mixture` as JSON.

    None if the symbols are not characters, since the n-grams are those of characters, and if too little is held out.
    """
    total = sum(map(len, corpus.held_out))
    if reader.network.recipe.level != "char" or total // 2 < ENOUGH:
        return None
    counts, share = counts_of(corpus, order), min(1.0, _MOST / total, _NUMBERS / corpus.vocabulary.size / total)
    parts = [part if share == 1 else part.middle(share) for part in corpus.held_out if part.half]
    read = [_read(reader, counts, part) for part in parts]
    halves = [_Read.together(list(each)) for each in zip(*read, strict=True)]
    powers = _fit(halves[0])
    second, alone = (halves[1].loss(np.array(each)) for each in (powers, (1.0, 0.0)))
    return asdict(Mixture(order, float(powers[0]), float(powers[1]), second, alone))


@dataclass(frozen=True)
class _Read:
    """Logs of probabilities (symbols, 2, alphabet), of network and n-grams, and the symbols that came, (symbols,)."""

    logs: Floats
    came: np.ndarray

    @classmethod
    def together(cls, parts: "list[_Read]") -> "_Read":
        return cls(np.concatenate([part.logs for part in parts]), np.concatenate([part.came for part in parts]))

    def loss(self, powers: Floats) -> float:
        return float(-self._of_came(_logs(np.einsum("nea,e->na", self.logs, powers))).mean())

    def slopes(self, powers: Floats) -> tuple[Floats, Floats]:
        """Return the gradient (2,) and the Hessian (2, 2) of the loss."""
        p = np.exp(_logs(np.einsum("nea,e->na", self.logs, powers)))
        mean = np.einsum("na,nea->ne", p, self.logs)
        came = np.take_along_axis(self.logs, self.came[:, None, None], 2)[..., 0]
        apart = self.logs - mean[..., None]
        return (mean - came).mean(0), np.einsum("na,nea,nfa->ef", p, apart, apart, optimize=True) / len(p)

    def _of_came(self, values: Floats) -> Floats:
        return np.take_along_axis(values, self.came[:, None], 1)


def _fit(read: _Read) -> Floats:
    """Return the powers with the least loss. Neither is less than zero: where counting is of no use, it has none."""
    alone = np.array([1.0, 0.0])
    powers = _least(read, alone, [0, 1])
    if powers[1] < 0:
        powers = _least(read, alone, [0])
    return powers if powers.min() >= 0 else alone


def _least(read: _Read, powers: Floats, free: list[int]) -> Floats:
    """Return the powers with the least loss, where only those at `free` may change: Newton's method, halved steps.

    A whole step may miss where a network is very sure of itself. A step that gains nothing, however short, is the end.
    """
    loss = read.loss(powers)
    for _ in range(_NEWTON_STEPS):
        gradient, hessian = read.slopes(powers)
        step = np.zeros(2)
        step[free] = np.linalg.solve(hessian[np.ix_(free, free)] + 1e-6 * np.eye(len(free)), gradient[free])
        tried = (powers - step / 2**halvings for halvings in range(_HALVINGS))
        better = next(((each, found) for each in tried if (found := read.loss(each)) < loss), None)
        if better is None:
            break
        powers, loss = better
    return powers


def _read(reader: LossReader, counts: Counts, part: HeldOut) -> tuple[_Read, _Read]:
    """Read a part of the text from its beginning, and return what is known of its halves.

    Symbols that the training text does not have are left out: naming them costs the same with both.
    """
    spoken = voices.spoken(part.ids[part.context - 1 : -1], part.voice)
    logits = np.concatenate([np.asarray(piece) for piece in reader.logits(spoken)])
    numbers = (part.ids + 1).tolist()
    ends = range(part.context, len(numbers))
    counted = np.array([counts.expected(numbers[max(0, end - counts.reach) : end]) for end in ends])[:, 1:]
    logs = np.stack([_logs(logits), np.log(counted)], 1).astype(np.float32)
    came = part.ids[part.context :]
    known = came < reader.network.symbols - 1
    first = np.arange(len(part)) < part.half
    first_half, second_half = (_Read(logs[chosen], came[chosen]) for chosen in (known & first, known & ~first))
    return first_half, second_half


def _logs(logits: Floats) -> Floats:
    """Return logs of probabilities."""
    logits = logits - logits.max(-1, keepdims=True)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))  # type: ignore[no-any-return]
