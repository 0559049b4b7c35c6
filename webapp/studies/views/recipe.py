"""The pages that choose a recipe, for a corpus or for the frozen texts of a study."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from trainer.contract import procedures
from trainer.contract.documents import TextProblem
from trainer.contract.recipe import Recipe
from webapp import addresses
from webapp.accounts.access import person
from webapp.accounts.limits import LimitReached, storage_of
from webapp.accounts.rights import Right
from webapp.corpora import overlaps
from webapp.corpora.access import corpora, corpus_or_404
from webapp.queue import announced
from webapp.studies import services
from webapp.studies.access import studies, study_or_404
from webapp.studies.estimates import Estimator, explained
from webapp.studies.forms import CHOICES, RecipeForm, as_chosen
from webapp.studies.models import Study
from webapp.studies.recipe_labels import ADVANCED, LABELS, PURPOSES, RECIPES, trained_recipe


@never_cache  # a page that the browser keeps would send the same submission id again
@require_http_methods(["GET", "POST"])
def create(request: HttpRequest, corpus_pk: int) -> HttpResponse:
    """Train on a corpus: a new network, or with `?base=` the model of a study, which learns the corpus too."""
    corpus = corpus_or_404(request, corpus_pk, Right.READ)
    base = _base(request)
    documents = len(corpus.read_in_order())
    offers_gpu = announced.may_ask_for_gpu()
    form = RecipeForm(request.POST or None, documents=documents, has_network=base is not None, offers_gpu=offers_gpu)

    def submit(recipe: dict[str, Any], name: str) -> Study:
        once = form.cleaned_data["submission"]
        return services.submit(person(request), corpus, recipe, name, once, base, form.needs_gpu())

    context: dict[str, Any] = {"corpus_name": corpus.name, "back": corpus.get_absolute_url()}
    context |= {
        "problem": corpus.problem,
        "base": base,
        "base_name": base.name if base else "",
        "bases": _bases(request),
    }
    size = {"characters": corpus.characters, "read": corpus.characters_an_epoch, "alphabet": corpus.alphabet}
    return _choose(request, form, submit, context | size | {"overlaps": overlaps.sentences(corpus.overlaps)}, base)


@never_cache
@require_http_methods(["GET", "POST"])
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the recipe of a study in the form, and train with the changed recipe on the same texts."""
    study = study_or_404(request, pk, Right.READ)
    if not study.has_text:
        return redirect(study)
    first, documents = as_chosen(study), len(study.documents)
    given: dict[str, Any] = {
        "documents": documents,
        "has_network": bool(study.base_key),
        "offers_gpu": announced.may_ask_for_gpu(),
    }
    form = RecipeForm(request.POST or None, initial=first, **given)

    def submit(recipe: dict[str, Any], name: str) -> Study:
        once = form.cleaned_data["submission"]
        return services.again(person(request), study, recipe, name, once, form.needs_gpu())

    context = {"corpus_name": study.corpus_name, "back": study.get_absolute_url(), "before": study}
    context |= {"base_name": study.learned_before[0]["model"] if study.base_key else ""}
    size = {"characters": study.characters, "read": study.characters_an_epoch, "alphabet": study.alphabet}
    return _choose(request, form, submit, context | size, study if study.base_key else None)


