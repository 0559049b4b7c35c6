"""The service that edits the text of a document. Its original stays, so that the text can be extracted again."""

from pathlib import Path

from django.conf import settings
from django.db.models import Sum
from django.utils.translation import gettext as _

from trainer.contract.documents import as_stored
from webapp import files, names
from webapp.corpora.models import Document
from webapp.corpora.services.decoding import no_room, scratch
from webapp.corpora.services.reading import read
from webapp.corpora.services.replacing import Replaced, replace
from webapp.corpora.services.understood import Understood
from webapp.extraction.extracted import UNSEEN, Format


class NotEditable(Exception):
    """The text can't be changed in this way. The message is written for its owner."""


class EditedMeanwhile(NotEditable):
    """The text is no longer the one that was edited."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "The text was changed in another window meanwhile, so nothing is saved. Copy your changes, open the "
                "text again, and put them in."
            )
        )


def with_part(document: Document, seen: str, start: int, end: int, part: str) -> tuple[str, str]:
    """Return the text of a document, and the text that it has once characters `start` to `end` are replaced.

    Args:
        seen: the SHA-256 of the text that was edited.

    Raises EditedMeanwhile if the document has another text by now, NotEditable if nothing is left that can be read, or
    if the new text has no room.
    """
    if document.sha256 != seen:
        raise EditedMeanwhile
    before = read(document)
    after = as_stored(before[:start] + as_stored(part) + before[end:])
    if not names.can_be_seen(after):
        raise NotEditable(_(UNSEEN) + " " + _("To take the document away, remove it from its corpora."))
    _check_room(document, len(after.encode()))
    return before, after


def _check_room(document: Document, new_bytes: int) -> None:
    """Raise NotEditable if a corpus of the document has no room for its new text."""
    for used in document.corpora.annotate(n=Sum("documents__bytes")).values_list("n", flat=True):
        if new_bytes > document.bytes and used - document.bytes + new_bytes > settings.UPLOAD_LIMIT_BYTES:
            raise NotEditable(no_room(used))


def edit(document: Document, text: str) -> None:
    """Replace the text of a document by a cleaned text, in all its corpora. Trainings keep their frozen text.

    Raises EditedMeanwhile if the document's text is no longer that of the row that was given, LimitReached when there
    is no room, Document.DoesNotExist when the document was deleted meanwhile: then nothing changes.
    """
    with scratch() as folder:
        new = Understood(
            document.name,
            text,
            _original(document, text, folder),
            Format(document.format),
            document.encoding,
            min(document.unreadable, text.count("\ufffd")),
            document.nuls,
            document.surplus_marks,
            document.notes,
            document.columns,
            document.column,
            is_edited=True,
            extraction=document.extraction,
        )
        try:
            replace(document, new)
        except Replaced:
            raise EditedMeanwhile from None


def _original(document: Document, text: str, folder: Path) -> Path | None:
    """Return the document's original, copied here; None if there is none, or if the text is the same bytes again."""
    if not document.has_original or files.sha256(text.encode()) == document.original_sha256:
        return None
    path = folder / "original"
    files.copy_in(document.file_key, path)
    return path
