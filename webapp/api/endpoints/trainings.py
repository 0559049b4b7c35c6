"""The operations on trainings: recipes, submission, control, and what is known of a training."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, StreamingHttpResponse
from ninja import Field, Query, Schema
from ninja.params.functions import Header

from trainer.contract.continuing import OF_THE_MODEL
from webapp.accounts.access import person
from webapp.accounts.rights import Right
from webapp.api import shown
from webapp.api.endpoints.models import get_model, router
from webapp.api.events import Stream
from webapp.api.paging import Page, Paging, page_of
from webapp.api.problems import Problem, of_form
from webapp.api.schemas.base import ONCE
from webapp.api.schemas.models import Again, Further, Model, Point, Preset, Sample, Train
from webapp.corpora.access import corpus_or_404
from webapp.queue import announced
from webapp.studies import services
from webapp.studies.access import study_or_404
from webapp.studies.estimates import Estimator
from webapp.studies.forms import GPU, FurtherForm, RecipeForm
from webapp.studies.models import Study
from webapp.studies.recipe_labels import PURPOSES, RECIPES, trained_recipe


class Since(Schema):
    """From which step on points are asked for."""

    since: int = Field(0, ge=0, le=2**31 - 1)


@router.get("/recipes", response=list[Preset])
def list_recipes(request: HttpRequest, corpus: int, base: int | None = None) -> Any:
    """Return the recipes for a corpus, each with the time that it takes by itself. `base` is a model to begin with."""
    row = corpus_or_404(request, corpus, Right.READ)
    network = _base(request, base)
    trained = trained_recipe(network) if network else None
    seconds = Estimator().presets(row.characters, trained, row.characters_an_epoch)
    labels = dict(RECIPES)
    return [
        {"recipe": name, "label": str(labels[name]), "purpose": str(PURPOSES[name]), "seconds": time}
        for name, time in seconds.items()
    ]


@router.post("/models", response={201: Model})
def train(request: HttpRequest, body: Train, idempotency_key: UUID | None = ONCE) -> Any:
    """Queue a training on a corpus: of a new network, or with `base` of a model that learns the corpus too."""
    corpus = corpus_or_404(request, body.corpus, Right.READ)
    base = _base(request, body.base)
    form = _recipe(body, len(corpus.read_in_order()), has_network=base is not None)
    name = _name(body, form, corpus.name)
    owner = person(request)
    return shown.model(services.submit(owner, corpus, form.choices(), name, idempotency_key, base, form.needs_gpu()))


@router.post("/models/{int:pk}/again", response={201: Model})
def train_again(request: HttpRequest, pk: int, body: Again, idempotency_key: UUID | None = ONCE) -> Any:
    """Queue another training on the same frozen texts, with other choices."""
    study = study_or_404(request, pk, Right.READ)
    if not study.has_text:
        raise Problem(409, "The model was uploaded without its text: train another one on a corpus.")
    form = _recipe(body, len(study.documents), has_network=bool(study.base_key))
    name = _name(body, form, study.corpus_name)
    again = services.again(person(request), study, form.choices(), name, idempotency_key, form.needs_gpu())
    return shown.model(again)


@router.post("/models/{int:pk}/stop", response=Model)
def stop_training(request: HttpRequest, pk: int) -> Any:
    """Stop the training and keep what was learned. A training that waits is taken out of the queue."""
    services.stop(study_or_404(request, pk, Right.EDIT))
    return get_model(request, pk)


@router.post("/models/{int:pk}/pause", response=Model)
def pause_training(request: HttpRequest, pk: int) -> Any:
    """Stop the training so that it can go on later from exactly there."""
    services.pause(study_or_404(request, pk, Right.EDIT))
    return get_model(request, pk)


@router.post("/models/{int:pk}/resume", response=Model)
def resume_training(request: HttpRequest, pk: int) -> Any:
    """Go on with a training that was paused or stopped, or has failed."""
    study = study_or_404(request, pk, Right.EDIT)
    if not services.can_resume(services.training(study)):
        raise Problem(409, "The training is not one that was paused, was stopped or has failed.")
    services.resume(study)
    return get_model(request, pk)


@router.post("/models/{int:pk}/further", response=Model)
def train_further(request: HttpRequest, pk: int, body: Further) -> Any:
    """Train a finished model further on its own text, for so many minutes or epochs."""
    study = study_or_404(request, pk, Right.EDIT)
    given = [(unit, amount) for unit, amount in body.model_dump().items() if amount is not None]
    if len(given) != 1:
        raise Problem(422, "Send either minutes or epochs.")
    if not services.can_train_further(study, services.training(study)):
        raise Problem(409, "It can't be trained further: it is being trained, has no model, or its text is not here.")
    form = FurtherForm({"unit": given[0][0], "amount": given[0][1]})
    if not form.is_valid():
        raise of_form(form)
    services.train_further(study, form.budget())
    return get_model(request, pk)


@router.get("/models/{int:pk}/history", response=list[Point])
def get_history(request: HttpRequest, pk: int, asked: Query[Since]) -> Any:
    """Return the points of the chart from a step on."""
    found = study_or_404(request, pk, Right.READ).history.filter(step__gte=asked.since)
    return [shown.point(point) for point in found]


@router.get("/models/{int:pk}/samples", response=Page[Sample])
def list_samples(request: HttpRequest, pk: int, paging: Query[Paging]) -> Any:
    """Return what it wrote while it learned, the newest first."""
    rows = study_or_404(request, pk, Right.READ).samples.order_by("-step")
    return page_of(rows, paging, shown.sample)


@router.get("/models/{int:pk}/events", openapi_extra={"x-media-type": "text/event-stream"})
def follow_training(request: HttpRequest, pk: int, last_event_id: str = Header("", alias="Last-Event-ID")) -> Any:
    """Follow a training: server-sent events `training`, `point` and `sample`, with the data of the other operations.

    The stream ends with the training, or after half a minute: then ask again, with the id of the last event.
    """
    response = StreamingHttpResponse(
        Stream(study_or_404(request, pk, Right.READ), last_event_id), content_type="text/event-stream"
    )
    response["X-Accel-Buffering"] = "no"
    return response


def _base(request: HttpRequest, pk: int | None) -> Study | None:
    """Return the model that a training begins with, if any."""
    if pk is None:
        return None
    base = study_or_404(request, pk, Right.READ)
    if not base.can_learn_another_text:
        raise Problem(409, "This model can learn no other text: it has not learned one yet, or is a tutorial's.")
    return base


def _recipe(body: Again, documents: int, has_network: bool) -> RecipeForm:
    """Return the valid form of the page with the choices of a request."""
    choices = body.model_dump(exclude_none=True, exclude={"corpus", "base", "name", "gpu"})
    kept = sorted(set(choices) & set(OF_THE_MODEL)) if has_network else []
    if kept:
        sentence = "It stays that of the model that the training begins with."
        raise Problem(422, f"{', '.join(kept)}: {sentence}", [{"field": name, "detail": sentence} for name in kept])
    offers_gpu = announced.may_ask_for_gpu()
    if body.gpu and not offers_gpu:
        sentence = "No worker with a GPU was heard of lately. Train without one, or ask whoever runs this site."
        raise Problem(422, sentence, [{"field": "gpu", "detail": sentence}])
    given = {**choices, GPU: body.gpu}
    form = RecipeForm(given, documents=documents, has_network=has_network, offers_gpu=offers_gpu)
    if choices.get("voices") and not form.voices():
        raise Problem(422, "voices: they are for texts of two to 64 documents.")
    if not form.is_valid():
        raise of_form(form)
    return form


def _name(body: Again, form: RecipeForm, corpus_name: str) -> str:
    """Return the name of a model, which is the page's where none is given."""
    return body.name or f"{corpus_name}, {dict(RECIPES)[form.cleaned_data['recipe']]}"[:120]
