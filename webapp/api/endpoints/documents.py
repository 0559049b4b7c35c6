"""The operations on documents, and on uploads that a worker reads."""

from typing import Any

from django.http import FileResponse, HttpRequest
from ninja import Query, Router

from trainer.contract.encoding_choices import LABELS
from webapp import files
from webapp.accounts.rights import Right
from webapp.api import shown
from webapp.api.paging import Page, Paging, page_of
from webapp.api.problems import Problem
from webapp.api.schemas.corpora import Column, Document, Excerpt, Part, Upload
from webapp.corpora import services
from webapp.corpora.access import document_or_404, extraction_or_404, extractions_to_show
from webapp.corpora.forms import ColumnForm
from webapp.corpora.models import Document as Row
from webapp.queue.models import Kind
from webapp.queue.places import Places
from webapp.studies import services as studies

router = Router(tags=["documents"])


@router.get("/documents/{int:pk}", response=Document)
def get_document(request: HttpRequest, pk: int) -> Any:
    return shown.document(document_or_404(request, pk, Right.READ), request)


@router.delete("/documents/{int:pk}", response={204: None})
def delete_document(request: HttpRequest, pk: int, with_models: bool = False) -> None:
    """Delete a document from all its corpora. Models that learned it are kept, or with `with_models` deleted too."""
    studies.delete_document(document_or_404(request, pk), with_models)


@router.get("/documents/{int:pk}/text", response=Excerpt)
def get_text(request: HttpRequest, pk: int, part: Query[Part]) -> Any:
    """Return a part of the text. It is not lower-cased."""
    row = document_or_404(request, pk, Right.READ)
    text = files.read_text(row.key, part.at, part.length) if part.at < row.characters else ""
    return {"text": text, "at": part.at, "characters": row.characters}


@router.get("/documents/{int:pk}/original", openapi_extra={"x-media-type": "application/octet-stream"})
def get_original(request: HttpRequest, pk: int) -> Any:
    """Return the file that was uploaded."""
    row = _with_original(request, pk, Right.READ)
    response = FileResponse(
        files.opened(row.file_key), as_attachment=True, filename=row.file_name, content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.post("/documents/{int:pk}/extract", response={202: Upload})
def extract(request: HttpRequest, pk: int, body: Column) -> Any:
    """Let a worker extract the text again from the original; of a table, from another column; in another encoding."""
    row = _with_original(request, pk, Right.EDIT)
    form = ColumnForm(row, {"column": "" if body.column is None else body.column})
    if not form.is_valid():
        raise Problem(422, "The document has no such column.", [{"field": "column", "detail": "There is none."}])
    if body.encoding is not None and (body.encoding not in LABELS or not services.encoding_of(row)):
        why = "The site does not know it, or the file is in an encoding that is certain."
        raise Problem(422, f"encoding: {why}", [{"field": "encoding", "detail": why}])
    try:
        return shown.upload(services.queue_again(row, form.cleaned_data["column"], body.encoding or ""))
    except Row.DoesNotExist:
        raise Problem(404, "The document was removed meanwhile.") from None


@router.get("/uploads", response=Page[Upload])
def list_uploads(request: HttpRequest, paging: Query[Paging]) -> Any:
    """Return the uploads that wait or are being read, and those that have failed."""
    places = Places(Kind.EXTRACT)
    return page_of(extractions_to_show(request), paging, lambda row: shown.upload(row, places))


@router.get("/uploads/{int:pk}", response=Upload)
def get_upload(request: HttpRequest, pk: int) -> Any:
    return shown.upload(extraction_or_404(request, pk))


@router.post("/uploads/{int:pk}/stop", response=Upload)
def stop_upload(request: HttpRequest, pk: int) -> Any:
    """Stop an upload: nothing of it is kept."""
    services.stop(extraction_or_404(request, pk))
    return get_upload(request, pk)


@router.delete("/uploads/{int:pk}", response={204: None})
def forget_upload(request: HttpRequest, pk: int) -> None:
    """Put away an upload that is over. What came of it stays."""
    row = extraction_or_404(request, pk)
    if not row.job.is_over:
        raise Problem(409, "The upload is not over: stop it first.")
    services.forget(row)


def _with_original(request: HttpRequest, pk: int, right: Right) -> Row:
    row = document_or_404(request, pk, right)
    if not row.has_original:
        raise Problem(404, "The original was not kept: the document is older than that.")
    return row
