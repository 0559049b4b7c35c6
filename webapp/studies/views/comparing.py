"""The page that lays studies over one another, and the button that trains the three cells to be compared there."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from trainer.contract.documents import TextProblem
from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.accounts.rights import Right
from webapp.corpora.access import corpus_or_404
from webapp.studies import services, side_by_side
from webapp.studies.access import studies
from webapp.studies.models import Study
from webapp.studies.recipe_labels import OPTIONS

_OFFERED = 100
_NAME = 100  # characters of the corpus's name in that of a study


@require_GET
def compare(request: HttpRequest) -> HttpResponse:
    """Show the studies of `?study=1&study=2` side by side, or ask which ones."""
    mine = studies(request, Right.READ)
    numbers = list(dict.fromkeys(addresses.number(given) or 0 for given in request.GET.getlist("study")))
    chosen = {study.pk: study for study in services.with_trainings(mine.filter(pk__in=numbers))}
    if len(chosen) < len(numbers):
        raise Http404
    ordered = [chosen[number] for number in numbers]
    context = {
        "offered": mine.select_related("owner")[:_OFFERED],
        "chosen": set(numbers),
        "most": side_by_side.MOST,
        "too_many": len(ordered) > side_by_side.MOST,
    }
    if 2 <= len(ordered) <= side_by_side.MOST:
        context |= _compared(ordered)
    return render(request, "studies/compare.html", context)


def _compared(ordered: list[Study]) -> dict[str, object]:
    sides = side_by_side.sides(ordered)
    is_over = all(side.job.is_over for side in sides)
    query: list[tuple[str, object]] = [("study", study.pk) for study in ordered]
    are_cells = side_by_side.only_cells_differ(sides)
    if is_over and are_cells:
        query.append(("measure", "yes"))  # who compares cells wants to see how far they remember
    return {
        "sides": sides,
        "is_over": is_over,
        "are_cells": are_cells,
        "memories_query": urlencode(query),
        "finding": side_by_side.finding(sides),
        "differences": side_by_side.differences(sides),
        "counting": side_by_side.counting(sides),
    }


@require_POST
def cells(request: HttpRequest, corpus_pk: int) -> HttpResponse:
    """Train a plain RNN, a GRU and an LSTM on a corpus, and lead to the page that compares them."""
    corpus = corpus_or_404(request, corpus_pk, Right.READ)
    names = {cell: f"{corpus.name[:_NAME]}, {label}" for cell, label in OPTIONS["cell"].items()}
    try:
        made = services.compare_cells(person(request), corpus, names)
    except (LimitReached, TextProblem) as problem:
        messages.error(request, str(problem))
        return redirect(corpus)
    query = urlencode([("study", study.pk) for study in made])
    return redirect(f"{reverse('studies:compare')}?{query}")
