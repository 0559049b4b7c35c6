"""Requests for passages: exactly what was asked for is queued, and once."""

import time
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.test import Client

from tests.support.factory import SCORE, TEXT, a_corpus, a_model, a_request, a_study, give_score
from tests.support.pages import html_of
from trainer.contract.documents import OPENING_CHARACTERS
from webapp.accounts.models import User
from webapp.passages.models import Opening, Passage
from webapp.queue.models import Job, Kind
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
CHOICES = {"prompt": "Out, out", "length": "300", "temperature": "0.5", "passages": "2", "seed": "11"}


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    return a_model(alice)


def ask(client: Client, study: Study, htmx: bool = False, **fields: str) -> Any:
    headers = {"HX-Request": "true"} if htmx else {}
    return client.post(f"/passages/write/{study.pk}/", CHOICES | fields, headers=headers)


def writing() -> Any:
    return Job.objects.filter(kind=Kind.WRITE)


@pytest.mark.sql
def test_what_is_asked_for_is_queued_and_kept_at_once(client: Client, study: Study) -> None:
    response = ask(client, study)
    job = writing().get()
    assert response["Location"].startswith(f"/passages/write/{study.pk}/?request={job.pk}&")
    first, second = job.passages.order_by("index")
    assert (first.index, second.index) == (0, 1)
    kept = (second.prompt, second.length, second.temperature, second.seed, second.model_sha256)
    assert kept == ("Out, out", 300, 0.5, 11, study.model_sha256)


def test_every_control_is_kept_with_the_passage(client: Client, study: Study) -> None:
    ask(client, study, unit="words", length="40", top_k="12", top_p="0.9", penalty="1.5")
    kept = Passage.objects.values("unit", "length", "top_k", "top_p", "penalty")[0]
    assert kept == {"unit": "words", "length": 40, "top_k": 12, "top_p": 0.9, "penalty": 1.5}


def test_a_paragraph_needs_no_length(client: Client, study: Study) -> None:
    ask(client, study, unit="paragraph", length="")
    passage = Passage.objects.first()
    assert passage and (passage.unit, passage.length) == ("paragraph", 5_000)


def test_the_settings_are_in_the_address_and_chosen_by_it(client: Client, study: Study) -> None:
    address = ask(client, study, unit="words", top_p="0.9", seed="77")["Location"]
    settings = parse_qs(urlsplit(address).query)
    assert settings["prompt"] == ["Out, out"] and settings["seed"] == ["77"] and settings["top_p"] == ["0.9"]
    assert "penalty" not in settings, "what is as it always is would only make it long"
    form = client.get(address.replace(f"request={settings['request'][0]}&", "")).context["form"]
    names = ("prompt", "unit", "length", "temperature", "passages", "top_p", "seed")
    assert [str(form[name].value()) for name in names] == ["Out, out", "words", "300", "0.5", "2", "0.9", "77"]


def test_nonsense_in_the_address_is_passed_over(client: Client, study: Study) -> None:
    query = "length=many&temperature=nan&unit=pages&seed=-1&top_k=&passages=99&prompt=Lo%00"
    form = client.get(f"/passages/write/{study.pk}/?{query}").context["form"]
    assert (form["length"].value(), form["temperature"].value(), form["passages"].value()) == (600, 0.8, 1)


def test_a_long_opening_stays_out_of_the_address(client: Client, study: Study) -> None:
    address = ask(client, study, prompt="so " * 400)["Location"]
    assert "prompt" not in address
    assert client.get(address).context["form"]["prompt"].value() == "so " * 400


def test_an_opening_longer_than_is_read_says_so(client: Client, study: Study) -> None:
    assert "reads the end" not in html_of(client.get(ask(client, study, prompt="so " * 1_600)["Location"]))
    page = html_of(client.get(ask(client, study, prompt="so " * 150_000)["Location"]))
    assert "reads the end: its last 5,000 characters" in page
    assert "430,002 characters before what stands here were not kept" in page


@pytest.mark.sql
def test_an_opening_is_kept_once_and_cut_to_what_is_read(client: Client, study: Study) -> None:
    ask(client, study, prompt="so foul " * 100_000, passages="8", length="10")
    opening = Opening.objects.get()
    assert opening.text.startswith("so foul ") or opening.text.startswith("foul so ")
    assert 19_900 < len(opening.text) <= OPENING_CHARACTERS
    assert opening.left_out == 800_000 - len(opening.text)
    assert {passage.opening for passage in study.passages.all()} == {opening}


