"""The submission of trainings: the texts and the recipe are frozen, and the training is queued."""

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from trainer.contract import recipe as recipes
from trainer.contract.documents import check_trainable
from webapp import files
from webapp.accounts import limits
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.studies.models import Study
from webapp.studies.services.frozen_texts import Text, delete_texts, freeze
from webapp.studies.services.training_jobs import queue


def submit(owner: User, corpus: Corpus, recipe: dict[str, Any], name: str, submission: UUID | None = None) -> Study:
    """Freeze the corpus's cleaned texts and the recipe, and queue the training: all of this, or nothing.

    When a form is sent twice, the second call returns the study of the first. When the person has gone back and
    changed the recipe in between, a second study is made.
    Raises TextProblem when the texts can't be trained on, LimitReached when a limit of the owner is reached.
    """
    recipe = _with_spelling(recipe, corpus.lowercase)
    study = Study(owner=owner, corpus=corpus, corpus_name=corpus.name, recipe=recipe, name=name)
    return _submit_once(study, corpora.texts(corpus), submission)


def again(before: Study, recipe: dict[str, Any], name: str, submission: UUID | None = None) -> Study:
    """Queue a training on the same frozen texts as another study. All else is as in `submit`."""
    recipe = _with_spelling(recipe, before.recipe.get("lowercase", False))
    study = Study(owner=before.owner, corpus=before.corpus, corpus_name=before.corpus_name, recipe=recipe, name=name)
    texts = [(document["name"], files.read_whole_text(document["key"])) for document in before.documents]
    return _submit_once(study, texts, submission)


def _with_spelling(recipe: dict[str, Any], lowercase: bool) -> dict[str, Any]:
    """Note in the recipe that the text is lower-cased, so that the model lower-cases its openings too."""
    return recipe | {"lowercase": True} if lowercase else recipe


def _submit_once(study: Study, texts: list[Text], submission: UUID | None) -> Study:
    check_trainable([text for _, text in texts])
    study.characters = sum(len(text) for _, text in texts)
    study.text_bytes = sum(len(text.encode()) for _, text in texts)
    study.submission = submission
    if same := _sent_before(study):
        return same
    _check_limits(study, limits.limits_of(study.owner))
    study.documents = freeze(texts)  # before the transaction, since nobody else can write to the database during it
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
    wanted = {"owner": study.owner, "corpus": study.corpus, "recipe": study.recipe}
    return Study.objects.filter(submission=study.submission, **wanted).first()


def _insert(study: Study) -> Study:
    with transaction.atomic():
        _check_limits(study, limits.lock(study.owner))
        study.save(force_insert=True)
        queue(study)
    return study


def _check_limits(study: Study, allowed: limits.Limits) -> None:
    limits.check_minutes(allowed, recipes.check(study.recipe).get("minutes"))
    limits.check_waiting(study.owner, allowed)
    limits.check_stored(study.owner, allowed, study.text_bytes)
