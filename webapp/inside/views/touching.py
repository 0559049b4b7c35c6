"""The page that holds units of a model: the model writes on so, beside the untouched one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.inside import services, text_choice
from webapp.inside.touch_forms import TouchForm, rearranged, rows_of, settings_of, units
from webapp.passages.access import passage_or_404
from webapp.passages.voices import field_names
from webapp.studies.access import readable_or_404, study_or_404
from webapp.studies.models import Study

_VALUES = {"-1": -1, "0": 0, "1": 1}
_OPENING = 160  # characters of the model's own text


@never_cache  # a page that the browser keeps would send the same submission id again
@require_http_methods(["GET", "POST"])
def touch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form, or let both models write.

    `?layer=1&unit=37&value=-1` fills it, with both counted from 1; `?passage=12` with all that was held for a passage.
    """
    study = study_or_404(request, pk, Right.READ)
    if request.method == "POST":
        return _submit(request, pk) if not {"add", "remove"} & request.POST.keys() else _rearrange(request, pk)
    if not study.is_readable:
        return _page(request, study, None, None)
    rows, settings = _asked(request, study)
    return _page(request, study, TouchForm(initial=settings, voices=study.voice_names), units(study, rows=rows))


def _page(request: HttpRequest, study: Study, form: TouchForm | None, held: Any, status: int = 200) -> HttpResponse:
    context = {"study": study, "form": form, "units": held, "is_removed": "remove" in request.POST, "tab": "touch"}
    return render(request, "inside/touch.html", context, status=status)


def _asked(request: HttpRequest, study: Study) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Return the first values of the units' rows, and those of the form, as the address asks for them."""
    number = addresses.number(request.GET.get("passage"))
    if number is not None:
        passage = passage_or_404(request, number)
        if passage.study_id == study.pk:
            return rows_of(passage.held), settings_of(passage)
    row: dict[str, Any] = {name: addresses.number(request.GET.get(name)) for name in ("layer", "unit")}
    row["value"] = _VALUES.get(request.GET.get("value", ""))
    asked = {name: value for name, value in row.items() if value is not None}
    shares = {name: addresses.number(request.GET.get(name)) for name in field_names(study.voice_names)}
    first = {name: share for name, share in shares.items() if share is not None}
    return [asked] if asked else [], {"prompt": text_choice.of_study(study, _OPENING)} | first


def _rearrange(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form as it was sent, with one unit more or less."""
    study = readable_or_404(request, pk)
    held = units(study, rows=rearranged(request.POST))
    if "add" in request.POST:
        held.focus_on_last()
    return _page(request, study, TouchForm(initial=request.POST.dict(), voices=study.voice_names), held)


def _submit(request: HttpRequest, pk: int) -> HttpResponse:
    study = readable_or_404(request, pk)
    form, held = TouchForm(request.POST, voices=study.voice_names), units(study, request.POST)
    if all([form.is_valid(), held.is_valid()]):  # both, so that all errors are shown
        try:
            jobs = services.touch(person(request), study, form.touch(held.held()), form.cleaned_data["submission"])
            return redirect(f"{reverse('passages:compare')}?requests={','.join(str(job.pk) for job in jobs)}")
        except LimitReached as reached:
            form.add_error(None, str(reached))
    return _page(request, study, form, held, status=422)
