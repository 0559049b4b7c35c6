"""Voices on the site: the switch on the training form, the shares at the desk, what is kept and told of them."""

import re
import threading
from typing import Any

import pytest
from django.test import Client

from tests.support.api import Program
from tests.support.events import record
from tests.support.factory import SCORE, TEXT, a_corpus, a_model, a_request, begin
from tests.support.pages import said
from webapp.accounts import tokens
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.corpora.models import Corpus
from webapp.inside.models import Look
from webapp.passages import downloads, voices
from webapp.passages.models import Passage
from webapp.queue.models import Job
from webapp.studies.models import Study
from webapp.workers.looking import Looker
from webapp.workers.training import TrainingSupervisor
from webapp.workers.writing import Writer

pytestmark = pytest.mark.django_db
NAMES = ("Emma", "Ulysses")
CHOICES = {"prompt": "Out", "length": "300", "temperature": "0.8", "passages": "1", "seed": "7"}
SWITCH = "Learn each document’s voice"


@pytest.fixture
def corpus(client: Client, alice: User) -> Corpus:
    client.force_login(alice)
    texts = [("Emma.txt", TEXT.encode()), ("Ulysses.txt", TEXT[::-1].encode())]
    return corpora.add_corpus(alice, "Novels", texts, lowercase=False)


@pytest.fixture
def study(corpus: Corpus) -> Study:
    """Return a model that has learned two voices."""
    study = a_model(corpus.owner, corpus=corpus)
    record(study.pk, [{"event": "started", "step": 0, "recipe": {"voice_names": list(NAMES)}}])
    study.refresh_from_db()
    return study


def write(client: Client, study: Study, **shares: str) -> Any:
    return client.post(f"/passages/write/{study.pk}/", CHOICES | shares)


# The training ----------------------------------------------------------------------------------------------------


def test_only_a_corpus_of_several_documents_has_the_switch(client: Client, corpus: Corpus) -> None:
    assert SWITCH in said(client.get(f"/models/new/{corpus.pk}/"))
    single = a_corpus(corpus.owner)
    assert SWITCH not in said(client.get(f"/models/new/{single.pk}/"))
    client.post(f"/models/new/{single.pk}/", {"recipe": "quick", "voices": "on"})
    assert Study.objects.get(corpus=single).recipe == {"recipe": "quick"}


def test_the_trainer_is_told_whose_voice_each_document_has(client: Client, corpus: Corpus) -> None:
    client.post(f"/models/new/{corpus.pk}/", {"recipe": "quick", "voices": "on"})
    study = Study.objects.get()
    assert study.recipe == {"recipe": "quick", "voices": True}
    begin(study)
    words = TrainingSupervisor(Job.objects.get(study=study), threading.Event()).arguments([])
    assert "--voices" in words
    assert [word for word in words if "voice-name" in word] == ["--voice-name=Emma", "--voice-name=Ulysses"]
    again = said(client.get(f"/models/{study.pk}/again/"))
    assert re.search(r'<input type="checkbox" name="voices"[^>]* checked', again)


def test_the_tutorial_can_not_learn_voices(client: Client, corpus: Corpus) -> None:
    response = client.post(f"/models/new/{corpus.pk}/", {"recipe": "tutorial", "voices": "on"})
    assert response.status_code == 422
    assert "voices can&#x27;t be chosen" in said(response)
    assert re.search(r'value="tutorial"[^>]* data-fixed="[^"]*\bvoices\b', said(response))


