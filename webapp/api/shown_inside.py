"""Looks inside models and courses, as the interface sends them."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from webapp.inside import arrays, look_state
from webapp.inside.findings import findings
from webapp.inside.models import Course, Look
from webapp.studies.models import Study

Shown = dict[str, Any]


def look(row: Look) -> Shown:
    result = row.result and {name: value for name, value in row.result.items() if name != "arrays"}
    return {
        **{name: getattr(row, name) for name in ("id", "kind", "text", "place", "voices", "created")},
        "model": row.study_id,
        "over": row.is_over,
        "ready": row.is_ready,
        "sentence": look_state.sentence(row),
        "result": result,
        "arrays": [
            {"number": number, "name": one.name, "layer": one.layer, "shape": list(one.shape)}
            for number, one in enumerate(arrays.all_of(row))
        ],
        "findings": [
            {"layer": one.layer + 1, "unit": one.unit + 1, "sentence": one.sentence, "r": one.r}
            for one in (findings(row) if row.kind == "units" else ())
        ],
    }


def course(study: Study, found: Course | None, request: HttpRequest) -> Shown:
    key = found.share_key if found else None
    return {
        "model": study.pk,
        "gates": look(found.gates) if found and found.gates else None,
        "memory": look(found.memory) if found and found.memory else None,
        "link": request.build_absolute_uri(reverse("inside:shared", args=[key])) if key else "",
    }
