"""The traces of passages: the probability that the model gave to each symbol, and the likeliest other symbols.

The trainer sends [code points, nats, [[text, probability], …]] for each symbol. `nats` is minus the natural logarithm
of the symbol's probability at temperature 1, whatever the temperature of the passage was.

A trace is stored as JSON, compressed by zlib to a seventh of its size. It is compressed piece by piece, and its JSON is
sent without being parsed, since 100,000 symbols take 80 MB as Python lists.
"""

import json
import zlib
from typing import Any

Symbol = list[Any]


class Packer:
    """Compresses a trace piece by piece."""

    def __init__(self) -> None:
        self._packed = bytearray()
        self._by = zlib.compressobj()
        self._between = b"["

    def add(self, symbols: list[Symbol]) -> None:
        if symbols:
            text = json.dumps(symbols, ensure_ascii=False, separators=(",", ":"))[1:-1]
            self._packed += self._by.compress(self._between + text.encode())
            self._between = b","

    def packed(self) -> bytes:
        """Return the whole compressed trace. It may be called once only, at the end."""
        end = b"]" if self._between == b"," else b"[]"
        return bytes(self._packed + self._by.compress(end) + self._by.flush())


def pack(symbols: list[Symbol]) -> bytes:
    packer = Packer()
    packer.add(symbols)
    return packer.packed()


def as_json(data: bytes | memoryview) -> bytes:
    """Return a compressed trace as JSON. From PostgreSQL the data is a memoryview."""
    return zlib.decompress(data)
