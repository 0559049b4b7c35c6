"""The choice between a model's two held-out losses.

Pure Python: the web process imports this module.
"""

from typing import TypeVar

_Loss = TypeVar("_Loss")


def carried_or_cold(carried: float | None, cold: _Loss) -> float | _Loss:
    """Return the loss with a carried state. The tutorial has none; then return the loss from a zero state."""
    return cold if carried is None else carried
