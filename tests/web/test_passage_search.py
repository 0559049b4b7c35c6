"""The search for passages: by words, by star, by model."""

import re
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.support.factory import a_model, a_request
from webapp.accounts.models import User
from webapp.passages.models import Passage
from webapp.passages.search import Search
from webapp.studies.models import Study

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    return a_model(alice)


def add(study: Study, text: str, title: str = "", prompt: str = "", **fields: object) -> Passage:
    passage = a_request(study.owner, study, prompt=prompt).passages.get()
    Passage.objects.filter(pk=passage.pk).update(text=text, title=title, complete=True, **fields)
    return passage


def page(client: Client, **query: Any) -> str:
    return client.get("/passages/", query).content.decode()


def found(client: Client, **query: Any) -> set[int]:
    return {int(pk) for pk in re.findall(r'class="row-title"><a href="/passages/(\d+)/"', page(client, **query))}


def test_words_are_found_in_text_opening_and_title(client: Client, study: Study) -> None:
    text, opening, title = add(study, "brief candle"), add(study, "!", prompt="A candle "), add(study, "!", "Candles")
    add(study, "walking shadow", prompt="Out, ", title="The shadow")
    assert found(client, q="candle") == {text.pk, opening.pk, title.pk}


def test_every_word_must_stand_there_in_any_order(client: Client, study: Study) -> None:
    both = add(study, "Out, out,\nbrief candle", title="Macbeth")
    add(study, "brief shadow")
    assert found(client, q="candle  brief macbeth") == {both.pk}


def test_a_word_is_found_that_the_opening_began_and_the_model_ended(client: Client, study: Study) -> None:
    passage = add(study, "ndle", prompt="Out, brief ca")
    assert found(client, q="candle") == {passage.pk}


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("MACBETH", "macbeth"),
        ("élan", "ÉLAN VITAL"),
        ("ÜBER", "Das Höchste über alles"),
        ("ДУНКАН", "мой Дункан"),
        ("ἄνδρα", "ἌΝΔΡΑ μοι"),
        ("straße", "STRASSE"),
        ("e\u0301lan", "élan"),
        ("烛", "熄灭了吧，短促的烛光"),
    ],
)
def test_capitals_make_no_difference_in_any_script(client: Client, study: Study, query: str, text: str) -> None:
    passage = add(study, text)
    add(study, "something else")
    assert found(client, q=query) == {passage.pk}


@pytest.mark.parametrize(
    "sign", ["%", "_", "'", '"', "\\", ".", "*", "[", "(", "{1}", "^", "$", "|", "***:", "(?i)", "<", "&"]
)
def test_signs_are_plain_characters(client: Client, study: Study, sign: str) -> None:
    passage = add(study, f"100{sign}x")
    add(study, "100 x")
    assert found(client, q=sign) == {passage.pk}
    assert found(client, q=f"100{sign}X") == {passage.pk}


def test_what_was_found_is_shown_and_marked(client: Client, study: Study) -> None:
    add(study, "Tomorrow " * 40 + "<b>and</b>\nout, BRIEF\ncandle " + "tomorrow " * 40, title="A brief <i>title</i>")
    html = page(client, q="brief")
    assert "A <mark>brief</mark> &lt;i&gt;title&lt;/i&gt;" in html
    assert "Tomorrow &lt;b&gt;and&lt;/b&gt; out, <mark>BRIEF</mark> candle tomorrow" in html
    excerpt = re.sub("<.*?>", "", html.split('class="row-found"')[1].split("</p>")[0]).rstrip()
    assert len(excerpt) < 300
    assert excerpt.removeprefix(' dir="auto">').startswith("…Tomorrow") and excerpt.endswith("tomorrow …")


def test_a_short_passage_is_shown_whole() -> None:
    assert Search("candle").excerpt("Out,\n brief candle!") == [("Out, brief ", False), ("candle", True), ("!", False)]


def test_what_stands_in_the_title_only_needs_no_excerpt(client: Client, study: Study) -> None:
    add(study, "walking shadow", title="Candle")
    assert "<mark>Candle</mark>" in page(client, q="candle") and "row-found" not in page(client, q="candle")


def test_the_number_found_is_said(client: Client, study: Study) -> None:
    for text in ("candle", "candles", "shadow"):
        add(study, text)
    assert "2 passages found." in page(client, q="candle")
    assert "1 passage found." in page(client, q="shadow")
    assert "found." not in page(client)


def test_nothing_found_says_so_and_leads_back(client: Client, study: Study) -> None:
    add(study, "candle")
    html = page(client, q="<dagger>", model=study.pk, starred=1)
    assert "Nothing was found for “&lt;dagger&gt;”." in html
    assert "Only what Banquo wrote was searched." in html and "Only starred passages were searched" in html
    assert '<a class="button" href="/passages/">Show all passages</a>' in html
    assert 'value="&lt;dagger&gt;"' in html


def test_starred_ones_are_shown_alone(client: Client, study: Study) -> None:
    starred, _other = add(study, "brief candle", starred=True), add(study, "candle")
    assert found(client, starred=1) == found(client, starred=1, q="candle") == {starred.pk}
    assert found(client, starred=1, q="shadow") == set()


def test_what_one_model_wrote_is_shown_alone(client: Client, study: Study) -> None:
    other = a_model(study.owner, name="Macduff")
    mine, _its = add(study, "candle"), add(other, "candle")
    assert found(client, q="candle", model=study.pk) == {mine.pk}
    assert f'<option value="{study.pk}" selected>Banquo</option>' in page(client, model=study.pk)


@pytest.mark.parametrize("model", ["x", "-1", "999999", "9" * 30])
def test_a_model_that_is_not_there_is_a_404(client: Client, study: Study, model: str) -> None:
    assert client.get("/passages/", {"model": model}).status_code == 404


def test_somebody_elses_model_and_passages_are_not_searched(client: Client, study: Study, bob: User) -> None:
    theirs = a_model(bob, name="Bobs own")
    add(theirs, "candle")
    assert client.get("/passages/", {"model": theirs.pk}).status_code == 404
    assert found(client, q="candle") == set()
    assert "Bobs own" not in page(client)


@pytest.mark.parametrize("query", ["", "   ", "\x00", "\n"])
def test_a_search_for_nothing_shows_all(client: Client, study: Study, query: str) -> None:
    passage = add(study, "candle")
    assert found(client, q=query, model="", starred="") == {passage.pk}


def test_the_next_page_is_of_the_same_search(client: Client, study: Study, settings: Any) -> None:
    settings.WAITING_PASSAGES_LIMIT = 0
    for number in range(25):
        add(study, f"candle & {number}", starred=True)
    html = page(client, q="candle &", starred=1)
    assert "25 passages found." in html
    assert 'href="?q=candle+%26&amp;starred=1&amp;page=2"' in html
    second = client.get("/passages/?q=candle+%26&starred=1&page=2").content.decode()
    assert second.count('class="row-title"') == 5


def test_a_search_takes_few_queries(
    client: Client, study: Study, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    a_request(study.owner, study, passages=8)
    Passage.objects.update(text="brief candle " * 1500)
    with django_assert_max_num_queries(6):
        assert page(client, q="candle brief", model=study.pk).count("row-found") == 8
