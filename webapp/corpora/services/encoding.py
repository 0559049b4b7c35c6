"""The encoding of a document: how certain the guess is, what another one would make of its lines, and the change to it.

The original is kept, so it can be read in another encoding at any time.
"""

import dataclasses
from codecs import BOM_UTF8
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _

from trainer.contract import encoding_choices
from trainer.contract.documents import TextProblem
from trainer.contract.encoding_choices import LABELS, Choice, Turn, choices, decode_as, telling_lines
from trainer.contract.marks import bounded
from webapp import files
from webapp.corpora.models import Document
from webapp.corpora.services.decoding import scratch, understand
from webapp.corpora.services.observing import NOBODY, Observer
from webapp.corpora.services.replacing import Replaced, replace
from webapp.corpora.services.understood import Understood

_VERSION = 2  # of what is kept; it rises when encodings are judged otherwise
_KEPT_SECONDS = 7 * 24 * 3600
_CODECS = {label: codec for codec, label in LABELS.items()}


@dataclass(frozen=True)
class Encoding:
    """The encoding of a document, and some of its lines with odd letters in the encoding that a person looks at."""

    choices: list[Choice]  # the likeliest first
    now: Choice  # in which the document is read
    is_chosen: bool  # by its owner; else it is a guess
    shown: Choice  # in which the lines are shown
    lines: list[tuple[int, str]]  # their numbers and beginnings
    odd: int  # lines with odd letters, all of them
    turn: Turn | None  # where the file turns to another encoding, if it does

    @property
    def percent(self) -> int:
        """How certain the guess is. No guess is quite certain."""
        return min(99, round(100 * self.now.certainty))

    @property
    def likely(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.certainty > 0]

    @property
    def others(self) -> list[Choice]:
        return [choice for choice in self.choices if choice.certainty == 0]


def encoding_of(document: Document, codec: str = "") -> Encoding | None:
    """Return the encoding of a document that was guessed or chosen, with lines in the encoding `codec`, else its own.

    None for a document whose encoding is certain, or that has no original or none that is a text.
    """
    now = document.codec or _CODECS.get(document.encoding, "")
    if not now or not document.has_original or not (document.encoding_is_a_guess or document.codec):
        return None
    data = files.read(document.file_key)
    found, turn = _judged(document, data)
    by_codec = {choice.codec: choice for choice in found}
    shown = by_codec.get(codec) or by_codec[now]
    lines, odd = telling_lines(data)
    read = [(line.number, bounded(line.read_as(shown.codec))) for line in lines]
    return Encoding(found, by_codec[now], bool(document.codec), shown, read, odd, turn)


def _judged(document: Document, data: bytes) -> tuple[list[Choice], Turn | None]:
    """Return what the evidence says, which takes up to a second and is kept in the cache."""
    key = f"encoding:{_VERSION}:{document.original_sha256}"
    kept: Any = cache.get(key)
    if kept is None:
        turn = encoding_choices.turn(data)
        kept = [[dataclasses.astuple(choice) for choice in choices(data)], dataclasses.astuple(turn) if turn else None]
        cache.set(key, kept, _KEPT_SECONDS)
    return [Choice(*choice) for choice in kept[0]], Turn(*kept[1]) if kept[1] else None


def read_as(document: Document, codec: str, column: int | None = None, observer: Observer = NOBODY) -> None:
    """Replace the text of a document by what its original is in an encoding. Its owner has chosen it, and it stays so.

    Trainings keep their frozen text. Raises TextProblem when there is nothing to read then, LimitReached when there is
    no room: then nothing changes. Raises Document.DoesNotExist when the document was removed meanwhile.
    """
    with scratch() as folder:
        original = folder / "original"
        files.copy_in(document.file_key, original)
        new = _understood(document, original, codec, column)
        observer.counting()
        try:
            replace(document, new, observer, codec=codec)
        except Replaced:
            raise TextProblem(_("It was changed in another window meanwhile.")) from None


def _understood(document: Document, original: Path, codec: str, column: int | None) -> Understood:
    data = original.read_bytes()
    decoded = decode_as(data, codec)
    as_utf8 = original.with_name("as-utf-8")
    as_utf8.write_bytes(BOM_UTF8 + decoded.text.encode(errors="replace"))  # the mark counts more than what a page says
    chosen = document.column if column is None else column
    found, refused = understand([(document.name, as_utf8)], original.parent, column=chosen)
    if len(found) != 1:
        raise TextProblem(refused[0][1] if refused else "In this encoding it is no text: choose another one.")
    is_the_text = found[0].text.encode() == data
    return dataclasses.replace(
        found[0],
        original=None if is_the_text else original,
        encoding=decoded.encoding,
        replaced=decoded.replaced,
        nuls=decoded.nuls,
        surplus_marks=decoded.surplus_marks,
    )
