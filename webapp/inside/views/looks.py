"""The views of one look: its state as JSON, one of its arrays as bytes, and the values at one symbol as a table."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from webapp import addresses, polls
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.inside import arrays, look_state, parts, services, text_choice
from webapp.inside.access import look_or_404
from webapp.inside.look_state import LookState
from webapp.inside.models import Look, LookKind
from webapp.inside.services import Wanted
from webapp.studies.models import Study


def ask(request: HttpRequest, study: Study, kind: LookKind) -> str:
    """Queue a look at a study's own text. Return why that can't be done, in a sentence; empty if it was done."""
    if problem := text_choice.missing(study):
        return problem
    try:
        services.look(person(request), study, Wanted(kind))
    except LimitReached as reached:
        return str(reached)
    return ""


@polls.unless_unchanged(look_state.current)
@require_GET
def state(request: HttpRequest, pk: int, now: LookState | None) -> JsonResponse:
    look = look_or_404(request, pk)
    found = look_state.as_json(look, look_state.own_arrays(look))
    return JsonResponse({**found, "seen": polls.mark(request, now)})


@require_GET
def array(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Send an array as little-endian float32, one row of units after the other."""
    return sent_array(look_or_404(request, pk), number)


def sent_array(look: Look, number: int) -> HttpResponse:
    data = arrays.read(look, arrays.numbered_or_404(look, number))
    return HttpResponse(data, content_type="application/octet-stream")


@require_GET
def table(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all values at one symbol as a table. `?at=17&layer=0` are counted from 0."""
    look = look_or_404(request, pk)
    symbols = (look.result or {}).get("symbols")
    if not symbols:
        raise Http404
    at = min(addresses.number(request.GET.get("at")) or 0, len(symbols) - 1)
    layers = sorted({one.layer for one in arrays.all_of(look) if one.layer >= 0})
    layer = addresses.number(request.GET.get("layer")) or 0
    if layer not in layers:
        raise Http404
    context = {
        "look": look,
        "study": look.study,
        "at": at,
        "layer": layer,
        "layers": layers,
        "symbol": symbols[at],
        "before": "".join(symbols[:at])[-60:],
        "last": len(symbols) - 1,
        "likely": _likely(look, at),
        **_values(look, at, layer),
    }
    return render(request, "inside/table.html", context)


def _values(look: Look, at: int, layer: int) -> dict[str, Any]:
    """Return the columns of the table, a part in each, and its rows, a unit in each."""
    found = [one for one in arrays.all_of(look) if one.layer == layer]
    columns = [arrays.rows(look, one, at, 1)[0] for one in found]
    labels = [parts.PARTS[one.name].label for one in found if one.name in parts.PARTS]
    return {"labels": labels, "rows": list(enumerate(zip(*columns, strict=True), 1))}


def _likely(look: Look, at: int, most: int = 8) -> list[tuple[str, float]]:
    """Return the likeliest next symbols and their probabilities, in percent."""
    found = {one.name: one for one in arrays.all_of(look)}
    if parts.NEXT_IDS not in found or look.result is None:
        return []
    ids = arrays.rows(look, found[parts.NEXT_IDS], at, 1)[0][:most]
    probabilities = arrays.rows(look, found[parts.NEXT_PROBABILITIES], at, 1)[0][:most]
    spelling = look.result.get("spelling", {})
    return [(spelling.get(str(int(one)), "?"), 100 * share) for one, share in zip(ids, probabilities, strict=True)]