def test_another_text_keeps_the_voices_of_the_model(client: Client, study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(recipe={"recipe": "quick", "voices": True})
    other = a_corpus(study.owner, TEXT[1:], "More")
    page = said(client.get(f"/models/new/{other.pk}/?base={study.pk}"))
    assert SWITCH not in page


# What the study's page tells ------------------------------------------------------------------------------------


def test_the_page_has_the_score_of_each_document_with_and_without_its_voice(client: Client, study: Study) -> None:
    of_voices = [{"name": "Emma", "characters": 500, "with": 1.3862944, "without": 1.7328680}]
    score = {**SCORE, "voices": of_voices}
    record(study.pk, [{"event": "finished", "best_step": study.model_step, "score": score}])
    page = said(client.get(f"/models/{study.pk}/"))
    assert re.search(r"Emma</th> <td[^>]*>2.00</td> ?<td[^>]*>2.50</td>", page)
    assert "It has learned 2 voices" in page


def test_a_sample_says_in_whose_voice_it_is(client: Client, study: Study) -> None:
    record(study.pk, [{"event": "sample", "step": 40, "text": "brief candle", "voice": "Emma"}])
    for address in (f"/models/{study.pk}/", f"/models/{study.pk}/timeline/"):
        assert "In the voice of <bdi>Emma</bdi>" in said(client.get(address))


def test_the_course_is_drawn_in_a_voice(client: Client, study: Study) -> None:
    recipe = {"layers": 1, "units": 8, "cell": "lstm", "voice_names": list(NAMES)}
    Study.objects.update(started={**(study.started or {}), "recipe": recipe})
    address = f"/models/{study.pk}/inside/course/"
    client.post(address, {"text": "brief candle", "voice_0": "30", "voice_1": "70"})
    assert [look.voices for look in study.looks.all()] == [{"Emma": 0.3, "Ulysses": 0.7}] * 2
    page = said(client.get(address))
    assert "Read in the voice of <bdi>Ulysses 70 %, Emma 30 %</bdi>" in page and 'value="70"' in page
    nothing = client.post(address, {"text": "brief candle", "voice_0": "0", "voice_1": "0"})
    assert nothing.status_code == 422 and "One of the voices has to have a share." in said(nothing)


# Side by side ----------------------------------------------------------------------------------------------------


def shares(side: str, study: Study, *percents: int) -> dict[str, str]:
    """Return what the voices of a side send."""
    sent = {f"{side}-voice_{number}": str(percent) for number, percent in enumerate(percents)}
    return {f"{side}-of": str(study.pk)} | sent


def compare(client: Client, first: Study, second: Study, *of_sides: dict[str, str]) -> Any:
    fields = CHOICES | {"a": str(first.pk), "b": str(second.pk)}
    for sent in of_sides:
        fields |= sent
    return client.post("/passages/compare/", fields)


def test_one_model_can_be_compared_in_a_voice_and_in_a_mixture(client: Client, study: Study) -> None:
    a_model(study.owner, name="Fleance")  # which could be on the other side
    place = compare(client, study, study, shares("a", study, 100, 0), shares("b", study, 30, 70))["Location"]
    assert [passage.voices for passage in Passage.objects.order_by("pk")] == [
        {"Emma": 1.0},
        {"Emma": 0.3, "Ulysses": 0.7},
    ]
    page = client.get(place)
    assert "Emma, temperature 0.8" in said(page) and "Ulysses 70 %, Emma 30 %, temperature 0.8" in said(page)
    form = page.context["form"]
    assert [form[name].value() for name in ("a", "b")] == [study.pk, study.pk]
    assert [[field.value() for field in side.voices()] for _, side in form.chosen_sides()] == [[100, 0], [30, 70]]


def test_a_side_has_the_voices_of_its_own_model(client: Client, study: Study, alice: User) -> None:
    plain = a_model(alice, name="Fleance")
    alike = shares("a", study, 70, 30), shares("b", study, 70, 30)
    for sides in ((study, study), (study, study, *alike), (plain, study, shares("a", study, 100, 0))):
        assert compare(client, *sides).status_code == 422
    nothing = compare(client, plain, study, shares("b", study, 0, 0))
    assert nothing.status_code == 422 and "One of the voices has to have a share." in said(nothing)
    again = compare(client, plain, study, shares("b", plain))
    assert "Another model was chosen: now choose its voices." in said(again)
    assert len(again.context["form"].chosen_sides()[1][1].voices()) == 2
    assert not Passage.objects.exists()
    assert compare(client, plain, study, shares("a", plain), shares("b", study, 0, 100)).status_code == 302
    assert [passage.voices for passage in Passage.objects.order_by("pk")] == [{}, {"Ulysses": 1.0}]


def test_the_voices_of_a_chosen_model_come_into_the_page(client: Client, study: Study, bob: User) -> None:
    address = "/passages/compare/voices/"
    page = said(client.get(address, {"b": study.pk}))
    assert 'id="voices-b"' in page and 'name="b-voice_1"' in page and f'name="b-of" value="{study.pk}"' in page
    plain = said(client.get(address, {"a": a_model(study.owner).pk}))
    assert 'id="voices-a"' in plain and "voice_0" not in plain
    assert client.get(address, {"a": a_model(bob).pk}).status_code == 404
    assert client.get(address).status_code == 204


# The desk --------------------------------------------------------------------------------------------------------


def test_the_desk_has_a_share_for_each_voice_and_they_begin_alike(client: Client, study: Study, alice: User) -> None:
    page = said(client.get(f"/passages/write/{study.pk}/"))
    for number, name in enumerate(NAMES):
        assert f'<label for="id_voice_{number}">{name}</label>' in page
        assert re.search(rf'name="voice_{number}" value="50"[^>]* max="100"', page)
    plain = a_model(alice, name="Fleance")
    assert "voice_0" not in said(client.get(f"/passages/write/{plain.pk}/"))


def test_shares_are_written_with_kept_and_told(client: Client, study: Study) -> None:
    place = write(client, study, voice_0="70", voice_1="30")["Location"]
    assert "voice_0=70" in place
    passage = Passage.objects.get()
    assert passage.voices == {"Emma": 0.7, "Ulysses": 0.3}
    assert passage.job and Writer(passage.job, threading.Event())._request_line("model")["voices"] == passage.voices
    shown = "Emma 70 %, Ulysses 30 %"
    assert f"<dt>Voice</dt><dd>{shown}</dd>" in said(client.get(passage.get_absolute_url()))
    assert f"Voice: {shown}\n" in downloads.as_text(passage)
    desk = said(client.get(place))
    assert f"{shown}, temperature 0.8" in desk
    assert re.search(r'name="voice_0" value="70"', desk)
    client.post(f"/passages/{passage.pk}/again/")
    assert Passage.objects.get(again_of=passage).voices == passage.voices


def test_a_text_is_looked_at_in_a_voice_or_a_mixture(client: Client, study: Study) -> None:
    address = f"/models/{study.pk}/inside/"
    places = [
        client.post(address, {"text": "Out, out", **sent})["Location"]
        for sent in ({}, {"voice_0": "70", "voice_1": "30"}, {"voice_0": "70", "voice_1": "30"})
    ]
    plain, mixed = Look.objects.order_by("pk")
    assert places[1] == places[2] != places[0] and (plain.voices, mixed.voices) == ({}, {"Emma": 0.7, "Ulysses": 0.3})
    page = said(client.get(places[1]))
    assert "Read in the voice of <bdi>Emma 70 %, Ulysses 30 %</bdi>" in page
    assert re.search(r'name="voice_0" value="70"', page) and 'data-voices="voice_0=70&amp;voice_1=30"' in page
    client.post(f"/looks/{mixed.pk}/attribution/", {"place": "3"})
    asked = Look.objects.get(kind="attribution")
    assert asked.voices == mixed.voices
    for look, action in ((mixed, "inspect"), (asked, "attribute")):
        assert look.job
        line = Looker(look.job, threading.Event())._request_line(look, "model")
        assert (line["do"], line["voices"]) == (action, mixed.voices)


def test_units_are_held_in_a_voice(client: Client, study: Study) -> None:
    address = f"/models/{study.pk}/inside/touch/"
    assert re.search(r'name="voice_1" value="30"', said(client.get(f"{address}?unit=1&voice_0=70&voice_1=30")))
    rows = {"held-TOTAL_FORMS": "1", "held-INITIAL_FORMS": "1", "held-0-layer": "1", "held-0-unit": "1"}
    rows |= {"held-0-value": "1", "voice_0": "0", "voice_1": "100"}
    assert client.post(address, CHOICES | rows).status_code == 302
    untouched, held = Passage.objects.order_by("pk")
    assert untouched.voices == held.voices == {"Ulysses": 1.0} and held.held and not untouched.held
    assert re.search(r'name="voice_1" value="100"', said(client.get(f"{address}?passage={held.pk}")))
    more = said(client.post(address, CHOICES | rows | {"add": "1"}))
    assert re.search(r'name="voice_1" value="100"', more) and "Held unit 2" in more


def test_a_shared_page_does_not_name_the_owners_documents(client: Client, study: Study) -> None:
    write(client, study, voice_0="100", voice_1="0")
    passage = Passage.objects.get()
    assert "Voice: Emma" in downloads.as_text(passage)
    client.post(f"/passages/{passage.pk}/share/")
    key = Passage.objects.get().share_key
    assert "Emma" not in said(Client().get(f"/shared/{key}/"))


def test_what_is_left_alike_or_out_is_no_voice(client: Client, study: Study) -> None:
    write(client, study, voice_0="50", voice_1="50")
    write(client, study)
    assert [passage.voices for passage in Passage.objects.all()] == [{}, {}]
    assert "Voice" not in downloads.as_text(Passage.objects.latest("pk"))


@pytest.mark.parametrize("wrong", [{"voice_0": "0", "voice_1": "0"}, {"voice_0": "101"}, {"voice_1": "much"}], ids=str)
def test_wrong_shares_are_said_beside_the_voice(client: Client, study: Study, wrong: dict[str, str]) -> None:
    response = write(client, study, **wrong)
    assert response.status_code == 422
    assert "errorlist" in said(response)
    assert not Passage.objects.exists()


def test_shares_of_a_model_that_has_other_voices_now_are_passed_over(client: Client, study: Study) -> None:
    job = a_request(study.owner, study, voices={"Dracula": 1.0})
    assert re.search(r'name="voice_0" value="50"', said(client.get(f"/passages/write/{study.pk}/?request={job.pk}")))


def test_a_program_learns_voices_and_mixes_them(study: Study) -> None:
    program = Program(tokens.make(study.owner, "A script", False)[1])

    def post(path: str, **body: Any) -> Any:
        return program.ask("POST", f"/{path}", body)

    assert study.corpus
    made = post("models", corpus=study.corpus.pk, recipe="quick", voices=True)
    assert Study.objects.get(pk=made.json()["id"]).recipe["voices"]
    single = a_corpus(study.owner)
    assert post("models", corpus=single.pk, recipe="quick", voices=True).status_code == 422
    written = post(f"models/{study.pk}/passages", length=50, voices={"Emma": 3, "Ulysses": 1})
    assert written.json()["passages"][0]["settings"]["voices"] == {"Emma": 0.75, "Ulysses": 0.25}
    for wrong in ({"Dracula": 1}, {"Emma": 0}, {"Emma": -1}):
        assert post(f"models/{study.pk}/passages", length=50, voices=wrong).status_code == 422


@pytest.mark.parametrize("count", [2, 3, 7, 64])
def test_voices_that_are_alike_make_a_hundred_and_are_none(count: int) -> None:
    names = [str(number) for number in range(count)]
    fields = voices.alike(names)
    assert sum(fields.values()) == 100
    assert voices.shares(names, fields) == {}
    shares = voices.shares(names, {"voice_0": 30, "voice_1": 10})
    assert shares == {"0": 0.75, "1": 0.25}
    assert voices.in_fields(names, shares)["voice_0"] == 75
