"""Held-out losses: which of a model's two figures stands for it.

Pure Python: the web process imports it.
"""

from typing import TypeVar

_Loss = TypeVar("_Loss")


def carried_or_cold(carried: float | None, cold: _Loss) -> float | _Loss:
    """Return the loss with the state carried on; the one from a zero state where there is no other (the tutorial's)."""
    return cold if carried is None else carried
