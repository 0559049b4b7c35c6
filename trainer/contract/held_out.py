"""A model's two held-out losses: how far the cold one reads, and which of them counts.

Pure Python: the web process imports this module.
"""

from typing import TypeVar

COLD_WINDOW = 256  # characters that are read from a zero state
_Loss = TypeVar("_Loss")


def carried_or_cold(carried: float | None, cold: _Loss) -> float | _Loss:
    """Return the loss with a carried state. The tutorial has none; then return the loss from a zero state."""
    return cold if carried is None else carried
