"""What an extraction finds: the text of a document, its format, and what the owner should know of it."""

from dataclasses import dataclass, field
from enum import StrEnum

from trainer.contract.decoding import Decoded, TextProblem

__all__ = ["ORIGINAL", "UNSEEN", "VERSION", "Decoded", "Extracted", "Format", "Refused", "TextProblem", "read_as"]

ORIGINAL = ".original"  # ends the names of the files that are written for what is in an archive
UNSEEN = "Nothing in it can be seen: choose a file that has text in it."
#: of the extraction. It rises when a reader has become better, and the site then offers to extract again.
VERSION = 2


class Format(StrEnum):
    """The formats that are read."""

    TEXT = "text"
    WORD = "docx"
    OPENDOCUMENT = "odt"
    RTF = "rtf"
    EPUB = "epub"
    PDF = "pdf"
    HTML = "html"
    SUBTITLES = "subtitles"
    CHAT = "chat"
    TABLE = "table"

    @property
    def media_type(self) -> str:
        """Return the media type of an original (RFC 6838)."""
        return _MEDIA_TYPES.get(self, "text/plain")


_MEDIA_TYPES = {
    Format.WORD: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Format.OPENDOCUMENT: "application/vnd.oasis.opendocument.text",
    Format.RTF: "application/rtf",
    Format.EPUB: "application/epub+zip",
    Format.PDF: "application/pdf",
    Format.HTML: "text/html",
    Format.TABLE: "text/csv",
}


@dataclass(frozen=True)
class Extracted:
    """The text of one document. Only formats that are text themselves have an encoding."""

    decoded: Decoded  # its text is not cleaned yet
    format: Format
    notes: list[str] = field(default_factory=list)  # sentences for the owner: what was left out, what looks wrong
    columns: list[str] = field(default_factory=list)  # names of a table's columns
    column: int | None = None  # the place, from 0, of the column that was read


@dataclass(frozen=True)
class Refused:
    """A file that is left out, with the sentence why. `trace` is for the log, if the cause is unknown."""

    name: str
    why: str
    trace: str = ""


def read_as(format: Format, text: str, *notes: str) -> Extracted:
    """Return what the reader of a format found that is not text itself. Empty notes are dropped."""
    return Extracted(Decoded(text, ""), format, [note for note in notes if note])
