"""The page that shows how far a model remembers: gradients over distance, and predictions with little context."""

from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.inside.charts import Chart, chart
from webapp.inside.models import Look, LookKind
from webapp.inside.views import measured
from webapp.passages import voices
from webapp.passages.voices_form import VoicesForm
from webapp.studies.access import studies, study_or_404
from webapp.studies.losses import bits

_NOTHING = 1e-12  # of the largest gradient


@require_http_methods(["GET", "POST"])
def memory(request: HttpRequest, pk: int) -> HttpResponse:
    """Show how far the model remembers (`?look=12`: that look), or have it measured."""
    if request.method == "POST":
        return measured.asked(request, pk, LookKind.MEMORY, _page)
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, form: VoicesForm | None = None, problem: str = "") -> HttpResponse:
    """Show the page. `?with=12` lays the lines of another look over those of this one."""
    shared = measured.context(request, study_or_404(request, pk, Right.READ), LookKind.MEMORY, form, problem)
    look = shared["look"]
    others = _measured(request).exclude(pk=look.pk) if look and look.is_ready else Look.objects.none()
    other = others.filter(pk=addresses.number(request.GET.get("with")) or 0).first()
    found = [one for one in (look, other) if one and one.is_ready]
    context = shared | {
        **charts(found),
        "lines": _context_lines(found[0]) if found else [],
        "others": [(one.pk, _model(one)) for one in others],
        "other": other,
    }
    return render(request, "inside/memory.html", context, status=422 if form else 200)


def charts(looks: Sequence[Look]) -> dict[str, Any]:
    """Return the charts in which the memories of some models lie over one another, and what stands beside them."""
    return {
        "names": _in_a_row([_model(look) for look in looks]),
        "gradient": gradient(looks) if looks else None,
        "across": across(looks),
        "context": _context_chart(looks) if looks else None,
    }


def _in_a_row(names: list[str]) -> str:
    """Return names in a sentence: "A", "A and B", "A, B and C"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def _measured(request: HttpRequest) -> QuerySet[Look]:
    """Return the visitor's looks at the memory of models that are ready and of their present weights."""
    looks = Look.objects.filter(
        owner=person(request), kind=LookKind.MEMORY, study__in=studies(request, Right.READ), result__isnull=False
    )
    return looks.filter(model_sha256=F("study__model_sha256")).select_related("study")


def gradient(looks: Sequence[Look]) -> Chart | None:
    """Return the chart of the size of the gradient over the distance, on a logarithmic axis.

    A line ends where nothing is left: a plain RNN may fall to 10⁻⁴⁵, and then all others would look flat.
    """
    names = {"hidden": _("hidden state"), "cell": _("cell state")}
    found = [
        (_named(one, looks, names[name]), one.result["gradient"].get(name) or [])
        for name in names
        for one in looks
        if one.result
    ]
    largest = max((size for _name, points in found for _back, size in points), default=0.0)
    return chart(
        [(name, [point for point in points if point[1] >= _NOTHING * largest]) for name, points in found], log_y=True
    )


def across(looks: Sequence[Look]) -> str:
    """Return what the gradient is counted in, backwards: what the models read at a time."""
    levels = {((look.study.started or {}).get("recipe") or {}).get("level", "char") for look in looks}
    if levels == {"word"}:
        return _("words back")
    return _("characters or words back") if "word" in levels else _("characters back")


def _named(look: Look, looks: Sequence[Look], name: str) -> str:
    """Return the name of a line, with that of its model where there are several."""
    return f"{_model(look)}: {name}" if len(looks) > 1 else name


def _model(look: Look) -> str:
    """Return the name of a look's model, with the voice in which it read."""
    voice = voices.told(look.voices)
    return _("%(model)s as %(voice)s") % {"model": look.study.name, "voice": voice} if voice else look.study.name


def _context_lines(look: Look) -> list[tuple[int, float]]:
    """Return, for each number of characters that the model may see, the bits that the next one costs."""
    return [(characters, bits(nats)) for characters, nats in (look.result or {})["context"]]


def _context_chart(looks: Sequence[Look]) -> Chart | None:
    named = [(_named(one, looks, _("bits per character")), _context_lines(one)) for one in looks]
    return chart(named, log_x=True, with_marks=True)
