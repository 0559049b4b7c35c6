"""Losses as pages show them: in bits per character, and one loss where two were measured."""

import math
from typing import TypeVar, overload

Cold = TypeVar("Cold", bound=float | None)


@overload
def bits(nats: float) -> float: ...
@overload
def bits(nats: None) -> None: ...
@overload
def bits(nats: float | None) -> float | None: ...
def bits(nats: float | None) -> float | None:
    """Turn nats per character into bits per character."""
    return None if nats is None else nats / math.log(2)


def held_out(carried: float | None, cold: Cold) -> float | Cold:
    """Return the one loss that is shown of a reading of held-out text: carried, else cold.

    The tutorial reads each window from a zero state, so it has no carried loss.
    """
    return cold if carried is None else carried
