"""A document that was read, and is not stored yet."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webapp.extraction.extracted import VERSION, Format


@dataclass(frozen=True)
class Understood:
    """A document that was read: its cleaned text, not lower-cased, and what is known of its file."""

    name: str
    text: str
    original: Path | None  # its file; None if that is the text, byte for byte
    format: Format = Format.TEXT
    encoding: str = ""
    replaced: int = 0
    nuls: int = 0
    surplus_marks: int = 0
    notes: list[str] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    column: int | None = None
    weight: float = 1.0  # in the corpus that it comes from, if it was taken along
    is_edited: bool = False
    extraction: int = VERSION
    treatment: dict[str, Any] = field(default_factory=dict)  # its own, beside those of its corpus
    codec: str = ""  # the encoding that was chosen

    @property
    def text_bytes(self) -> int:
        return len(self.text.encode())

    @property
    def original_bytes(self) -> int:
        """The size of the original, if it is stored beside the text."""
        return self.original.stat().st_size if self.original else 0
