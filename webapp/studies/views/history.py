"""The views of a training's history: the chart's points, the time line, the frozen texts and their changes since."""

import csv
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from trainer.contract import procedures
from webapp import addresses, polls
from webapp.accounts.rights import Right
from webapp.corpora.access import documents
from webapp.differences import difference
from webapp.studies import chart, corpus_changes, excerpts, page_state, services, timelines
from webapp.studies.access import study_or_404
from webapp.studies.training_status import status_of


@require_GET
def history(request: HttpRequest, pk: int) -> JsonResponse:
    study = study_or_404(request, pk, Right.READ)
    over = services.training(study).is_over  # read before the points: when it is true, no more points can come
    return JsonResponse({**chart.history(study, addresses.number(request.GET.get("since")) or 0), "over": over})


@require_GET
def history_csv(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer with all points of the history as a table: losses in nats per character, times in seconds."""
    study = study_or_404(request, pk, Right.READ)
    name = f"history-{study.pk}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = HttpResponse(content_type="text/csv; charset=utf-8", headers=headers)
    columns = ("kind", "step", "characters", "train_loss", "carried", "cold")
    writer = csv.writer(response)
    writer.writerow(columns)
    writer.writerows(study.history.order_by("step", "kind").values_list(*columns))
    return response


def _samples_shown(pk: int) -> tuple[Any, ...] | None:
    """Return the present state on which the time line depends."""
    now = page_state.current(pk)
    return now and (now.owner, now.job, now.state, now.history_bytes)


@polls.unless_unchanged(_samples_shown)
@require_GET
def timeline(request: HttpRequest, pk: int, now: tuple[Any, ...] | None) -> HttpResponse:
    """Show all samples side by side. Answer htmx with the time line alone."""
    study = study_or_404(request, pk, Right.READ)
    status = status_of(study)
    page = polls.page_of(request)
    moments = timelines.moments(study, status.is_over)
    context = {
        "study": study,
        "procedure": procedures.of_choices(study.recipe),
        "watching": status,
        "moments": moments,
        "curve": timelines.curve(moments),
        "asking": urlencode({"seen": polls.mark(request, now), "page": page}),
        "wait": polls.milliseconds(page, status.age),
    }
    is_script = bool(request.headers.get("HX-Request"))
    return render(request, "studies/_timeline.html" if is_script else "studies/timeline.html", context)


@require_GET
def source(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show a place in a frozen document. `?at=12345&length=40` marks 40 characters there."""
    study = study_or_404(request, pk, Right.READ)
    documents = study.all_documents
    if number >= len(documents):
        raise Http404
    document = documents[number]
    at, length = (addresses.number(request.GET.get(name)) or 0 for name in ("at", "length"))
    excerpt = excerpts.excerpt(document, at, length)
    return render(request, "studies/source.html", {"study": study, "document": document, "excerpt": excerpt})


@require_GET
def changes(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Show what has changed in a document since the study learned it."""
    study = study_or_404(request, pk, Right.READ)
    document = corpus_changes.document(study, number)
    found = corpus_changes.texts(study, number)
    if document is None or found is None or not documents(request, Right.READ).filter(pk=document.pk).exists():
        raise Http404
    context = {"study": study, "document": document, "difference": difference(*found)}
    return render(request, "studies/changes.html", context)
