"""The page that holds a unit of a model: the model writes on so, beside the untouched one."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from webapp import addresses
from webapp.accounts.limits import LimitReached
from webapp.inside import services, text_choice
from webapp.inside.access import readable_or_404
from webapp.inside.forms import TouchForm
from webapp.studies.access import study_or_404
from webapp.studies.models import Study

_VALUES = {"-1": -1.0, "0": 0.0, "1": 1.0}
_OPENING = 160  # characters of the model's own text


@never_cache  # a page that the browser keeps would send the same submission id again
@require_http_methods(["GET", "POST"])
def touch(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the form, or let both models write. `?layer=1&unit=37&value=-1` fills it; both are counted from 1."""
    study = study_or_404(request, pk)
    if request.method == "POST":
        return _submit(request, pk)
    form = TouchForm(study, initial=_asked(request, study)) if study.is_readable else None
    return render(request, "inside/touch.html", {"study": study, "form": form, "tab": "touch"})


def _asked(request: HttpRequest, study: Study) -> dict[str, Any]:
    numbers = {name: addresses.number(request.GET.get(name)) for name in ("layer", "unit")}
    found: dict[str, Any] = {name: number for name, number in numbers.items() if number}
    if request.GET.get("value") in _VALUES:
        found["value"] = _VALUES[request.GET["value"]]
    return found | {"prompt": text_choice.of_study(study, _OPENING)}


def _submit(request: HttpRequest, pk: int) -> HttpResponse:
    study = readable_or_404(request, pk)
    form = TouchForm(study, request.POST)
    if form.is_valid():
        try:
            jobs = services.touch(study, form.touch(), form.cleaned_data["submission"])
            return redirect(f"{reverse('passages:compare')}?requests={','.join(str(job.pk) for job in jobs)}")
        except LimitReached as reached:
            form.add_error(None, str(reached))
    return render(request, "inside/touch.html", {"study": study, "form": form, "tab": "touch"}, status=422)