@require_GET
def another_text(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask which corpus a model is to learn too."""
    study = study_or_404(request, pk, Right.READ)
    if not study.can_learn_another_text:
        return redirect(study)
    return render(request, "studies/another_text.html", {"study": study, "corpora": corpora(request, Right.READ)})


def _base(request: HttpRequest) -> Study | None:
    """Return the study whose model is to learn the corpus; None for a new network. Raises Http404."""
    if "base" not in request.GET:
        return None
    base = study_or_404(request, addresses.number(request.GET["base"]) or 0, Right.READ)
    if not base.can_learn_another_text:
        raise Http404
    return base


def _bases(request: HttpRequest) -> list[Study]:
    """Return the models of the visitor that can learn another text, with the fields that tell it and name them."""
    found = studies(request, Right.READ).exclude(model_key="").only("name", "corpus_name", "model_key", "recipe")
    return [study for study in found if study.can_learn_another_text]


def _choose(
    request: HttpRequest,
    form: RecipeForm,
    submit: Callable[[dict[str, Any], str], Study],
    context: dict[str, Any],
    network: Study | None,
) -> HttpResponse:
    """Show the form that chooses a recipe, or queue the training. `network` is a study with the network, if any."""
    if request.method == "POST" and form.is_valid():
        recipe = form.choices()
        name = form.cleaned_data["name"].strip() or f"{context['corpus_name']}, {dict(RECIPES)[recipe['recipe']]}"[:120]
        try:
            return redirect(submit(recipe, name))
        except LimitReached as reached:
            form.add_error(None, str(reached))
        except TextProblem as problem:
            context["problem"] = str(problem)
    sizes = context["characters"], context["read"], context["alphabet"]
    cards = [] if context.get("problem") else _recipes(*sizes, network)
    context |= {"form": form, "recipes": cards, "storage": storage_of(person(request))}
    context["keeps_voices"] = bool(network and network.voice_names)
    return render(request, "studies/create.html", context, status=422 if request.method == "POST" else 200)


def _recipes(characters: int, read: int, alphabet: int, network: Study | None) -> list[dict[str, object]]:
    """Return the data of the form's card for each recipe.

    Args:
        characters: of the text.
        read: the characters that an epoch reads: other ones where documents have weights.
        network: a study whose network is trained, if any.
    """
    estimator = Estimator()
    trained = trained_recipe(network) if network else None
    seconds = estimator.presets(characters, trained, read)
    sizes = {value: read if procedures.of_choices({"recipe": value}).is_sized else characters for value in seconds}
    made = {value: _made(estimator, value, sizes[value], alphabet, trained) for value in seconds}
    return [
        {
            "value": value,
            "label": label,
            "purpose": PURPOSES[value],
            "ignores_weights": read != characters and not procedures.of_choices({"recipe": value}).is_sized,
            "seconds": seconds[value],
            "same_as": _first_with_same_training(value, made, seconds),
            **_procedure_of(value, seconds[value]),
            **_made_of(made[value], sizes[value], alphabet),
        }
        for value, label in RECIPES
        if value in seconds
    ]


def _made(estimator: Estimator, preset: str, characters: int, alphabet: int, network: Recipe | None) -> Recipe:
    if network:
        return estimator.fine_tuned(network, preset, characters, alphabet)
    return estimator.recipe(preset, characters, alphabet)


def _first_with_same_training(value: str, made: dict[str, Recipe], seconds: dict[str, float]) -> str:
    """Return the label of the first recipe that trains the same, though it has another budget; else an empty text.

    A short text is read as often as it is worth within every budget.
    """

    def training(of: str) -> tuple[object, ...]:
        return replace(made[of], recipe="quick", minutes=None), round(seconds[of])

    first = next(other for other in made if training(other) == training(value))
    return "" if first == value else str(dict(RECIPES)[first])


def _procedure_of(preset: str, seconds: float) -> dict[str, object]:
    """Return the epochs that a recipe's procedure offers, with their times, and the choices that it does not allow."""
    procedure = procedures.of_choices({"recipe": preset})
    return {
        "epochs": [(number, number * seconds) for number in procedure.offered_epochs],
        "fixed": " ".join(name for name in CHOICES if not procedure.may_change(name)),
    }


def _made_of(recipe: Recipe, characters: int, alphabet: int) -> dict[str, object]:
    """Return the values that a recipe has for a text, and the reasons for them."""
    why = explained(recipe, {}, characters, alphabet)
    chosen = [(LABELS[name], f"{getattr(recipe, name):g}", why[name]) for name in ADVANCED if name in why]
    return {"made": recipe, "chosen": chosen}