@pytest.mark.sql
def test_an_opening_goes_with_the_last_passage_that_has_it(client: Client, study: Study) -> None:
    ask(client, study)
    first, second = study.passages.all()
    client.post(f"/passages/{first.pk}/delete/")
    assert Opening.objects.count() == 1
    client.post(f"/passages/{second.pk}/delete/")
    assert Opening.objects.count() == 0


@pytest.mark.sql
def test_going_on_remembers_where_from_and_can_be_undone(client: Client, study: Study) -> None:
    ask(client, study)
    before = Passage.objects.get(index=0)
    ask(client, study, prompt="Out, out, brief", goes_on_from=str(before.pk), passages="1")
    after = Passage.objects.get(goes_on_from=before)
    page = html_of(client.get(f"/passages/write/{study.pk}/?request={after.job_id}"))
    assert f'?request={before.job_id}">Undo the cut' in page


@pytest.mark.sql
def test_going_on_from_what_is_gone_or_somebody_elses_writes_all_the_same(
    client: Client, bob: User, study: Study
) -> None:
    theirs = a_request(bob).passages.get()
    for number in (str(theirs.pk), "999999"):
        ask(client, study, goes_on_from=number, passages="1")
    assert [passage.goes_on_from for passage in Passage.objects.filter(study=study)] == [None, None]


@pytest.mark.sql
def test_the_opening_keeps_its_blanks_and_is_spelled_as_the_model_learned(client: Client, study: Study) -> None:
    ask(client, study, prompt="  C\u0327a\r\nva \n")
    assert Passage.objects.first().prompt == "  Ça\nva \n"  # type: ignore[union-attr]


def test_a_reload_shows_the_request_and_its_choices_with_a_new_seed(client: Client, study: Study) -> None:
    page = client.get(ask(client, study)["Location"])
    assert html_of(page).count("data-passage=") == 2
    form = page.context["form"]
    assert (form["prompt"].value(), form["length"].value(), form["passages"].value()) == ("Out, out", 300, 2)
    assert form["seed"].value() != 11


