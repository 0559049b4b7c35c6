"""The submission of trainings: the texts and the recipe are frozen, and the training is queued."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from trainer.contract import recipe as recipes
from trainer.contract.documents import check_trainable
from webapp import names
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.queue.models import Kind
from webapp.studies.models import Study
from webapp.studies.services.frozen_texts import (
    Base,
    Text,
    base_again,
    base_of,
    delete_texts,
    freeze,
    size,
    texts_again,
    texts_of,
)
from webapp.studies.services.training_jobs import queue


def submit(
    owner: User,
    corpus: Corpus,
    recipe: dict[str, Any],
    name: str,
    submission: UUID | None = None,
    base: Study | None = None,
    needs_gpu: bool = False,
) -> Study:
    """Freeze the corpus's cleaned texts and the recipe, and queue the training: all of this, or nothing.

    When a form is sent twice, the second call returns the study of the first. When the person has gone back and
    changed the recipe in between, a second study is made. With a `base`, its model learns the corpus. That model is
    copied, so that the training does not depend on what becomes of it. With `needs_gpu`, only a worker with a GPU takes
    it. Raises TextProblem when the texts can't be trained on, LimitReached when a limit of the owner is reached,
    OutOfReach when the base is gone.
    """
    texts = texts_of(corpora.as_it_stands(corpus))
    recipe = _with_spelling(recipe, corpus.lowercase)
    study = Study(owner=owner, corpus=corpus, corpus_name=corpus.name, recipe=recipe, name=name, needs_gpu=needs_gpu)
    study.corpus_version, study.corpus_choices = corpus.version, corpus.choices
    return _submit_once(study, texts, submission, base_of(base) if base else None)


def again(
    owner: User,
    before: Study,
    recipe: dict[str, Any],
    name: str,
    submission: UUID | None = None,
    needs_gpu: bool = False,
) -> Study:
    """Queue a training on the same frozen texts as another study, and from the same base. All else as in `submit`."""
    recipe = _with_spelling(recipe, before.recipe.get("lowercase", False))
    study = Study(owner=owner, corpus=before.corpus, corpus_name=before.corpus_name, recipe=recipe, name=name)
    study.needs_gpu = needs_gpu
    study.corpus_version, study.corpus_choices = before.corpus_version, before.corpus_choices
    return _submit_once(study, texts_again(before), submission, base_again(before))


def _with_spelling(recipe: dict[str, Any], lowercase: bool) -> dict[str, Any]:
    """Note in the recipe that the text is lower-cased, so that the model lower-cases its openings too."""
    return recipe | {"lowercase": True} if lowercase else recipe


def _submit_once(study: Study, texts: list[Text], submission: UUID | None, base: Base | None) -> Study:
    check_trainable([text.text for text in texts])
    if base:  # it may read its texts with capitals although those of the corpus are lower-cased
        study.base = base.study
        study.recipe = {name: value for name, value in study.recipe.items() if name != "lowercase"} | base.recipe
    study.characters = sum(len(text.text) for text in texts)
    study.text_bytes = size(texts, base)
    study.submission = submission
    if same := _sent_before(study):
        return same
    _check_limits(study, limits.limits_of(study.owner))
    freeze(study, texts, base)  # before the transaction, since nobody else can write to the database during it
    try:
        submitted = _insert_once(study)
    except Exception:
        delete_texts(study)
        raise
    if submitted is not study:
        delete_texts(study)
    return submitted


def _insert_once(study: Study) -> Study:
    """Save the study and queue its training, or return the study that the same form has made meanwhile."""
    try:
        return _insert(study)
    except IntegrityError:
        if study.submission is None:
            raise
    study.pk = None
    if same := _sent_before(study):
        return same
    study.submission = None  # another recipe was sent with the same form
    return _insert(study)


def _sent_before(study: Study) -> Study | None:
    if study.submission is None:
        return None
    wanted = {"owner": study.owner, "corpus": study.corpus, "recipe": study.recipe, "base": study.base}
    wanted["needs_gpu"] = study.needs_gpu
    return Study.objects.filter(submission=study.submission, **wanted).first()


def _insert(study: Study) -> Study:
    with transaction.atomic():
        _check_limits(study, limits.lock(study.owner))
        study.name = names.distinct(study.name, Study.objects.filter(owner=study.owner))
        study.save(force_insert=True)
        queue(study)
    return study


def _check_limits(study: Study, allowed: limits.Limits) -> None:
    limits.check_minutes(allowed, recipes.check(study.recipe).get("minutes"))
    limits.check_waiting(study.owner, allowed, Kind.TRAIN)
    limits.check_stored(study.owner, allowed, study.text_bytes)
