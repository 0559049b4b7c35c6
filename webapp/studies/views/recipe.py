"""The pages that choose a recipe, for a corpus or for the frozen texts of a study."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from trainer.contract import procedures
from trainer.contract.documents import TextProblem
from trainer.contract.recipe import Recipe
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached
from webapp.corpora import overlaps
from webapp.corpora.access import corpus_or_404
from webapp.studies import services
from webapp.studies.access import study_or_404
from webapp.studies.estimates import Estimator, explained
from webapp.studies.forms import ADVANCED, RecipeForm, as_chosen
from webapp.studies.models import Study
from webapp.studies.recipe_labels import LABELS, PURPOSES, RECIPES


@never_cache  # a page that the browser keeps would send the same submission id again
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, corpus_pk: int) -> HttpResponse:
    corpus = corpus_or_404(request, corpus_pk)
    form = RecipeForm(request.POST or None)

    def submit(recipe: dict[str, Any], name: str) -> Study:
        return services.submit(person(request), corpus, recipe, name, form.cleaned_data["submission"])

    context = {"corpus_name": corpus.name, "back": corpus.get_absolute_url(), "problem": corpus.problem}
    size = {"characters": corpus.characters, "alphabet": corpus.alphabet}
    return _choose(request, form, submit, context | size | {"overlaps": overlaps.sentences(corpus.overlaps)})


@never_cache
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the recipe of a study in the form, and train with the changed recipe on the same texts."""
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
    """Show the form that chooses a recipe, or queue the training."""
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
    """Return the data of the form's card for each recipe."""
    estimator = Estimator()
    seconds = estimator.presets(characters)
    made = {value: estimator.recipe(value, characters, alphabet) for value, _label in RECIPES}
    return [
        {
            "value": value,
            "label": label,
            "purpose": PURPOSES[value],
            "seconds": seconds[value],
            "same_as": _first_with_same_training(value, made, seconds),
            **_procedure_of(value, seconds[value]),
            **_made_of(made[value], characters, alphabet),
        }
        for value, label in RECIPES
    ]


def _first_with_same_training(value: str, made: dict[str, Recipe], seconds: dict[str, float]) -> str:
    """Return the label of the first recipe that trains the same, though it has another budget; else an empty text.

    A short text is read as often as it is worth within every budget.
    """

    def training(of: str) -> tuple[object, ...]:
        return replace(made[of], recipe="quick", minutes=None), round(seconds[of])

    first, label = next((other, label) for other, label in RECIPES if training(other) == training(value))
    return "" if first == value else str(label)


def _procedure_of(preset: str, seconds: float) -> dict[str, object]:
    """Return the epochs that a recipe's procedure offers, with their times, and the choices that it does not allow."""
    procedure = procedures.of_choices({"recipe": preset})
    return {
        "epochs": [(number, number * seconds) for number in procedure.offered_epochs],
        "fixed": " ".join(name for name in ADVANCED if not procedure.may_change(name)),
    }


def _made_of(recipe: Recipe, characters: int, alphabet: int) -> dict[str, object]:
    """Return the values that a recipe has for a text, and the reasons for them."""
    why = explained(recipe, {}, characters, alphabet)
    chosen = [(LABELS[name], f"{getattr(recipe, name):g}", why[name]) for name in LABELS if name in why]
    return {"made": recipe, "chosen": chosen}
