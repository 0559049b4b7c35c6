"""Traces: the probability that the model gave to each symbol of a passage, and the likeliest others.

As the trainer tells it: [code points, nats, [[text, probability], …]] for each symbol, where nats are minus the natural
logarithm of the symbol's probability under the model alone, whatever temperature it was written at.

A trace is kept as JSON packed by zlib, a seventh of its size. It is packed as it comes and sent as it lies: a hundred
thousand symbols as Python's lists are 80 MB.
"""

import json
import zlib
from typing import Any

Symbol = list[Any]


class Packer:
    """Packs a trace piece by piece."""

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
        """Return all of it. To be called once, at the end."""
        end = b"]" if self._between == b"," else b"[]"
        return bytes(self._packed + self._by.compress(end) + self._by.flush())


def pack(symbols: list[Symbol]) -> bytes:
    packer = Packer()
    packer.add(symbols)
    return packer.packed()


def as_json(data: bytes | memoryview) -> bytes:
    """Return what was packed, as JSON. PostgreSQL gives a view of it."""
    return zlib.decompress(data)
