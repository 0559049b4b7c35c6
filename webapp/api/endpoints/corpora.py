"""The operations on corpora."""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import Query, Router, Status, UploadedFile
from ninja.params.functions import File, Form

from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.api import shown
from webapp.api.paging import Page, Paging, number_of, page_of
from webapp.api.problems import Problem, of_form
from webapp.api.schemas.base import ONCE
from webapp.api.schemas.corpora import Arrangement, Corpus, CorpusChange, Place, Taken, Upload
from webapp.api.schemas.models import Model
from webapp.corpora import services
from webapp.corpora.access import corpora, corpus_or_404, documents, places_to_show
from webapp.corpora.forms import CorpusForm, TextsForm
from webapp.corpora.models import Corpus as Row
from webapp.corpora.models import Place as PlaceRow
from webapp.corpora.services import CorpusFull, Wanted
from webapp.corpora.uploads import cut_off
from webapp.studies import services as studies
from webapp.studies.recipe_labels import OPTIONS

router = Router(tags=["corpora"])

_NO_FILES: Any = File(None, description="Files of any format that the site reads, also archives.")
_PASTED: Any = Form("", description="A text, beside the files or in their place.")
_NAME = 100  # characters of the corpus's name in that of a model


@router.get("/corpora", response=Page[Corpus])
def list_corpora(request: HttpRequest, paging: Query[Paging]) -> Any:
    """Return the corpora, the newest first."""
    found = corpora(request, Right.READ).select_related("owner")
    found = found.annotate(documents_in_it=number_of(PlaceRow.objects.all(), "corpus"))
    return page_of(found, paging, lambda row: shown.corpus(row, row.documents_in_it))


@router.post("/corpora", response={201: Corpus, 202: Upload})
def add_corpus(
    request: HttpRequest,
    documents: list[UploadedFile] = _NO_FILES,
    pasted: str = _PASTED,
    name: str = Form(""),
    lowercase: bool = Form(False),
    idempotency_key: UUID | None = ONCE,
) -> Any:
    """Make a corpus of files, of a pasted text, or of both. Without a name it gets that of its first file.

    Short plain texts are read at once (201). Everything else is read by a worker (202): ask for the upload until it is
    over, and it has the corpus. What can't be read is left out, with the reason.
    """
    given = {"pasted": pasted, "name": name, "lowercase": lowercase, "submission": idempotency_key}
    form = CorpusForm(given, request.FILES, cut_off=cut_off(request))
    if not form.is_valid():
        raise of_form(form)
    name, lowercase, once = form.cleaned_data["name"], form.cleaned_data["lowercase"], form.submission_id()
    owner = person(request)
    if not services.are_quick(form.uploads):
        queued = services.queue_corpus(owner, name, form.uploads, lowercase, form.left_out, once)
        return Status(202, shown.upload(queued))
    row = services.add_corpus(owner, name, form.uploads, lowercase, left_out=form.left_out, submission=once)
    return Status(201, shown.corpus(row))


@router.post("/corpora/sample", response={201: Corpus})
def add_sample(request: HttpRequest) -> Any:
    """Add the sample, which is Python's documentation. It is added once."""
    return shown.corpus(services.add_sample(person(request)))


@router.get("/corpora/{int:pk}", response=Corpus)
def get_corpus(request: HttpRequest, pk: int) -> Any:
    return shown.corpus(corpus_or_404(request, pk, Right.READ))


@router.patch("/corpora/{int:pk}", response=Corpus)
def change_corpus(request: HttpRequest, pk: int, body: CorpusChange) -> Any:
    """Change the name, or whether letters are lower-cased. Trainings keep their text."""
    row = corpus_or_404(request, pk, Right.EDIT)
    lowercase = row.lowercase if body.lowercase is None else body.lowercase
    services.change(row, body.name or row.name, lowercase)
    return get_corpus(request, pk)


@router.delete("/corpora/{int:pk}", response={204: None})
def delete_corpus(request: HttpRequest, pk: int, with_models: bool = False) -> None:
    """Delete a corpus. Its trainings are stopped; its models are kept, or with `with_models` deleted too."""
    studies.delete_corpus(corpus_or_404(request, pk), with_models)


