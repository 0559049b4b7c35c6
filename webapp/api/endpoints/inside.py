"""The operations that look inside models: gates, units, memory, attribution, held units, and the course."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Query, Router

from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.api import shown, shown_inside
from webapp.api.paging import Page, Paging, page_of
from webapp.api.problems import Problem, of_form
from webapp.api.schemas.base import ONCE
from webapp.api.schemas.inside import Course, CourseLine, Look, LookAt, Touch
from webapp.api.schemas.models import Model
from webapp.api.schemas.passages import Link, Request
from webapp.api.voices import voices_of
from webapp.inside import arrays, services, text_choice
from webapp.inside.access import look_or_404
from webapp.inside.forms import AttributionForm, LineForm, TextForm
from webapp.inside.models import Look as Row
from webapp.inside.models import LookKind
from webapp.inside.services import Wanted
from webapp.inside.touch_forms import TouchForm, UnitForm, repeated
from webapp.studies.access import readable_or_404, study_or_404
from webapp.studies.models import Study

router = Router(tags=["inside"])


@router.get("/models/{int:pk}/looks", response=Page[Look])
def list_looks(request: HttpRequest, pk: int, paging: Query[Paging]) -> Any:
    """Return one's own looks at a model that are kept, the newest first."""
    rows = Row.objects.filter(owner=person(request), study=study_or_404(request, pk, Right.READ)).select_related(
        "job", "study"
    )
    return page_of(rows, paging, shown_inside.look)


@router.post("/models/{int:pk}/looks", response={201: Look})
def look(request: HttpRequest, pk: int, body: LookAt) -> Any:
    """Ask for a look inside a model. One that was made already is returned at once."""
    study = readable_or_404(request, pk)
    wanted = _wanted(study, body)
    if wanted.kind in (LookKind.UNITS, LookKind.MEMORY) and (problem := text_choice.missing(study)):
        raise Problem(409, problem)
    return shown_inside.look(services.look(person(request), study, wanted))


def _wanted(study: Study, body: LookAt) -> Wanted:
    """Return what is to be looked at, checked by the page's form."""
    kind = LookKind(body.kind)
    shares = voices_of(study, body.voices)
    if kind not in (LookKind.GATES, LookKind.ATTRIBUTION):
        return Wanted(kind, voices=shares)
    text, place = TextForm({"text": body.text}), AttributionForm({"place": body.place})
    for form in (text, place) if kind == LookKind.ATTRIBUTION else (text,):
        if not form.is_valid():
            raise of_form(form)
    number = place.cleaned_data["place"] if kind == LookKind.ATTRIBUTION else None
    return Wanted(kind, text.cleaned_data["text"], number, shares)


@router.get("/looks/{int:pk}", response=Look)
def get_look(request: HttpRequest, pk: int) -> Any:
    return shown_inside.look(look_or_404(request, pk))


@router.get("/looks/{int:pk}/arrays/{int:number}", openapi_extra={"x-media-type": "application/octet-stream"})
def get_array(request: HttpRequest, pk: int, number: int) -> Any:
    """Return an array of a look: little-endian float32, one row of units after the other."""
    row = look_or_404(request, pk)
    response = HttpResponse(
        arrays.read(row, arrays.numbered_or_404(row, number)), content_type="application/octet-stream"
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


@router.post("/models/{int:pk}/touch", response={201: list[Request]})
def touch(request: HttpRequest, pk: int, body: Touch, idempotency_key: UUID | None = ONCE) -> Any:
    """Let a model write twice with the same seed: untouched, and with units held. The requests come in this order."""
    study = readable_or_404(request, pk)
    given = body.model_dump(exclude_none=True, exclude={"held", "voices"})
    form = TouchForm({"seed": TouchForm()["seed"].initial, **given})
    rows = [UnitForm(one.model_dump(), network=study.network) for one in body.held]
    for each in (form, *rows):
        if not each.is_valid():
            raise of_form(each)
    if problem := repeated(rows):
        raise Problem(422, problem, [{"field": "held", "detail": problem}])
    wanted = replace(form.touch([row.held() for row in rows]), voices=voices_of(study, body.voices))
    return [shown.request_of(job, request) for job in services.touch(person(request), study, wanted, idempotency_key)]


# The course ------------------------------------------------------------------------------------------------------


@router.get("/models/{int:pk}/course", response=Course)
def get_course(request: HttpRequest, pk: int) -> Any:
    """Return the looks that the course of a model shows, and its link."""
    study = study_or_404(request, pk, Right.READ)
    return shown_inside.course(study, services.course_of(person(request), study), request)


@router.post("/models/{int:pk}/course", response={201: Course})
def draw_course(request: HttpRequest, pk: int, body: CourseLine) -> Any:
    """Have the pictures of the course drawn, with a line that the model reads."""
    study, form = readable_or_404(request, pk), LineForm({"text": body.text})
    if not form.is_valid():
        raise of_form(form)
    services.draw(person(request), study, form.cleaned_data["text"], voices_of(study, body.voices))
    return get_course(request, pk)


@router.post("/models/{int:pk}/course/share", response=Link)
def share_course(request: HttpRequest, pk: int) -> Any:
    """Make the link by which anybody may read the course. One that has a link keeps it."""
    services.share(readable_or_404(request, pk, Right.OWN))
    return {"link": get_course(request, pk)["link"]}


@router.delete("/models/{int:pk}/course/share", response={204: None})
def unshare_course(request: HttpRequest, pk: int) -> None:
    """Take the link back."""
    services.stop_sharing(study_or_404(request, pk))


@router.post("/models/sample", response={201: Model})
def train_sample(request: HttpRequest) -> Any:
    """Return the model of the sample, which is trained now if there is none."""
    return shown.model(services.sample_study(person(request), _("The sample, explained")))
