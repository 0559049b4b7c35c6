"""Pages of studies: choosing a recipe, watching it learn, finding it again."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from trainer.contract.documents import TextProblem
from trainer.contract.recipe import Recipe
from webapp import polls
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.corpora import overlaps
from webapp.corpora.access import corpus_or_404
from webapp.studies import figures, frozen, services, timelines, watching
from webapp.studies.access import studies, study_or_404
from webapp.studies.estimates import Estimator, explained
from webapp.studies.forms import (
    LABELS,
    PURPOSES,
    RECIPES,
    TUTORIAL_EPOCHS,
    FurtherForm,
    NameForm,
    RecipeForm,
    as_chosen,
    first_budget,
)
from webapp.studies.models import Study

_ON_A_PAGE = 20


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    found = Paginator(services.with_trainings(studies(request)), _ON_A_PAGE)
    return render(request, "studies/list.html", {"page": found.get_page(request.GET.get("page"))})


@never_cache  # a page that is gone back to would send its one submission again
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, corpus_pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, corpus_pk)
    form = RecipeForm(request.POST or None)

    def submit(recipe: dict[str, Any], name: str) -> Study:
        return services.submit(person(request), corpus, recipe, name, form.cleaned_data["submission"])

    context = {"corpus_name": corpus.name, "back": corpus.get_absolute_url(), "problem": services.problem(corpus)}
    size = {"characters": corpus.characters, "alphabet": corpus.alphabet}
    return _choose(request, form, submit, context | size | {"overlaps": overlaps.sentences(corpus.overlaps)})


@never_cache
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """The recipe of a study in the form, to be changed and trained on the very same text."""
    study = study_or_404(request, pk)
    form = RecipeForm(request.POST or None, initial=as_chosen(study))

    def submit(recipe: dict[str, Any], name: str) -> Study:
        return services.again(study, recipe, name, form.cleaned_data["submission"])

    context = {"corpus_name": study.corpus_name, "back": study.get_absolute_url(), "before": study}
    size = {"characters": study.characters, "alphabet": study.alphabet}
    return _choose(request, form, submit, context | size)


def _choose(
    request: HttpRequest, form: RecipeForm, submit: Callable[[dict[str, Any], str], Study], context: dict[str, Any]
) -> HttpResponse:
    """Show the form that chooses a recipe, or train as it says."""
    if request.method == "POST" and form.is_valid():
        recipe = form.choices()
        name = form.cleaned_data["name"].strip() or f"{context['corpus_name']}, {dict(RECIPES)[recipe['recipe']]}"[:120]
        try:
            return redirect(submit(recipe, name))
        except LimitReached as reached:
            form.add_error(None, str(reached))
        except TextProblem as problem:
            context["problem"] = str(problem)
    cards = [] if context.get("problem") else _recipes(context["characters"], context["alphabet"])
    context |= {"form": form, "recipes": cards}
    return render(request, "studies/create.html", context, status=422 if request.method == "POST" else 200)


def _recipes(characters: int, alphabet: int) -> list[dict[str, object]]:
    """Return what the form's cards say of each recipe."""
    estimator = Estimator()
    seconds = estimator.presets(characters)
    cards: list[dict[str, object]] = [
        {
            "value": value,
            "label": label,
            "purpose": PURPOSES[value],
            "seconds": seconds[value],
            **_made_of(estimator.recipe(value, characters, alphabet), characters, alphabet),
        }
        for value, label in RECIPES
    ]
    cards[-1]["epochs"] = [(number, number * seconds["tutorial"]) for number in TUTORIAL_EPOCHS]
    return cards


def _made_of(recipe: Recipe, characters: int, alphabet: int) -> dict[str, object]:
    """Return what a recipe would be for a text, and why."""
    why = explained(recipe, {}, characters, alphabet)
    chosen = [(LABELS[name], f"{getattr(recipe, name):g}", why[name]) for name in LABELS if name in why]
    return {"made": recipe, "chosen": chosen}


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    now = watching.shown(pk)  # before all that is shown: what changes meanwhile is news
    context = _context(study_or_404(request, pk))
    samples = _newest_samples(context["watching"])
    context |= {"samples": samples, **_asking(request, now, _last_step(samples))}
    return render(request, "studies/detail.html", context)


def _last_step(samples: list[timelines.Moment]) -> int:
    return max((sample.step for sample in samples), default=0)


def _asking(request: HttpRequest, now: watching.Shown | None, sample: int) -> dict[str, Any]:
    """Return what the page asks with, next time: what it shows, and when."""
    page = polls.page_of(request)
    asking = {"seen": polls.mark(request, now), "since": now.point if now else 0, "sample": sample, "page": page}
    return {"asking": urlencode(asking), "wait": polls.milliseconds(page, now.age if now else 0.0)}


def _context(study: Study) -> dict[str, Any]:
    return {
        "study": study,
        "watching": watching.watch(study, services.training(study)),
        "score": figures.score_table(study),
        "bars": figures.score_bars(study),
        "shares": figures.held_out_shares(study),
        "recipe": figures.recipe_table(study),
        "recipe_name": dict(RECIPES).get(study.recipe.get("recipe", ""), ""),
    }