@router.get("/corpora/{int:pk}/download", openapi_extra={"x-media-type": "application/zip"})
def download_corpus(request: HttpRequest, pk: int, originals: bool = True) -> Any:
    """Return a corpus as one file, which can be added here or on another site: texts, originals and choices.

    Without its `originals` it is never larger than an upload may be.
    """
    row = corpus_or_404(request, pk, Right.READ)
    response = FileResponse(
        services.packed(row, originals), as_attachment=True, filename=f"{row.name}.zip", content_type="application/zip"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.delete("/corpora/{int:pk}/left_out", response={204: None})
def forget_left_out(request: HttpRequest, pk: int) -> None:
    """Empty the list of texts that were left out."""
    services.put_away(corpus_or_404(request, pk, Right.EDIT))


@router.post("/corpora/{int:pk}/cells", response={201: list[Model]})
def train_cells(request: HttpRequest, pk: int) -> Any:
    """Train a plain RNN, a GRU and an LSTM on a corpus, to compare them."""
    row = corpus_or_404(request, pk, Right.READ)
    names = {cell: f"{row.name[:_NAME]}, {label}" for cell, label in OPTIONS["cell"].items()}
    return [shown.model(study) for study in studies.compare_cells(person(request), row, names)]


# The documents of a corpus ---------------------------------------------------------------------------------------


@router.get("/corpora/{int:pk}/documents", response=Page[Place])
def list_documents(request: HttpRequest, pk: int, paging: Query[Paging]) -> Any:
    """Return the documents in their order."""
    first = (paging.page - 1) * paging.size
    found = page_of(places_to_show(request, corpus_or_404(request, pk, Right.READ)), paging, lambda place: place)
    found["items"] = [
        shown.place(place, first + number, request) for number, place in enumerate(found["items"], start=1)
    ]
    return found


@router.post("/corpora/{int:pk}/documents", response={201: Corpus, 202: Upload})
def add_documents(
    request: HttpRequest,
    pk: int,
    documents: list[UploadedFile] = _NO_FILES,
    pasted: str = _PASTED,
    idempotency_key: UUID | None = ONCE,
) -> Any:
    """Add files, a pasted text, or both to a corpus: at once (201), or by a worker (202). Trainings keep their text."""
    row = corpus_or_404(request, pk, Right.EDIT)
    form = TextsForm({"pasted": pasted, "submission": idempotency_key}, request.FILES, cut_off=cut_off(request))
    if not form.is_valid():
        raise of_form(form)
    try:
        if not services.are_quick(form.uploads, row):
            queued = services.queue_documents(row, form.uploads, form.left_out, form.submission_id())
            return Status(202, shown.upload(queued))
        services.add_documents(row, form.uploads, form.left_out, form.submission_id())
    except Row.DoesNotExist:
        raise Problem(404, "The corpus was deleted meanwhile.") from None
    return Status(201, get_corpus(request, pk))


@router.post("/corpora/{int:pk}/documents/take", response=Corpus)
def take_documents(request: HttpRequest, pk: int, body: Taken) -> Any:
    """Take documents of other corpora into this one too. A document is stored once."""
    row = corpus_or_404(request, pk)
    found = list(documents(request).filter(pk__in=set(body.documents)))
    if len(found) < len(set(body.documents)):
        raise Problem(404, "There is no such document, or it is not yours.")
    try:
        services.take(row, found)
    except CorpusFull as full:
        raise Problem(409, str(full)) from None
    return get_corpus(request, pk)


@router.patch("/corpora/{int:pk}/documents/{int:document}", response=Page[Place])
def arrange_document(request: HttpRequest, pk: int, document: int, body: Arrangement) -> Any:
    """Move a document to another number, or change how often it is read. Return the first page of the documents."""
    place = _place(request, pk, document)
    before = list(place.corpus.in_order().values_list("pk", flat=True)).index(place.pk) + 1
    wanted = Wanted(body.number or before, place.weight if body.weight is None else body.weight)
    services.arrange(place.corpus, {place.pk: wanted})
    return list_documents(request, pk, Paging(page=1, size=20))


@router.delete("/corpora/{int:pk}/documents/{int:document}", response={204: None})
def remove_document(request: HttpRequest, pk: int, document: int) -> None:
    """Remove a document from a corpus. One that stands in no other is deleted. Trainings keep their text."""
    services.remove(_place(request, pk, document))


def _place(request: HttpRequest, pk: int, document: int) -> PlaceRow:
    place = corpus_or_404(request, pk, Right.EDIT).in_order().filter(document=document).select_related("corpus").first()
    if place is None:
        raise Problem(404, "The corpus has no such document.")
    return place
