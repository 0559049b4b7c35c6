"""The operations that mend texts: what the doctor found and what it does, encodings, and edits."""

from typing import Any

from django.http import HttpRequest
from ninja import Router

from webapp.accounts.rights import Right
from webapp.api import shown, shown_doctor
from webapp.api.problems import Problem
from webapp.api.schemas.corpora import Document, Upload
from webapp.api.schemas.doctor import Choices, Difference, Edit, Encoding, Findings
from webapp.corpora import services
from webapp.corpora.access import corpora_of, corpus_or_404, document_or_404
from webapp.corpora.models import Corpus
from webapp.corpora.models import Document as Row
from webapp.corpora.treatment_rows import asked_for
from webapp.differences import difference

router = Router(tags=["doctor"])

_GONE = "The document was removed meanwhile."


@router.get("/corpora/{int:pk}/doctor", response=Findings)
def examine_corpus(request: HttpRequest, pk: int) -> Any:
    """Return what the doctor found in the documents of a corpus, and what is switched on for all of them."""
    row = corpus_or_404(request, pk, Right.EDIT)
    return shown_doctor.of_corpus(services.examine_corpus(row), row.switched_on, row.characters)


@router.put("/corpora/{int:pk}/doctor", response=Findings)
def treat_corpus(request: HttpRequest, pk: int, body: Choices) -> Any:
    """Say what is to be done to all documents of a corpus. The next training reads them so; texts stay as they are."""
    row = corpus_or_404(request, pk, Right.EDIT)
    before = services.examine_corpus(row).choices
    services.treat_corpus(row, asked_for(body.switches, body.characters, body.off, before))
    return examine_corpus(request, pk)


@router.post("/corpora/{int:pk}/doctor/look", response={202: Upload})
def look_at_corpus(request: HttpRequest, pk: int) -> Any:
    """Let a worker look at all documents of a corpus, however long they are. Ask for the upload until it is over."""
    try:
        return shown.upload(services.queue_examination(corpus_or_404(request, pk, Right.EDIT), None))
    except Corpus.DoesNotExist:
        raise Problem(404, "The corpus was deleted meanwhile.") from None


@router.post("/documents/{int:pk}/doctor/look", response={202: Upload})
def look_at_document(request: HttpRequest, pk: int) -> Any:
    """Let a worker look at a whole document, however long it is. Ask for the upload until it is over."""
    try:
        return shown.upload(services.queue_examination(None, document_or_404(request, pk, Right.EDIT)))
    except Row.DoesNotExist:
        raise Problem(404, _GONE) from None


@router.get("/documents/{int:pk}/doctor", response=Findings)
def examine_document(request: HttpRequest, pk: int) -> Any:
    """Return what the doctor found in a document, and what is switched on for it."""
    row = document_or_404(request, pk, Right.EDIT)
    found = services.examine(row, row.switched_on)
    return shown_doctor.of_document(found, row.switched_on, corpora_of(request, row))


@router.put("/documents/{int:pk}/doctor", response=Findings)
def treat_document(request: HttpRequest, pk: int, body: Choices) -> Any:
    """Say what is to be done to a document, in all its corpora. The next training reads it so; its text stays."""
    row = document_or_404(request, pk, Right.EDIT)
    try:
        services.treat_document(row, asked_for(body.switches, body.characters, body.off, row.switched_on))
    except Row.DoesNotExist:
        raise Problem(404, _GONE) from None
    return examine_document(request, pk)


@router.get("/documents/{int:pk}/encoding", response=Encoding)
def get_encoding(request: HttpRequest, pk: int, encoding: str = "") -> Any:
    """Return how certain the encoding of a document is, and some of its lines, in `encoding` if that is given."""
    found = services.encoding_of(document_or_404(request, pk, Right.EDIT), encoding)
    if found is None:
        raise Problem(409, "The encoding of this document is certain, or there is no original to read again.")
    return shown_doctor.encoding(found)


@router.post("/documents/{int:pk}/difference", response=Difference)
def preview_edit(request: HttpRequest, pk: int, body: Edit) -> Any:
    """Return what an edit would change. Nothing is saved."""
    before, after = _edited(document_or_404(request, pk, Right.EDIT), body)
    return shown_doctor.difference(difference(before, after))


@router.post("/documents/{int:pk}/edit", response=Document)
def edit_document(request: HttpRequest, pk: int, body: Edit) -> Any:
    """Replace a part of a document's text, in all its corpora. The original and the texts of trainings stay."""
    row = document_or_404(request, pk, Right.EDIT)
    _before, after = _edited(row, body)
    try:
        services.edit(row, after)
    except services.NotEditable as problem:
        raise Problem(409, str(problem)) from None
    except Row.DoesNotExist:
        raise Problem(404, _GONE) from None
    return shown.document(document_or_404(request, pk, Right.READ), request)


def _edited(row: Row, body: Edit) -> tuple[str, str]:
    """Return the text of a document before and after an edit."""
    end = row.characters if body.end is None else body.end
    if body.start > end:
        raise Problem(422, "start: it is after the end.", [{"field": "start", "detail": "It is after the end."}])
    try:
        return services.with_part(row, body.sha256, body.start, end, body.text)
    except services.NotEditable as problem:
        raise Problem(409, str(problem)) from None
