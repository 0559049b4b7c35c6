"""The operations on models: lists, names, files, what they have learned, and models side by side.

Those on trainings have the same addresses, and so the same router: an address belongs to one.
"""

from typing import Any
from uuid import UUID

from django.http import FileResponse, HttpRequest
from ninja import Field, Query, Router, Schema, UploadedFile
from ninja.params.functions import File, Form

from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.api import shown, shown_doctor
from webapp.api.paging import Page, Paging, page_of
from webapp.api.problems import Problem, of_form
from webapp.api.schemas.base import ONCE, Renamed
from webapp.api.schemas.doctor import Difference
from webapp.api.schemas.models import Changes, Compared, Model, Source, ToCompare
from webapp.corpora.access import documents
from webapp.corpora.uploads import cut_off
from webapp.differences import difference
from webapp.studies import corpus_changes, excerpts, services, side_by_side
from webapp.studies.access import readable_or_404, studies, study_or_404
from webapp.studies.forms import UploadForm
from webapp.studies.waits import Queue

router = Router(tags=["models"])


class Marked(Schema):
    """Which place in a text is asked for."""

    at: int = Field(0, ge=0, le=2**53)
    length: int = Field(0, ge=0, le=100_000)


@router.get("/models", response=Page[Model])
def list_models(request: HttpRequest, paging: Query[Paging]) -> Any:
    """Return the models, the newest first, also those that are still trained."""
    found, queue = services.with_trainings(studies(request, Right.READ).select_related("owner")), Queue()
    return page_of(found, paging, lambda row: shown.model(row, queue))


@router.post("/models/upload", response={201: Model})
def upload_model(
    request: HttpRequest,
    archive: UploadedFile = File(..., description="The .zip of a model, as it was downloaded."),  # noqa: B008
    name: str = Form(""),
    idempotency_key: UUID | None = ONCE,
) -> Any:
    """Add a model that was downloaded elsewhere."""
    given = {"name": name, "submission": idempotency_key}
    form = UploadForm(given, request.FILES, is_cut_off=bool(cut_off(request)))
    if not form.is_valid():
        raise of_form(form, form.status())
    return shown.model(services.add_model(person(request), form.path(), **form.choices()))


@router.get("/models/{int:pk}", response=Model)
def get_model(request: HttpRequest, pk: int) -> Any:
    return shown.model(study_or_404(request, pk, Right.READ))


@router.patch("/models/{int:pk}", response=Model)
def rename_model(request: HttpRequest, pk: int, body: Renamed) -> Any:
    services.rename(study_or_404(request, pk, Right.EDIT), body.name)
    return get_model(request, pk)


@router.delete("/models/{int:pk}", response={204: None})
def delete_model(request: HttpRequest, pk: int) -> None:
    """Delete a model and its passages. Its training is stopped first."""
    services.delete(study_or_404(request, pk))


@router.get("/models/{int:pk}/download", openapi_extra={"x-media-type": "application/zip"})
def download_model(request: HttpRequest, pk: int) -> Any:
    """Return the model as one file (docs/models.md)."""
    study = readable_or_404(request, pk)
    response = FileResponse(
        services.pack(study),
        as_attachment=True,
        filename=f"{services.file_name(study)}.zip",
        content_type="application/zip",
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.get("/models/{int:pk}/sources/{int:number}", response=Source)
def get_source(request: HttpRequest, pk: int, number: int, asked: Query[Marked]) -> Any:
    """Return a place in a text that the model learned, by the number of the document, from 0."""
    documents = study_or_404(request, pk, Right.READ).all_documents
    if number >= len(documents):
        raise Problem(404, "The model has learned no such document.")
    document = documents[number]
    found = excerpts.excerpt(document, asked.at, asked.length)
    parts = {name: getattr(found, name) for name in ("before", "marked", "after", "start", "end")}
    return {"document": document["name"], "characters": found.of, **parts}


@router.get("/models/{int:pk}/changes", response=Changes)
def list_changes(request: HttpRequest, pk: int) -> Any:
    """Return what has changed in the corpus since the model's texts were frozen."""
    found = corpus_changes.since(study_or_404(request, pk, Right.READ))
    if found is None:
        raise Problem(409, "The corpus is deleted, or the model never had one here.")
    edited = [{"number": one.number, "name": one.name} for one in found.edited]
    return {"sentences": found.sentences, "edited": edited}


@router.get("/models/{int:pk}/changes/{int:number}", response=Difference)
def get_changes(request: HttpRequest, pk: int, number: int) -> Any:
    """Return what has changed in a document since the model learned it, by the document's number, from 0."""
    study = study_or_404(request, pk, Right.READ)
    document, found = corpus_changes.document(study, number), corpus_changes.texts(study, number)
    if document is None or found is None or not documents(request, Right.READ).filter(pk=document.pk).exists():
        raise Problem(404, "The model has learned no such document, or the document is deleted.")
    return shown_doctor.difference(difference(*found))


@router.get("/models/compared", response=Compared)
def compare_models(request: HttpRequest, asked: Query[ToCompare]) -> Any:
    """Return two to four models side by side: what differs between their recipes, and what is found."""
    rows = studies(request, Right.READ).filter(pk__in=asked.model).select_related("owner")
    found = {study.pk: study for study in services.with_trainings(rows)}
    if len(found) < len(set(asked.model)):
        raise Problem(404, "There is no such model, or it is not yours.")
    sides = side_by_side.sides([found[number] for number in dict.fromkeys(asked.model)])
    if len(sides) < 2:
        raise Problem(422, "model: name at least two different models.")
    queue = Queue()
    return {
        "models": [{"model": shown.model(side.study, queue), "sample": side.sample} for side in sides],
        "differences": [{"name": name, "values": values} for name, values in side_by_side.differences(sides)],
        "finding": side_by_side.finding(sides),
        "counting": side_by_side.counting(sides),
    }
