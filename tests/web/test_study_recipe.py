"""The choice of a recipe: the form has plain words and the trainer's limits, and queues the training once."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django import forms
from django.test import Client

from tests.support.factory import PROGRESS, TEXT, a_corpus, a_study
from tests.support.pages import html_of
from trainer.contract import recipe as recipes
from trainer.contract import sizing
from webapp import files
from webapp.accounts.models import User
from webapp.corpora.models import Corpus
from webapp.queue.models import Job
from webapp.studies.estimates import Estimator
from webapp.studies.forms import RecipeForm
from webapp.studies.models import Study
from webapp.studies.recipe_labels import ADVANCED, OPTIONS, recipe_table

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus(client: Client, alice: User) -> Corpus:
    client.force_login(alice)
    return a_corpus(alice)


def train(client: Client, corpus: Corpus, **fields: Any) -> Any:
    return client.post(f"/models/new/{corpus.pk}/", {"recipe": "quick", "recipe_epochs": "1", **fields})


def test_every_recipe_says_what_it_is_for_and_how_long_it_takes(client: Client, corpus: Corpus) -> None:
    page = html_of(client.get(f"/models/new/{corpus.pk}/"))
    for words in ("Quick", "about 30 seconds", "Balanced", "Best", "Tutorial", "100 epochs, as the tutorial says"):
        assert words in page


def test_every_recipe_says_what_it_would_choose_for_this_text_and_why(client: Client, corpus: Corpus) -> None:
    page = " ".join(html_of(client.get(f"/models/new/{corpus.pk}/")).split())
    assert "2 × 64 units: what is chosen for this text, and why" in page
    assert "<dt>Units in each layer: 64</dt><dd>As wide as a text of this length can fill.</dd>" in page
    assert "<dt>Units in each layer: 300</dt><dd>The tutorial&#x27;s own.</dd>" in page


@pytest.mark.parametrize(("characters", "same"), [(5_000, 2), (60_000, 1), (5_000_000, 0)])
def test_recipes_that_train_a_short_text_alike_say_so(
    client: Client, corpus: Corpus, characters: int, same: int
) -> None:
    corpus.change(characters=characters)
    page = " ".join(html_of(client.get(f"/models/new/{corpus.pk}/")).split())
    assert page.count("it is the same training as") == same


def test_the_recipe_in_full_gives_its_reasons(client: Client, corpus: Corpus) -> None:
    study = a_study(corpus.owner, corpus)
    resolved = sizing.resolve({"recipe": "quick"}, 4_500, 70)
    as_told = json.loads(resolved.to_json())
    started = {"recipe": as_told, "vocabulary": 70, "parameters": 100_000}
    Study.objects.filter(pk=study.pk).update(started=started)
    page = html_of(client.get(f"/models/{study.pk}/"))
    assert "As wide as a text of this length can fill." in page
    assert "At most. It ends after" in page


def test_a_chosen_recipe_is_queued_in_the_trainers_own_words(client: Client, corpus: Corpus) -> None:
    response = train(client, corpus, units="256", minutes="0.5", name="Macduff")
    study = Study.objects.get()
    assert response["Location"] == f"/models/{study.pk}/"
    assert (study.name, study.recipe) == ("Macduff", {"recipe": "quick", "units": 256, "minutes": 0.5})
    assert Job.objects.get().study == study


def test_what_stays_empty_is_the_recipes_choice_and_the_name_says_which(client: Client, corpus: Corpus) -> None:
    train(client, corpus, recipe="best")
    study = Study.objects.get()
    assert (study.name, study.recipe) == ("Macbeth, Best", {"recipe": "best"})


def test_the_tutorials_hundred_epochs_can_be_had(client: Client, corpus: Corpus) -> None:
    train(client, corpus, recipe="tutorial", recipe_epochs="100")
    assert Study.objects.get().recipe == {"recipe": "tutorial", "epochs": 100}


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        ({"minutes": "1", "epochs": "2"}, "Choose one budget"),
        ({"recipe": "tutorial", "layers": "3"}, "take another recipe to change it"),
        ({"units": "100000"}, "less than or equal to 2048"),
        ({"mogrifier_rounds": "3"}, "a multiple of step size 2"),
        ({"cell": "gru", "mogrifier_rounds": "4"}, "Only an LSTM has rounds of a Mogrifier"),
        ({"dropout": "nan"}, "Enter a number"),
        ({"seed": "-1"}, "greater than or equal to 0"),
        ({"recipe": "huge"}, "Select a valid choice"),
        ({"level": "sentence"}, "Select a valid choice"),
    ],
)
def test_a_choice_that_cannot_be_trained_with_is_said_on_the_page(
    client: Client, corpus: Corpus, choices: dict[str, str], sentence: str
) -> None:
    response = train(client, corpus, **choices)
    assert response.status_code == 422
    assert sentence in html_of(response)
    assert not Study.objects.exists()


def test_the_forms_limits_are_the_trainers() -> None:
    form = RecipeForm()
    for name in ADVANCED:
        field: Any = form.fields[name]
        limits = recipes.FIELDS[name]
        assert limits.help in field.help_text
        if isinstance(field, forms.ChoiceField):
            choices: Any = field.choices
            assert [value for value, _ in choices] == ["", *limits.options]
        else:
            assert (field.min_value, field.max_value) == (limits.minimum, limits.maximum)


def test_every_option_of_a_choice_has_a_name_for_people() -> None:
    named = {name: tuple(names) for name, names in OPTIONS.items()}
    assert named == {name: field.options for name, field in recipes.FIELDS.items() if field.options}


@pytest.mark.parametrize("recipe", ["quick", "tutorial"])
def test_words_and_another_cell_can_be_chosen_and_are_told(client: Client, corpus: Corpus, recipe: str) -> None:
    train(client, corpus, recipe=recipe, level="word", cell="rnn")
    study = Study.objects.get()
    assert (study.recipe["level"], study.recipe["cell"]) == ("word", "rnn")
    table = {name: value for name, value, _why in recipe_table(study)}
    assert (table["level"], table["cell"]) == ("words", "plain RNN")
    page = html_of(client.get(f"/models/{study.pk}/"))
    assert "<td>words</td>" in page and "<td>plain RNN</td>" in page


def test_what_was_chosen_is_still_chosen_when_something_else_is_wrong(client: Client, corpus: Corpus) -> None:
    page = html_of(train(client, corpus, level="word", cell="gru", minutes="1", epochs="2"))
    assert '<option value="word" selected>' in page and '<option value="gru" selected>' in page


@pytest.mark.parametrize(("limit", "words"), [("rate", "From 0.00001 to 0.1."), ("units", "From 8 to 2,048.")])
def test_limits_are_written_as_people_write_them(limit: str, words: str) -> None:
    assert RecipeForm().fields[limit].help_text.endswith(words)


def test_a_text_that_is_too_short_gets_a_sentence_and_no_form(client: Client, alice: User) -> None:
    client.force_login(alice)
    corpus = a_corpus(alice, TEXT[:500])
    page = html_of(client.get(f"/models/new/{corpus.pk}/"))
    assert "500 characters and a training needs at least 1,000" in page
    assert 'name="recipe"' not in page
    assert "500 characters" in html_of(train(client, corpus))
    assert not Study.objects.exists()


def test_a_form_that_is_sent_twice_trains_once(client: Client, corpus: Corpus) -> None:
    number = str(uuid4())
    first, second = (train(client, corpus, submission=number) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Job.objects.count() == 1


def test_a_form_that_is_changed_and_sent_again_trains_again(client: Client, corpus: Corpus) -> None:
    number = str(uuid4())
    train(client, corpus, submission=number)
    train(client, corpus, submission=number, recipe="balanced")
    assert sorted(study.recipe["recipe"] for study in Study.objects.all()) == ["balanced", "quick"]


def test_every_form_has_a_number_of_its_own(client: Client, corpus: Corpus) -> None:
    forms = [client.get(f"/models/new/{corpus.pk}/").context["form"] for _ in range(2)]
    assert forms[0]["submission"].value() != forms[1]["submission"].value()


def test_what_is_trained_on_is_frozen_when_it_is_submitted(client: Client, corpus: Corpus) -> None:
    train(client, corpus)
    client.post(f"/corpora/{corpus.pk}/edit/", {"name": "Macbeth", "lowercase": "on"})
    client.post(f"/corpora/{corpus.pk}/delete/")
    study = Study.objects.get()
    assert files.read(study.documents[0]["key"]).decode() == TEXT
    assert study.corpus_name == "Macbeth"


def test_estimates_use_the_speed_that_was_measured_here(alice: User) -> None:
    before = Estimator().presets(100_000)["tutorial"]
    study = a_study(alice)
    recipe = {"procedure": "tutorial", "units": 300}
    started = {"recipe": recipe, "parameters": 1_000_000}
    Study.objects.filter(pk=study.pk).update(started=started, progress={**PROGRESS, "chars_per_s": 90})
    assert Estimator().presets(100_000)["tutorial"] == pytest.approx(1000)
    started["recipe"] = {"procedure": "stream", "units": 384}
    Study.objects.filter(pk=study.pk).update(started=started, progress={**PROGRESS, "chars_per_s": 3_200})
    assert Estimator().presets(100_000)["tutorial"] > 5 * before
    for other in ({"level": "word"}, {"cell": "gru"}):  # other speeds than with characters and LSTM
        started["recipe"] = {"procedure": "stream", "units": 384, **other}
        Study.objects.filter(pk=study.pk).update(started=started)
        assert Estimator().presets(100_000)["tutorial"] == before
