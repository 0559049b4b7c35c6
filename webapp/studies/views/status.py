"""The page of a study, and the fragment that the page polls during the training."""

import json
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from webapp import addresses, polls
from webapp.accounts.rights import Right
from webapp.studies import chart, corpus_changes, page_state, score, timelines
from webapp.studies.access import rights_to, study_or_404
from webapp.studies.models import Study
from webapp.studies.page_state import PageState
from webapp.studies.recipe_labels import recipe_name, recipe_table
from webapp.studies.training_status import TrainingStatus, status_of


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    now = page_state.current(pk)  # read before the content, so that a change in between is noticed at the next poll
    study = study_or_404(request, pk, Right.READ)
    context = _context(request, study) | rights_to(request, study)
    samples = _newest_samples(context["watching"])
    context["corpus_changes"] = corpus_changes.since(context["study"])
    context |= {"samples": samples, **_asking(request, now, _last_step(samples))}
    return render(request, "studies/detail.html", context)


def _last_step(samples: list[timelines.Moment]) -> int:
    return max((sample.step for sample in samples), default=0)


def _asking(request: HttpRequest, now: PageState | None, sample: int) -> dict[str, Any]:
    """Return the query of the page's next poll, which says what the page shows, and the time until then."""
    page = polls.page_of(request)
    asking = {"seen": polls.mark(request, now), "since": now.point if now else 0, "sample": sample, "page": page}
    return {"asking": urlencode(asking), "wait": polls.milliseconds(page, now.age if now else 0.0)}


def _context(request: HttpRequest, study: Study) -> dict[str, Any]:
    return _state(request, study) | {"recipe": recipe_table(study), "recipe_name": recipe_name(study)}


def _state(request: HttpRequest, study: Study) -> dict[str, Any]:
    """Return what the state and the samples are made of, which are made anew after each change."""
    alone = score.trained_alone(study) if study.owner_id == request.user.pk else []  # others may not see these models
    compared = score.compared_with(study, alone)
    return {
        "study": study,
        "watching": status_of(study),
        "score": score.score_table(study, compared),
        "bars": score.score_bars(study, compared),
        "shares": score.held_out_shares(study),
        "calibration": score.calibration(study),
        "voices": score.voice_lines(study),
        "alone": alone,
    }


@polls.unless_unchanged(page_state.current)
@require_GET
def status(request: HttpRequest, pk: int, now: PageState | None) -> HttpResponse:
    """Send the state as a fragment, with the chart's new points and all other parts of the page that have changed.

    `?shown=` is the key of the page's buttons, `?since=` the step of its newest point, `?sample=` that of its newest
    sample. The parts that do not depend on the visitor are made once for all pages that show the same state.
    """
    if now is None:
        raise Http404
    if now.owner != request.user.pk:
        study_or_404(request, pk, Right.READ)
    since, sample = (addresses.number(request.GET.get(name)) or 0 for name in ("since", "sample"))
    part = polls.shared((pk, now, now.owner == request.user.pk), lambda: _part(request, pk))
    context = part | _asking(request, now, part["newest"])
    context["history"] = polls.shared((pk, now, since), lambda: _points(part, since))
    if not part["watching"].is_over and part["newest"] == sample:
        context["samples_fragment"] = ""
    context["changed"] = request.GET.get("shown", "") != part["key"]
    if context["changed"]:
        study = study_or_404(request, pk, Right.READ)
        context |= _context(request, study) | rights_to(request, study)
    # Only the buttons need the request: without it, the poll runs no context processors.
    fragment = render_to_string("studies/_status.html", context, request if context["changed"] else None)
    return HttpResponse(fragment.strip())  # otherwise each poll would add blanks to the page


def _part(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return the parts of the fragment that are the same for all visitors."""
    context = _state(request, study_or_404(request, pk, Right.READ))
    samples = _newest_samples(context["watching"])
    return {
        "study": context["study"],
        "watching": context["watching"],
        "key": context["watching"].key,
        "inside": render_to_string("studies/_state.html", context),
        "samples_fragment": render_to_string(
            "studies/_samples.html", {**context, "samples": samples, "out_of_band": True}
        ),
        "newest": _last_step(samples),
    }


def _points(part: dict[str, Any], since: int) -> str:
    found = chart.history(part["study"], since)
    return json.dumps({**found, "over": part["watching"].is_over}, separators=(",", ":"))


def _newest_samples(status: TrainingStatus) -> list[timelines.Moment]:
    return timelines.newest(timelines.moments(status.study, status.is_over))