@pytest.mark.sql
def test_a_form_that_is_sent_twice_writes_once(client: Client, study: Study) -> None:
    number = str(uuid4())
    first, second = (ask(client, study, submission=number) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert writing().count() == 1


def test_a_script_gets_the_text_and_a_form_that_can_be_sent_again(client: Client, study: Study) -> None:
    number = str(uuid4())
    response = ask(client, study, htmx=True, submission=number)
    page = html_of(response)
    assert f"?request={writing().get().pk}&" in response["HX-Push-Url"]
    assert "data-stream" in page and "<html" not in page
    assert 'name="submission"' in page and number not in page
    assert 'id="id_seed"' in page


@pytest.mark.parametrize(
    ("choice", "sentence"),
    [
        ({"length": "0"}, "greater than or equal to 1"),
        ({"length": "100001"}, "less than or equal to 100000"),
        ({"length": "20001", "unit": "words"}, "Up to 20,000 words."),
        ({"length": "100000", "passages": "3"}, "keep the writer too long"),
        ({"length": ""}, "This field is required"),
        ({"unit": "pages"}, "Select a valid choice"),
        ({"top_k": "-1"}, "greater than or equal to 0"),
        ({"top_p": "0"}, "greater than or equal to 0.05"),
        ({"top_p": "1.1"}, "less than or equal to 1"),
        ({"penalty": "2.1"}, "less than or equal to 2"),
        ({"temperature": "2.5"}, "less than or equal to 2"),
        ({"temperature": "nan"}, "Enter a number"),
        ({"passages": "9"}, "less than or equal to 8"),
        ({"seed": ""}, "This field is required"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_choice_out_of_its_limits_is_said_on_the_page(
    client: Client, study: Study, choice: dict[str, str], sentence: str, htmx: bool
) -> None:
    response = ask(client, study, htmx=htmx, **choice)
    assert sentence in html_of(response)
    assert (response.status_code, response.get("HX-Retarget")) == ((200, "#write-form") if htmx else (422, None))
    assert not writing().exists()


def test_a_model_that_has_learned_nothing_yet_has_no_form(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_study(alice)
    page = html_of(client.get(f"/passages/write/{study.pk}/"))
    assert "has not learned anything yet" in page and "<textarea" not in page
    ask(client, study)
    assert not writing().exists()


def test_the_tutorial_writes_fifty_characters_greedily_unless_told_otherwise(client: Client, alice: User) -> None:
    client.force_login(alice)
    form = client.get(f"/passages/write/{a_model(alice, recipe='tutorial').pk}/").context["form"]
    assert (form["length"].value(), form["temperature"].value()) == (50, 0)


def opening(client: Client, study: Study, which: str) -> str:
    return str(client.get(f"/passages/write/{study.pk}/opening/?opening={which}").json()["text"])


def test_a_random_opening_is_the_start_of_a_sentence_or_line_of_the_text(client: Client, study: Study) -> None:
    for _ in range(20):
        found = opening(client, study, "random")
        place = TEXT.index(found)
        assert found.strip()
        assert place == 0 or TEXT[:place].rstrip(" ")[-1:] in "\n.!?\"')"
        assert found[-1] in " \n", "the next word is the model's"


def test_the_tutorials_opening_is_a_window_of_its_text(client: Client, alice: User) -> None:
    client.force_login(alice)
    found = opening(client, a_model(alice, recipe="tutorial"), "random")
    assert len(found) == 50 and found in TEXT


def test_the_last_lines_are_where_the_text_ends(client: Client, alice: User) -> None:
    client.force_login(alice)
    end = "   So, thanks to all at once\nand to each one,\n\n  whom we invite\n\n\tExeunt.\n-THE END-\n\n\n"
    study = a_model(alice, corpus=a_corpus(alice, TEXT + "\n" + end))
    assert opening(client, study, "end") == "and to each one,\n\n  whom we invite\n\n\tExeunt.\n-THE END-\n"


def test_lines_of_blanks_are_no_lines_at_the_end(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_model(alice, corpus=a_corpus(alice, TEXT + "\nsix\nfive\n  \t\nfour\nthree\n \ntwo\n  \n"))
    assert opening(client, study, "end") == "five\n  \t\nfour\nthree\n \ntwo\n"


ENDS = {"line ends": "\n" * 200_000, "centred lines": ("\n" + " " * 44 + "fin") * 5_000, "full stops": "." * 200_000}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_no_end_of_a_text_keeps_an_opening_waiting(client: Client, alice: User, end: str) -> None:
    client.force_login(alice)
    study = a_model(alice, corpus=a_corpus(alice, TEXT + end))
    began = time.thread_time()
    for which in ("end", "random"):
        assert opening(client, study, which).strip()
    assert time.thread_time() - began < 3  # 0.1 s; a pattern that starts anew at each place takes 30 s


def test_a_text_in_one_long_line_has_openings_too(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_model(alice, corpus=a_corpus(alice, "abcdefghi" * 300))
    assert len(opening(client, study, "end")) == 601
    assert "abc" in opening(client, study, "random")


def test_openings_come_without_a_script_too(client: Client, study: Study) -> None:
    form = client.get(f"/passages/write/{study.pk}/?opening=end").context["form"]
    assert TEXT.rstrip().endswith(form["prompt"].value().strip())


def test_another_models_request_is_not_shown(client: Client, alice: User, study: Study) -> None:
    other = a_request(alice, a_model(alice))
    page = html_of(client.get(f"/passages/write/{study.pk}/?request={other.pk}"))
    assert "data-stream" not in page


def test_only_a_model_that_has_a_mixture_and_its_text_is_mixed_with_counting(client: Client, study: Study) -> None:
    give_score(study, SCORE)
    assert "id_counting" in client.get(f"/passages/write/{study.pk}/").content.decode()
    for mixture, documents in ((None, study.documents), (SCORE["mixture"], [])):
        Study.objects.filter(pk=study.pk).update(documents=documents)
        give_score(study, {**SCORE, "mixture": mixture})
        page = client.get(f"/passages/write/{study.pk}/").content.decode()
        assert "id_counting" not in page
        ask(client, study, counting="0.5")
        assert Passage.objects.latest("pk").counting == 0