@polls.unless_unchanged(watching.shown)
@require_GET
def status(request: HttpRequest, pk: int) -> HttpResponse:
    """The state as a fragment, with the chart's new points, and whatever else is not what the page shows.

    `?shown=` is the state that its buttons are of, `?since=` the step of its newest point, `?sample=` that of its
    newest sample. What is the same for all who watch a training is made once.
    """
    now = watching.shown(pk)
    if now is None or now.owner != request.user.pk:
        raise Http404
    since, sample = _number(request, "since"), _number(request, "sample")
    part = polls.shared((pk, now), lambda: _part(request, pk))
    context = part | _asking(request, now, part["newest"])
    context["history"] = polls.shared((pk, now, since), lambda: _points(part, since))
    if not part["watching"].is_over and part["newest"] == sample:
        context["beside"] = ""
    context["changed"] = request.GET.get("shown", "") != part["key"]
    if context["changed"]:
        context |= _context(study_or_404(request, pk))
    fragment = render_to_string("studies/_status.html", context, request)
    return HttpResponse(fragment.strip())  # a page that stays open for hours gathers no blanks


def _part(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Return what a status holds that depends on nobody who looks at it."""
    context = _context(study_or_404(request, pk))
    samples = _newest_samples(context["watching"])
    return {
        "study": context["study"],
        "watching": context["watching"],
        "key": context["watching"].key,
        "inside": render_to_string("studies/_state.html", context),
        "beside": render_to_string("studies/_samples.html", {**context, "samples": samples, "beside": True}),
        "newest": _last_step(samples),
    }


def _points(part: dict[str, Any], since: int) -> str:
    found = figures.history(part["study"], since)
    return json.dumps({**found, "over": part["watching"].is_over}, separators=(",", ":"))


@require_GET
def history(request: HttpRequest, pk: int) -> JsonResponse:
    study = study_or_404(request, pk)
    over = services.training(study).is_over  # asked first: nothing is written after the end
    return JsonResponse({**figures.history(study, _number(request, "since")), "over": over})


@require_GET
def source(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """A document that it was trained on, at a place: `?at=12345&length=40` marks 40 characters there."""
    study = study_or_404(request, pk)
    if number >= len(study.documents):
        raise Http404
    document = study.documents[number]
    excerpt = frozen.excerpt(document, _number(request, "at"), _number(request, "length"))
    return render(request, "studies/source.html", {"study": study, "document": document, "excerpt": excerpt})


def _newest_samples(watched: watching.Watching) -> list[timelines.Moment]:
    return timelines.newest(timelines.moments(watched.study, watched.is_over))


def _samples_shown(pk: int) -> tuple[Any, ...] | None:
    """Return what the time line shows as it is now."""
    now = watching.shown(pk)
    return now and (now.owner, now.job, now.state, now.told)


@polls.unless_unchanged(_samples_shown)
@require_GET
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What it wrote at each of its samples, side by side. To a script the time line alone."""
    now = _samples_shown(pk)  # before all that is shown: what changes meanwhile is news
    study = study_or_404(request, pk)
    watched = watching.watch(study, services.training(study))
    page = polls.page_of(request)
    moments = timelines.moments(study, watched.is_over)
    context = {
        "study": study,
        "watching": watched,
        "moments": moments,
        "curve": timelines.curve(moments),
        "asking": urlencode({"seen": polls.mark(request, now), "page": page}),
        "wait": polls.milliseconds(page, watched.age),
    }
    is_script = bool(request.headers.get("HX-Request"))
    return render(request, "studies/_timeline.html" if is_script else "studies/timeline.html", context)


def _number(request: HttpRequest, name: str) -> int:
    given = request.GET.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 16 else 0


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk)
    form = NameForm(request.POST or None, instance=study)
    if request.method == "POST" and form.is_valid():
        services.rename(study, form.cleaned_data["name"])
        return redirect(study)
    return render(request, "studies/edit.html", {"form": form, "study": study})


@require_POST
def stop(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk)
    services.stop(study)
    return redirect(study)


@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk)
    services.pause(study)
    return redirect(study)


@require_POST
def resume(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk)
    try:
        services.resume(study)
    except LimitReached as reached:
        messages.error(request, str(reached))
    return redirect(study)


@require_http_methods(["GET", "POST"])
def further(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk)
    if not services.can_train_further(study, services.training(study)):
        return redirect(study)  # it is under way already, or ended otherwise: its page says how
    form = FurtherForm(request.POST or None, initial=first_budget(study))
    if request.method == "POST" and form.is_valid():
        try:
            services.train_further(study, form.budget())
            return redirect(study)
        except LimitReached as reached:
            form.add_error(None, str(reached))
    context = {"study": study, "form": form}
    return render(request, "studies/further.html", context, status=422 if request.method == "POST" else 200)


@require_http_methods(["GET", "POST"])
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    study = study_or_404(request, pk)
    if request.method == "POST":
        name = study.name
        services.delete(study)
        messages.success(request, _("“%(name)s” was deleted.") % {"name": name})
        return redirect("studies:list")
    is_busy = services.is_busy(studies(request).filter(pk=pk))
    context = {"study": study, "passages": study.passages.count(), "is_busy": is_busy}
    return render(request, "studies/delete.html", context)
