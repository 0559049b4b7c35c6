"""Studies side by side: the three cells by one click, what differs, the finding, and who may see it."""

import csv
import io
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse

from tests.support.factory import PROGRESS, SCORE, a_corpus, a_study, begin
from trainer.contract import pace, sizing
from webapp.accounts.models import User
from webapp.studies.models import HistoryPoint, Sample, Study

pytestmark = pytest.mark.django_db


def _address(*studies: Study) -> str:
    return f"{reverse('studies:compare')}?{urlencode([('study', study.pk) for study in studies])}"


def _page(client: Client, *studies: Study) -> str:
    return client.get(_address(*studies)).content.decode()


def _scored(study: Study, nats: float, passage: str = "", **recipe: Any) -> Study:
    """Let the study's training be over, with this score."""
    figures = {half: {"carried": nats, "cold": nats + 0.1} for half in SCORE["held_out"]}  # type: ignore[attr-defined]
    baselines = {**SCORE["baselines"], "passage": passage}  # type: ignore[dict-item]
    study.figures = {"score": {**SCORE, "held_out": figures, "baselines": baselines}, "seconds": 60.0, "best_step": 40}
    study.started = {"recipe": {**study.recipe, **recipe}, "parameters": 123_456, "vocabulary": 60}
    study.progress, study.model_key, study.model_step = PROGRESS, "models/1", 40
    study.save()
    begin(study).move("succeed")
    return study


def test_one_click_trains_three_cells_of_one_size(client: Client, alice: User) -> None:
    corpus = a_corpus(alice)
    client.force_login(alice)
    led = client.post(reverse("studies:cells", args=[corpus.pk]))
    made = list(Study.objects.order_by("pk"))
    assert led.headers["Location"] == _address(*made)
    assert [study.recipe["cell"] for study in made] == ["rnn", "gru", "lstm"]
    assert len({(study.recipe["steps"], study.recipe["batch"], study.recipe["sequence"]) for study in made}) == 1
    resolved = [sizing.resolve(study.recipe, corpus.characters * 9 // 10, corpus.alphabet + 1) for study in made]
    weights = [pace.parameters(vars(recipe), corpus.alphabet + 1) for recipe in resolved]
    assert max(weights) / min(weights) < 1.02
    page = client.get(led.headers["Location"]).content.decode()
    assert "They are not all trained yet." in page and "How far they remember is measured then." in page
    assert page.count("plain RNN") >= 2


def test_all_three_are_queued_or_none(client: Client, alice: User, settings: Any) -> None:
    settings.WAITING_LIMIT = 2
    corpus = a_corpus(alice)
    client.force_login(alice)
    page = client.post(reverse("studies:cells", args=[corpus.pk]), follow=True).content.decode()
    assert "You have 2 trainings waiting" in page
    assert not Study.objects.filter(deleting=False).exists()


def test_the_finding_names_the_best_cell(client: Client, alice: User) -> None:
    corpus = a_corpus(alice)
    lstm, rnn = a_study(alice, corpus=corpus), a_study(alice, corpus=corpus, name="Lennox")
    _scored(lstm, 1.3862944, passage="to the the of", cell="lstm", units=100)
    _scored(rnn, 1.7328680, cell="rnn", units=210)
    Sample.objects.create(study=lstm, step=40, text="Enter the ghost")
    client.force_login(alice)
    page = _page(client, rnn, lstm)
    assert "LSTM needs 2.00 bits for a character of text that it never saw, plain RNN 2.50" in page
    assert "Enter the ghost" in page
    assert "to the the of" in page
    assert "Units in each layer" in page
    assert ">210<" in page.replace(" ", "")
    assert f"/memories/?study={rnn.pk}&amp;study={lstm.pk}&amp;measure=yes" in page


def test_each_is_shown_with_a_text_of_the_weights_that_are_kept(client: Client, alice: User) -> None:
    corpus = a_corpus(alice)
    kept, under_way = a_study(alice, corpus=corpus), a_study(alice, corpus=corpus, name="Lennox")
    _scored(kept, 1.4)
    for study in (kept, under_way):
        for step, text in ((20, "too soon"), (40, f"the best of {study.name}"), (60, f"the last of {study.name}")):
            Sample.objects.create(study=study, step=step, text=text)
    client.force_login(alice)
    page = _page(client, kept, under_way)
    assert f"the best of {kept.name}" in page and f"the last of {kept.name}" not in page
    assert "the last of Lennox" in page and "the best of Lennox" not in page


def test_a_model_from_before_differs_in_no_field_that_was_added_since(client: Client, alice: User) -> None:
    corpus = a_corpus(alice)
    before, plain = a_study(alice, corpus=corpus), a_study(alice, corpus=corpus, name="Lennox")
    _scored(before, 1.3, cell="lstm", units=100)
    _scored(plain, 1.7, cell="rnn", units=210, mogrifier_rounds=0, skips=False, weights=[])
    client.force_login(alice)
    page = _page(client, before, plain)
    assert "Rounds of the Mogrifier" not in page and "Output reads all layers" not in page
    assert "With equally many weights and equally much reading, LSTM needs" in page
    assert plain.started
    plain.started["recipe"]["mogrifier_rounds"] = 4
    plain.save()
    row = _page(client, before, plain).partition("Rounds of the Mogrifier")[2].partition("</tr>")[0]
    assert [value for value in ("–", ">0<", ">4<") if value in row] == [">0<", ">4<"]


def test_different_texts_do_not_compare(client: Client, alice: User) -> None:
    one = _scored(a_study(alice), 1.3)
    other = _scored(a_study(alice, corpus=a_corpus(alice, "Another text. " * 300, "Hamlet")), 1.4)
    client.force_login(alice)
    page = _page(client, one, other)
    assert "They learned different texts" in page and "measure=yes" not in page


def test_somebody_elses_is_not_there(client: Client, alice: User, bob: User) -> None:
    mine, theirs = a_study(alice), a_study(bob)
    client.force_login(alice)
    assert client.get(_address(mine, theirs)).status_code == 404


def test_more_than_four_are_too_many(client: Client, alice: User) -> None:
    corpus = a_corpus(alice)
    client.force_login(alice)
    assert "At most 4 models" in _page(client, *(a_study(alice, corpus=corpus) for _ in range(5)))


def test_the_history_is_a_table(client: Client, alice: User) -> None:
    study = a_study(alice)
    HistoryPoint.objects.create(study=study, kind="evaluated", step=40, characters=4000, carried=1.5, cold=1.75)
    client.force_login(alice)
    answer = client.get(reverse("studies:history_csv", args=[study.pk]))
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert rows == [
        {"kind": "evaluated", "step": "40", "characters": "4000", "train_loss": "", "carried": "1.5", "cold": "1.75"}
    ]
