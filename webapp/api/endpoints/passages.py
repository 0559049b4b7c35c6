"""The operations on passages, and on the requests that models are asked with."""

import random
from dataclasses import replace
from typing import Any, Literal
from uuid import UUID

from django.db.models.functions import Length, Substr
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from trainer.contract.documents import clean
from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.api import shown
from webapp.api.paging import Page, Paging, page_of
from webapp.api.problems import Problem, of_form
from webapp.api.schemas.base import ONCE
from webapp.api.schemas.models import Opening
from webapp.api.schemas.passages import (
    Compare,
    Link,
    Passage,
    PassageChange,
    PassageInList,
    Request,
    Search,
    Trace,
    Write,
)
from webapp.api.voices import voices_of
from webapp.names import visible_name
from webapp.passages import downloads, openings, services, traces
from webapp.passages.access import passage_or_404, passages, writing_or_404
from webapp.passages.forms import WriteForm, first_choices
from webapp.passages.models import Passage as Row
from webapp.passages.models import Trace as TraceRow
from webapp.passages.search import Search as Found
from webapp.passages.services import Wanted
from webapp.studies.access import readable_or_404, study_or_404
from webapp.studies.models import Study

router = Router(tags=["passages"])

_BEGINNING = 200  # characters of a passage in a list


@router.post("/models/{int:pk}/passages", response={201: Request})
def write(request: HttpRequest, pk: int, body: Write, idempotency_key: UUID | None = ONCE) -> Any:
    """Ask a model for passages. They exist at once and grow: ask for the request until it is over."""
    study = readable_or_404(request, pk)
    before = passages(request).filter(pk=body.goes_on_from, study=study).first() if body.goes_on_from else None
    if body.goes_on_from and before is None:
        raise Problem(422, "goes_on_from: the model has written no such passage.")
    wanted = replace(_wanted(study, body, before), voices=voices_of(study, body.voices or {}))
    job = services.write(person(request), study, wanted, idempotency_key)
    return shown.request_of(job, request)


@router.get("/models/{int:pk}/opening", response=Opening)
def get_opening(request: HttpRequest, pk: int, kind: Literal["random", "end"] = "random") -> Any:
    """Return a random opening from the model's text, or the text's last lines."""
    study = study_or_404(request, pk, Right.READ)
    if not study.has_text:
        return {"text": ""}
    return {
        "text": openings.last_lines(study) if kind == "end" else openings.random_opening(study, random.SystemRandom())
    }


@router.post("/comparisons", response={201: list[Request]})
def compare(request: HttpRequest, body: Compare, idempotency_key: UUID | None = ONCE) -> Any:
    """Ask two models for the same passages. The page of comparisons shows them side by side."""
    studies = [readable_or_404(request, pk) for pk in body.models]
    if len({study.pk for study in studies}) < len(studies):
        raise Problem(422, "models: this is the same model twice, which would write the same.")
    wanted = _wanted(studies[0], body, None)
    jobs = services.compare(person(request), [(study, wanted) for study in studies], idempotency_key)
    return [shown.request_of(job, request) for job in jobs]


@router.get("/requests/{int:pk}", response=Request)
def get_request(request: HttpRequest, pk: int) -> Any:
    """Return a request with its passages as far as they are written."""
    return shown.request_of(writing_or_404(request, pk), request)


@router.post("/requests/{int:pk}/stop", response=Request)
def stop_writing(request: HttpRequest, pk: int) -> Any:
    """Stop a request. What was written until then is kept."""
    services.stop(writing_or_404(request, pk))
    return get_request(request, pk)


@router.get("/passages", response=Page[PassageInList])
def list_passages(request: HttpRequest, search: Query[Search], paging: Query[Paging]) -> Any:
    """Return the passages that match, the newest first. `beginning` has their first 200 characters."""
    study = study_or_404(request, search.model, Right.READ) if search.model is not None else None
    found = Found(" ".join(clean(search.q).split()), search.starred, study).among(passages(request))
    beginnings = found.defer("text").annotate(beginning=Substr("text", 1, _BEGINNING), written=Length("text"))
    return page_of(beginnings, paging, shown.passage_in_list)


@router.get("/passages/{int:pk}", response=Passage)
def get_passage(request: HttpRequest, pk: int) -> Any:
    return shown.passage(passage_or_404(request, pk), request)


@router.patch("/passages/{int:pk}", response=Passage)
def change_passage(request: HttpRequest, pk: int, body: PassageChange) -> Any:
    """Change the title, or set or remove the star. An empty title removes it."""
    row = passage_or_404(request, pk)
    if body.title is not None:
        services.rename(row, visible_name(body.title, "", 120))
    if body.starred is not None:
        services.star(row, body.starred)
    return get_passage(request, pk)


@router.delete("/passages/{int:pk}", response={204: None})
def delete_passage(request: HttpRequest, pk: int) -> None:
    services.delete(passage_or_404(request, pk))


@router.post("/passages/{int:pk}/again", response={201: Request})
def write_again(request: HttpRequest, pk: int, idempotency_key: UUID | None = ONCE) -> Any:
    """Write a passage again. The same model on the same machine writes the same, letter for letter."""
    row = passage_or_404(request, pk)
    study_or_404(request, row.study_id, Right.READ)  # it may be shared no longer
    return shown.request_of(services.write_again(row, idempotency_key), request)


@router.get("/passages/{int:pk}/trace", response=Trace)
def get_trace(request: HttpRequest, pk: int) -> Any:
    """Return what the model thought of each symbol. It is empty while the passage is written."""
    found = TraceRow.objects.filter(passage=passage_or_404(request, pk)).first()
    data = traces.as_json(found.data) if found else b"[]"
    return HttpResponse(b'{"symbols":%b}' % data, content_type="application/json")


@router.get("/passages/{int:pk}/download", openapi_extra={"x-media-type": "text/plain"})
def download_passage(request: HttpRequest, pk: int, kind: Literal["text", "markdown"] = "text") -> Any:
    """Return the text and how it was written, as plain text or as Markdown."""
    row = passage_or_404(request, pk)
    content = downloads.as_markdown(row) if kind == "markdown" else downloads.as_text(row)
    response = HttpResponse(content, content_type="text/plain; charset=utf-8")
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.post("/passages/{int:pk}/share", response=Link)
def share_passage(request: HttpRequest, pk: int) -> Any:
    """Make the link by which anybody may read the passage. One that has a link keeps it."""
    services.share(passage_or_404(request, pk))
    return {"link": shown.link(passage_or_404(request, pk), request)}


@router.delete("/passages/{int:pk}/share", response={204: None})
def unshare_passage(request: HttpRequest, pk: int) -> None:
    """Take the link back."""
    services.stop_sharing(passage_or_404(request, pk))


def _wanted(study: Study, body: Write | Compare, before: Row | None) -> Wanted:
    """Return the content of a request, checked by the page's form. What is left out has the form's first value."""
    blank = WriteForm(can_count=study.can_count)
    usual = {name: blank[name].initial for name in blank.fields} | first_choices(study)
    given = body.model_dump(exclude_none=True, exclude={"goes_on_from", "models", "voices"})
    form = WriteForm({**usual, **given, "goes_on_from": None, "submission": None}, can_count=study.can_count)
    if not form.is_valid():
        raise of_form(form)
    return form.wanted(before)
