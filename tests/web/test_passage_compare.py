"""The comparison of two models: both get the same request, once, and the page shows both texts."""

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from tests.support.factory import SCORE, TEXT, a_corpus, a_model, a_request, a_study, give_score
from tests.support.pages import said
from trainer.contract.writing_settings import SamplingOptions
from webapp.accounts.models import User
from webapp.passages import services
from webapp.passages.models import Passage
from webapp.passages.services import Wanted
from webapp.queue.models import Job, Kind, State
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db
CHOICES = {"prompt": "Out, out", "length": "300", "temperature": "0.5", "passages": "1", "seed": "11"}
ADDRESS = "/passages/compare/"


@pytest.fixture
def pair(client: Client, alice: User) -> tuple[Study, Study]:
    client.force_login(alice)
    corpus = a_corpus(alice)
    return a_model(alice, corpus=corpus, name="Banquo"), a_model(alice, corpus=corpus, name="Fleance")


def ask(client: Client, first: Study, second: Study, **fields: str) -> Any:
    return client.post(ADDRESS, CHOICES | {"a": str(first.pk), "b": str(second.pk)} | fields)


def writing() -> Any:
    return Job.objects.filter(kind=Kind.WRITE)


def test_both_write_the_same_order_and_the_address_names_both(client: Client, pair: tuple[Study, Study]) -> None:
    response = ask(client, *pair)
    first, second = writing()
    assert (first.study, second.study) == pair
    assert response["Location"] == f"{ADDRESS}?requests={first.pk},{second.pk}"
    names = ("opening__text", "length", "temperature", "seed", "index")
    assert list(Passage.objects.values_list(*names)) == [("Out, out", 300, 0.5, 11, 0)] * 2


def test_a_reload_shows_both_and_the_form_as_it_was_with_a_new_seed(client: Client, pair: tuple[Study, Study]) -> None:
    response = client.get(ask(client, *pair)["Location"])
    page = said(response)
    for job in writing():
        assert f'data-stream="/passages/request/{job.pk}/" data-poll="100"' in page
    form = response.context["form"]
    assert (form["a"].value(), form["b"].value(), form["prompt"].value()) == (*(one.pk for one in pair), "Out, out")
    assert form["seed"].value() != 11


def test_each_side_has_its_recipe_and_its_best_figure(client: Client, pair: tuple[Study, Study]) -> None:
    started = {"recipe": {"layers": 2, "units": 64, "cell": "gru", "level": "word"}, "parameters": 61_234}
    Study.objects.filter(pk=pair[1].pk).update(started=started)
    page = said(client.get(ask(client, *pair)["Location"]))
    assert page.count("<span>2.00 bits per character so far</span> <span>Quick</span>") == 2
    assert "<span>2 × 64 GRU</span> <span>words</span> <span>61,234 weights</span>" in page
    assert "do not compare" not in page


def test_models_of_different_texts_are_said_not_to_compare_in_figures(client: Client, alice: User) -> None:
    client.force_login(alice)
    first, second = a_model(alice), a_model(alice, corpus=a_corpus(alice, TEXT[1000:], "The rest"))
    assert "do not compare" in said(client.get(ask(client, first, second)["Location"]))


