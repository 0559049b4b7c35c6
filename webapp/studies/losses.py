"""The conversion of losses into bits per character, in which pages show them."""

import math
from typing import overload


@overload
def bits(nats: float) -> float: ...
@overload
def bits(nats: None) -> None: ...
@overload
def bits(nats: float | None) -> float | None: ...
def bits(nats: float | None) -> float | None:
    """Turn nats per character into bits per character."""
    return None if nats is None else nats / math.log(2)
