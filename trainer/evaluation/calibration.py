"""The calibration of a trained model: one number, with which its logits are multiplied.

A network that has read its text many times is too sure of what comes next. Multiplied with a number below one, its
logits lose some of that certainty, and predict text that it has not read better (temperature scaling; Guo, Pleiss, Sun
& Weinberger 2017, arXiv:1706.04599). The order of the symbols stays the same.
"""

from collections.abc import Callable, Mapping
from typing import Any

ENOUGH = 1_000  # held-out characters, with which the number can be told
_FIRST = (0.8, 1.0, 1.2)
_LEAST, _MOST = 0.5, 1.5
_GAIN = 0.0005  # nats per character; less than this is not worth another model


def best_scale(loss: Callable[[float], float]) -> float:
    """Return the number with which the loss is least, to about a hundredth; 1 if no other one is better by much.

    Args:
        loss: returns the held-out loss of the model whose logits are multiplied with a number. It is called five times.
    """
    losses = {scale: loss(scale) for scale in _FIRST}
    for _ in range(2):
        scale = _vertex(losses)
        losses[scale] = loss(scale)
    best = min(losses, key=losses.__getitem__)
    return best if losses[best] < losses[1.0] - _GAIN else 1.0


def scale_of(score: Mapping[str, Any]) -> float:
    """Return the number that a score says was multiplied into its model's logits; 1 if it says none that can be."""
    scale = score.get("logit_scale")
    return float(scale) if isinstance(scale, int | float) and _LEAST <= scale <= _MOST else 1.0


def _vertex(losses: dict[float, float]) -> float:
    """Return where the parabola through the best point and its two nearest ones has its least value."""
    best = min(losses, key=losses.__getitem__)
    (a, fa), (b, fb), (c, fc) = sorted(losses.items(), key=lambda point: abs(point[0] - best))[:3]
    above = (b - a) * (fb - fc) - (b - c) * (fb - fa)
    if above == 0:
        return best
    vertex = b - 0.5 * ((b - a) ** 2 * (fb - fc) - (b - c) ** 2 * (fb - fa)) / above
    return min(max(vertex, _LEAST), _MOST)
