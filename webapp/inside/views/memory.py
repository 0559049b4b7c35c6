"""The page that shows how far a model remembers: gradients over distance, and predictions with little context."""

from collections.abc import Sequence

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.inside import look_state, services
from webapp.inside.access import readable_or_404
from webapp.inside.charts import Chart, chart
from webapp.inside.models import Look, LookKind
from webapp.inside.views.looks import ask
from webapp.studies.access import studies, study_or_404
from webapp.studies.losses import bits


@require_http_methods(["GET", "POST"])
def memory(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the model remembers, or have it measured."""
    if request.method == "POST":
        return _measure(request, pk)
    return _page(request, pk)


def _measure(request: HttpRequest, pk: int) -> HttpResponse:
    problem = ask(request, readable_or_404(request, pk), LookKind.MEMORY)
    return _page(request, pk, problem) if problem else redirect("inside:memory", pk)


def _page(request: HttpRequest, pk: int, problem: str = "") -> HttpResponse:
    """Show the page. `?with=12` lays the lines of another model over those of this one."""
    study = study_or_404(request, pk, Right.READ)
    look = services.newest(person(request), study, LookKind.MEMORY) if study.is_readable else None
    others = _measured(request).exclude(study=study) if look and look.is_ready else Look.objects.none()
    other = others.filter(study=addresses.number(request.GET.get("with")) or 0).first()
    found = [one for one in (look, other) if one and one.is_ready]
    context = {
        "study": study,
        "look": look,
        "sentence": look_state.sentence(look) if look else "",
        "problem": problem,
        "gradient": gradient(found) if found else None,
        "context": _context_chart(found) if found else None,
        "lines": _context_lines(found[0]) if found else [],
        "others": others,
        "other": other,
        "tab": "memory",
    }
    return render(request, "inside/memory.html", context, status=422 if problem else 200)


def _measured(request: HttpRequest) -> QuerySet[Look]:
    """Return the visitor's looks at the memory of models that are ready and of their present weights."""
    looks = Look.objects.filter(
        owner=person(request), kind=LookKind.MEMORY, study__in=studies(request, Right.READ), result__isnull=False
    )
    return looks.filter(model_sha256=F("study__model_sha256")).select_related("study")


def gradient(looks: Sequence[Look]) -> Chart | None:
    """Return the chart of the size of the gradient over the distance, on a logarithmic axis."""
    names = {"hidden": _("hidden state"), "cell": _("cell state")}
    series = [
        (_named(one, looks, names[name]), one.result["gradient"].get(name) or [])
        for one in looks
        if one.result
        for name in names
    ]
    return chart(series, log_y=True)


def _named(look: Look, looks: Sequence[Look], name: str) -> str:
    """Return the name of a line, with that of its model where there are several."""
    return f"{look.study.name}: {name}" if len(looks) > 1 else name


def _context_lines(look: Look) -> list[tuple[int, float]]:
    """Return, for each number of characters that the model may see, the bits that the next one costs."""
    return [(characters, bits(nats)) for characters, nats in (look.result or {})["context"]]


def _context_chart(looks: Sequence[Look]) -> Chart | None:
    named = [(_named(one, looks, _("bits per character")), _context_lines(one)) for one in looks]
    return chart(named, log_x=True, with_marks=True)