def test_a_form_that_is_sent_twice_writes_once(client: Client, pair: tuple[Study, Study]) -> None:
    number = str(uuid4())
    first, second = (ask(client, *pair, submission=number) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert writing().count() == 2


def test_when_one_can_not_be_queued_neither_is(alice: User, pair: tuple[Study, Study]) -> None:
    wanted = Wanted(prompt="", length=10, seed=1, sampling=SamplingOptions())
    with pytest.raises(ValueError, match="unsaved"):
        services.compare(alice, [(pair[0], wanted), (Study(owner=alice), wanted)])
    assert not writing().exists()


def test_the_same_model_twice_is_refused_with_a_sentence(client: Client, pair: tuple[Study, Study]) -> None:
    response = ask(client, pair[0], pair[0])
    assert response.status_code == 422
    assert "This is the same model" in said(response)
    assert not writing().exists()


@pytest.mark.parametrize("choice", [{"length": "0"}, {"seed": ""}, {"a": ""}, {"b": "x"}])
def test_a_wrong_choice_is_said_on_the_page(client: Client, pair: tuple[Study, Study], choice: dict[str, str]) -> None:
    response = ask(client, pair[0], pair[1], **choice)
    assert response.status_code == 422
    assert "errorlist" in said(response)
    assert not writing().exists()


def test_the_models_in_the_address_are_chosen(client: Client, alice: User, pair: tuple[Study, Study]) -> None:
    a_model(alice, corpus=pair[0].corpus, name="Duncan")
    form = client.get(f"{ADDRESS}?a={pair[0].pk}&b={pair[1].pk}").context["form"]
    assert (form["a"].value(), form["b"].value()) == (pair[0].pk, pair[1].pk)


def test_what_is_not_chosen_is_the_newest(client: Client, alice: User, pair: tuple[Study, Study]) -> None:
    newest = a_model(alice, corpus=pair[0].corpus, name="Duncan")
    form = client.get(f"{ADDRESS}?a={pair[0].pk}").context["form"]
    assert (form["a"].value(), form["b"].value()) == (pair[0].pk, newest.pk)
    form = client.get(ADDRESS).context["form"]
    assert (form["a"].value(), form["b"].value()) == (newest.pk, pair[1].pk)


def test_only_models_that_can_write_are_offered(client: Client, alice: User, pair: tuple[Study, Study]) -> None:
    waiting = a_study(alice, pair[0].corpus, name="Duncan")
    page = said(client.get(f"{ADDRESS}?a={waiting.pk}"))
    assert "Duncan" not in page
    assert "Banquo, 2.00 bits" in page and "Fleance, 2.00 bits" in page
    assert ask(client, pair[0], waiting).status_code == 422


def test_one_model_is_too_few_and_the_page_leads_on(client: Client, alice: User) -> None:
    client.force_login(alice)
    a_model(alice)
    page = said(client.get(ADDRESS))
    assert "It takes two models" in page and 'href="/models/"' in page
    assert "<textarea" not in page


def test_somebody_elses_model_is_a_404_also_beside_ones_own(
    client: Client, bob: User, pair: tuple[Study, Study]
) -> None:
    theirs = a_model(bob)
    for query in (f"a={theirs.pk}", f"a={pair[0].pk}&b={theirs.pk}", "a=999999"):
        assert client.get(f"{ADDRESS}?{query}").status_code == 404
    assert ask(client, pair[0], theirs).status_code == 404
    assert ask(client, theirs, pair[0]).status_code == 404
    assert not writing().exists()


def test_somebody_elses_request_is_a_404_also_beside_ones_own(
    client: Client, alice: User, bob: User, pair: tuple[Study, Study]
) -> None:
    mine, theirs = a_request(alice, pair[0]), a_request(bob)
    for numbers in (f"{mine.pk},{theirs.pk}", f"{theirs.pk},{mine.pk}", f"{mine.pk},999999"):
        assert client.get(f"{ADDRESS}?requests={numbers}").status_code == 404


@pytest.mark.parametrize(
    "numbers", ["", "{0}", "{0},{0}", "{0},0{0}", "{0},{1},{0}", "x,{0}", "{0},²", "{0}," + "9" * 40]
)
def test_an_address_that_names_no_two_requests_is_a_404(
    client: Client, alice: User, pair: tuple[Study, Study], numbers: str
) -> None:
    mine = [a_request(alice, study).pk for study in pair]
    assert client.get(f"{ADDRESS}?requests={numbers.format(*mine)}").status_code == 404


def test_it_asks_again_without_scripts_until_both_are_written(client: Client, pair: tuple[Study, Study]) -> None:
    address = ask(client, *pair)["Location"]
    assert '<noscript><meta http-equiv="refresh"' in said(client.get(address))
    Job.objects.filter(pk=writing().first().pk).update(state=State.SUCCEEDED)
    assert "<noscript>" in said(client.get(address))
    writing().update(state=State.SUCCEEDED)
    assert "<noscript>" not in said(client.get(address))
    assert "<noscript>" not in said(client.get(ADDRESS))


def test_a_model_that_can_write_leads_here_from_its_page(
    client: Client, alice: User, pair: tuple[Study, Study]
) -> None:
    address = f"{ADDRESS}?a={pair[0].pk}"
    assert address in said(client.get(f"/models/{pair[0].pk}/"))
    waiting = a_study(alice, pair[0].corpus)
    assert ADDRESS not in said(client.get(f"/models/{waiting.pk}/"))


def test_models_that_have_no_mixture_are_not_compared_with_counting(client: Client, pair: tuple[Study, Study]) -> None:
    give_score(pair[0], SCORE)
    page = ask(client, *pair, counting="0.5").content.decode()
    assert f"“{pair[1].name}” can&#x27;t be mixed with counting" in page
    assert not Passage.objects.exists()
