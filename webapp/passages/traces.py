"""What the model thought at each symbol of a passage: how likely it found it, and what else might have stood there.

As the trainer tells it: [code points, nats, [[text, probability], …]] for each symbol, where nats are minus the natural
logarithm of the symbol's probability under the model alone, whatever temperature it was written at.
"""

import json
import zlib
from typing import Any

Symbol = list[Any]


def pack(symbols: list[Symbol]) -> bytes:
    """Pack a trace for its row: JSON by zlib, a seventh of its size."""
    return zlib.compress(json.dumps(symbols, ensure_ascii=False, separators=(",", ":")).encode())


def unpack(data: bytes | memoryview) -> list[Symbol]:
    """Return what was packed. PostgreSQL gives a view of it."""
    symbols: list[Symbol] = json.loads(zlib.decompress(data))
    return symbols
