"""The page of the units that are worth seeing: found by the trainer, named here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from webapp.accounts.rights import Right
from webapp.inside.findings import findings
from webapp.inside.models import LookKind
from webapp.inside.views import measured
from webapp.passages.voices_form import VoicesForm
from webapp.studies.access import study_or_404


@require_http_methods(["GET", "POST"])
def units(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the units that do something a reader knows (`?look=12`: of that look), or have them looked for."""
    if request.method == "POST":
        return measured.asked(request, pk, LookKind.UNITS, _page)
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, form: VoicesForm | None = None, problem: str = "") -> HttpResponse:
    study = study_or_404(request, pk, Right.READ)
    context = measured.context(request, study, LookKind.UNITS, form, problem)
    context["findings"] = findings(context["look"]) if context["look"] else []
    return render(request, "inside/units.html", context, status=422 if form else 200)
