"""The regularisation of a training: the shares of values and weights that dropout hides, and the weight decay.

They follow from how often the budget reads the text and from the number of layers, as measured on Macbeth: see
docs/benchmarks.md.
"""

import math

from trainer.contract.recipe import Choices

_NAMES = ("dropout", "weight_drop", "input_dropout")

#: A text that is read fewer than `limit` times gets the first row (limit, shares for one layer, shares for more). Two
#: layers that are measured against one are narrower, and learn less by heart.
SHARES = (
    (3, (0.05, 0.0, 0.0), (0.05, 0.0, 0.0)),
    (4, (0.1, 0.0, 0.0), (0.1, 0.0, 0.0)),
    (10, (0.2, 0.0, 0.0), (0.2, 0.0, 0.0)),
    (20, (0.3, 0.15, 0.05), (0.3, 0.15, 0.05)),
    (40, (0.35, 0.25, 0.1), (0.35, 0.25, 0.1)),
    (80, (0.4, 0.35, 0.2), (0.35, 0.25, 0.1)),
    (math.inf, (0.5, 0.4, 0.25), (0.4, 0.35, 0.2)),
)
LEAST_DROPOUT = SHARES[0][1][0]
_TOO_OFTEN_FOR_SKIPS = 80  # readings
_OFTEN = 10  # readings of the text, from which on a larger weight decay pays


def has_skips(readings: float, layers: int) -> bool:
    """Whether the output layer reads the sum of all layers, in a training that reads its text this often.

    With this sum a network learns faster, and learns its text by heart sooner: it gains with 39 readings, and loses
    with 120.
    """
    return layers > 1 and readings < _TOO_OFTEN_FOR_SKIPS


def weight_decay(readings: float) -> float:
    """Return AdamW's weight decay, as a share of the learning rate, for a training that reads its text this often."""
    return 0.01 if readings < _OFTEN else 0.1


def shares(readings: float, layers: int, chosen: Choices) -> Choices:
    """Return `dropout`, `weight_drop` and `input_dropout` for a training that reads its text this often.

    `chosen` are the choices of a person. If `dropout` is among them, the other two are 0, unless they are chosen too.
    """
    one, more = next((one, more) for limit, one, more in SHARES if readings < limit)
    found = dict(zip(_NAMES, one if layers == 1 else more, strict=True))
    if "dropout" in chosen:
        found = dict.fromkeys(_NAMES, 0.0)
    return found | {name: chosen[name] for name in _NAMES if name in chosen}
