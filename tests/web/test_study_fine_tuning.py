"""A trained model learns another text: what is frozen, what the pages say, and what somebody else may not."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from tests.support.events import record
from tests.support.factory import SCORE, TEXT, a_corpus, a_model, a_study, begin
from tests.support.pages import said
from trainer.contract import sizing
from webapp import files
from webapp.accounts.models import User
from webapp.corpora.models import Corpus
from webapp.files import OutOfReach
from webapp.studies import services
from webapp.studies.models import HistoryPoint, Study
from webapp.workers import orphans, text_indexes

pytestmark = pytest.mark.django_db

LETTERS = "My dear, the apples are ripe and the dog sleeps in the garden. " * 40


@pytest.fixture
def base(client: Client, alice: User) -> Study:
    """A finished model of alice, with files in the storage."""
    client.force_login(alice)
    return _with_files(a_model(alice, name="Novels"))


@pytest.fixture
def corpus(alice: User) -> Corpus:
    return a_corpus(alice, LETTERS, "Letters")


def _with_files(study: Study) -> Study:
    study.model_key = files.fresh("models")  # not below a prefix that the next test's study with this number has
    study.save()
    default_storage.save(f"{study.model_key}/model.json", ContentFile(b"{}"))
    default_storage.save(f"{study.model_key}/weights.safetensors", ContentFile(b"w" * 1000))
    recipe = json.loads(sizing.resolve({"recipe": "quick", "units": 96, "layers": 1}, 4_500, 70).to_json())
    Study.objects.filter(pk=study.pk).update(started={"recipe": recipe, "vocabulary": 71, "parameters": 90_000})
    study.refresh_from_db()
    return study


def tuned(alice: User, corpus: Corpus, base: Study, **recipe: Any) -> Study:
    return services.submit(alice, corpus, {"recipe": "quick", **recipe}, "Letters", base=base)


def test_a_model_offers_the_corpora_and_the_form_says_what_it_begins_with(
    client: Client, base: Study, corpus: Corpus
) -> None:
    page = said(client.get(f"/models/{base.pk}/another-text/"))
    assert f"/models/new/{corpus.pk}/?base={base.pk}" in page
    page = said(client.get(f"/models/new/{corpus.pk}/?base={base.pk}"))
    assert "It begins with the model “Novels”" in page
    assert "1 × 96 units" in page and "That of the model it began with." in page
    assert 'value="tutorial"' not in page
    assert 'name="units"' not in page and 'name="dropout"' in page


def test_the_form_for_a_corpus_offers_the_models(client: Client, base: Study, corpus: Corpus) -> None:
    page = said(client.get(f"/models/new/{corpus.pk}/"))
    assert f'<option value="{base.pk}">Novels (Macbeth)</option>' in page


def test_it_freezes_the_model_and_both_texts(client: Client, base: Study, corpus: Corpus) -> None:
    sent = {"recipe": "balanced", "submission": str(uuid4())}
    for _ in range(2):  # a second click
        done = client.post(f"/models/new/{corpus.pk}/?base={base.pk}", sent)
        study = Study.objects.exclude(pk=base.pk).get()
        assert done["Location"] == study.get_absolute_url()
    assert study.base == base
    assert files.read(f"{study.base_key}/weights.safetensors") == b"w" * 1000
    before = study.learned_before[0]
    assert (before["model"], before["corpus"], before["characters"]) == ("Novels", "Macbeth", len(TEXT))
    assert files.read_whole_text(before["documents"][0]["key"]) == TEXT
    assert study.text_bytes == len(LETTERS) + len(TEXT.encode()) + 1002
    assert len(study.text_folders) == 1


def test_what_it_has_frozen_outlives_the_model_and_goes_with_the_study(
    client: Client, alice: User, base: Study, corpus: Corpus
) -> None:
    study = tuned(alice, corpus, base)
    services.delete(base)
    services.purge_deleted()
    study.refresh_from_db()
    assert study.base is None and files.keys(study.base_key)
    assert not [orphan for orphan in orphans.find() if orphan.key in study.text_folders]
    page = said(client.get(f"/models/{study.pk}/"))
    assert "Before this text it had learned 5,000 characters of <bdi>Macbeth</bdi>, as the model “Novels”." in page
    (folder,) = study.text_folders
    begin(study).move("succeed")
    services.delete(study)
    services.purge_deleted()
    assert not files.keys(folder)


def test_copies_are_looked_for_in_both_texts(client: Client, alice: User, base: Study, corpus: Corpus) -> None:
    study = tuned(alice, corpus, base)
    index = text_indexes.index_of(study)
    assert [span[2] for span in index.copied(LETTERS[:50])] == [0]
    assert [span[2] for span in index.copied(TEXT[100:160])] == [1]
    page = client.get(f"/models/{study.pk}/source/1/?at=100&length=60")
    assert page.context["excerpt"].marked == TEXT[100:160]
    assert client.get(f"/models/{study.pk}/source/2/").status_code == 404


def test_capitals_and_level_stay_those_of_the_model(alice: User, base: Study) -> None:
    Study.objects.filter(pk=base.pk).update(recipe={**base.recipe, "level": "word", "lowercase": True})
    base.refresh_from_db()
    study = tuned(alice, a_corpus(alice, LETTERS), base)
    assert study.recipe == {"recipe": "quick", "level": "word", "lowercase": True}
    Study.objects.filter(pk=base.pk).update(recipe={"recipe": "quick"})
    base.refresh_from_db()
    lower = a_corpus(alice, LETTERS, "lower")
    lower.change(lowercase=True)
    study = tuned(alice, lower, base)
    assert "lowercase" not in study.recipe
    assert files.read_whole_text(study.documents[0]["key"]) == LETTERS.lower()


def test_again_with_changes_begins_with_the_same_model(
    client: Client, alice: User, base: Study, corpus: Corpus
) -> None:
    study = tuned(alice, corpus, base)
    begin(study).move("succeed")
    page = said(client.get(f"/models/{study.pk}/again/"))
    assert "It begins with the model “Novels”" in page and 'name="units"' not in page
    client.post(f"/models/{study.pk}/again/", {"recipe": "best"})
    other = Study.objects.latest("pk")
    assert other.pk != study.pk and other.base == base
    assert files.keys(other.base_key) and other.text_folders != study.text_folders


def test_its_score_stands_beside_that_of_a_model_trained_on_the_text_alone(
    client: Client, alice: User, base: Study, corpus: Corpus
) -> None:
    study, alone = tuned(alice, corpus, base), a_study(alice, corpus, name="Plain")
    for one in (study, alone):
        begin(one).move("succeed")
    Study.objects.filter(pk__in=[study.pk, alone.pk]).update(model_key="x", model_step=40)
    record(study.pk, [{"event": "finished", "best_step": 40, "score": SCORE}])
    HistoryPoint.objects.create(study=study, kind="evaluated", step=0, carried=2.7725887, cold=2.9)
    page = client.get(f"/models/{study.pk}/")
    assert f'<a href="/models/new/{corpus.pk}/">Train a new network</a>' in said(page)
    record(alone.pk, [{"event": "finished", "best_step": 40, "score": SCORE}])
    page = client.get(f"/models/{study.pk}/")
    bars = {bar.name: f"{bar.bits:.2f}" for bar in page.context["bars"]}
    assert bars["“Plain”, which learned this text alone"] == "2.00"
    assert bars["Before it learned this text"] == "4.00"
    assert "Train a new network" not in said(page)
    assert len(client.get(f"/models/{alone.pk}/").context["bars"]) == 5


def test_somebody_elses_model_is_not_there(client: Client, bob: User, base: Study) -> None:
    theirs = a_corpus(bob, LETTERS)
    client.force_login(bob)
    for number in (base.pk, 10**9, "x"):
        address = f"/models/new/{theirs.pk}/?base={number}"
        assert client.get(address).status_code == 404
        assert client.post(address, {"recipe": "quick"}).status_code == 404
    assert 'name="base"' not in said(client.get(f"/models/new/{theirs.pk}/"))


def test_the_tutorials_model_and_an_unfinished_one_learn_no_other_text(
    client: Client, alice: User, base: Study, corpus: Corpus
) -> None:
    tutorial = _with_files(a_model(alice, recipe="tutorial", name="Tutorial"))
    waiting = a_study(alice, corpus)
    for study in (tutorial, waiting):
        assert client.get(f"/models/new/{corpus.pk}/?base={study.pk}").status_code == 404
        assert client.get(f"/models/{study.pk}/another-text/")["Location"] == study.get_absolute_url()


def test_a_model_whose_files_are_gone_is_said_and_nothing_is_queued(
    client: Client, alice: User, base: Study, corpus: Corpus
) -> None:
    files.delete_tree(base.model_key)
    before = files.keys("texts")
    with pytest.raises(OutOfReach):
        tuned(alice, corpus, base)
    assert Study.objects.count() == 1 and files.keys("texts") == before
