"""The page of the units that are worth seeing: found by the trainer, named here."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.inside import look_state, services
from webapp.inside.access import readable_or_404
from webapp.inside.findings import findings
from webapp.inside.models import LookKind
from webapp.inside.views.looks import ask
from webapp.studies.access import study_or_404


@require_http_methods(["GET", "POST"])
def units(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the units that do something a reader knows, or have them looked for."""
    if request.method == "POST":
        return _search(request, pk)
    return _page(request, pk)


def _search(request: HttpRequest, pk: int) -> HttpResponse:
    problem = ask(request, readable_or_404(request, pk), LookKind.UNITS)
    return _page(request, pk, problem) if problem else redirect("inside:units", pk)


def _page(request: HttpRequest, pk: int, problem: str = "") -> HttpResponse:
    study = study_or_404(request, pk, Right.READ)
    look = services.newest(person(request), study, LookKind.UNITS) if study.is_readable else None
    context = {
        "study": study,
        "look": look,
        "sentence": look_state.sentence(look) if look else "",
        "problem": problem,
        "findings": findings(look) if look else [],
        "tab": "units",
    }
    return render(request, "inside/units.html", context, status=422 if problem else 200)
