"""The list of passages; naming and deleting them."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.support.factory import a_model, a_request, begin
from webapp.accounts.models import User
from webapp.passages.models import Passage
from webapp.queue.models import Job, Kind, State

pytestmark = [pytest.mark.django_db, pytest.mark.sql]


@pytest.fixture(autouse=True)
def _logged_in(client: Client, alice: User) -> None:
    client.force_login(alice)


def test_an_empty_list_says_what_to_do(client: Client) -> None:
    assert "No passages yet" in client.get("/passages/").content.decode()


def test_the_list_shows_how_each_begins_and_how_it_stands(client: Client, alice: User, bob: User) -> None:
    job = a_request(alice, passages=3)
    job.passages.filter(index=0).update(text="brief candle", complete=True)
    job.passages.filter(index=1).update(title="The spot")
    a_request(bob, prompt="Bobs own")
    page = client.get("/passages/").content.decode()
    for words in ("brief candle", "The spot", "12 characters", "being written", "Banquo"):
        assert words in page
    assert "Bobs own" not in page
    Job.objects.filter(pk=job.pk).update(state=State.CANCELLED)
    assert client.get("/passages/").content.decode().count("half written") == 2


def test_a_long_list_takes_as_many_queries_as_a_short_one_and_reads_no_long_text(
    client: Client, alice: User, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    study = a_model(alice)
    for _ in range(4):
        a_request(alice, study, passages=8)
    Passage.objects.update(text="ab" * 10_000)
    with django_assert_max_num_queries(5):
        response = client.get("/passages/")
    page = response.content.decode()
    assert page.count('class="row-title"') == 20
    assert "Page 1 of 2" in page
    assert all("text" in passage.get_deferred_fields() for passage in response.context["page"])


def test_a_passage_is_named(client: Client, alice: User) -> None:
    passage = a_request(alice).passages.get()
    response = client.post(f"/passages/{passage.pk}/edit/", {"title": "The candle"}, follow=True)
    assert "<h1>The candle</h1>" in response.content.decode()


def test_a_star_is_put_and_taken_away_where_one_is(client: Client, alice: User) -> None:
    passage = a_request(alice).passages.get()
    page = "http://testserver/passages/?q=Out&page=1"
    for starred in ("1", "1", "0"):
        response = client.post(f"/passages/{passage.pk}/star/", {"starred": starred}, headers={"Referer": page})
        assert response["Location"] == page
        passage.refresh_from_db()
        assert passage.starred == (starred == "1")


def test_a_star_pressed_on_another_site_leads_to_the_passage(client: Client, alice: User) -> None:
    passage = a_request(alice).passages.get()
    response = client.post(f"/passages/{passage.pk}/star/", headers={"Referer": "https://example.org/"})
    assert response["Location"] == passage.get_absolute_url()


def test_a_script_gets_the_star_alone(client: Client, alice: User) -> None:
    passage = a_request(alice).passages.get()
    response = client.post(f"/passages/{passage.pk}/star/", {"starred": "1"}, headers={"HX-Request": "true"})
    button = response.content.decode()
    assert 'aria-pressed="true"' in button and 'value="0"' in button and "<html" not in button


def test_the_list_and_the_page_show_the_star(client: Client, alice: User) -> None:
    passage = a_request(alice).passages.get()
    for address in ("/passages/", passage.get_absolute_url()):
        assert 'aria-pressed="false"' in client.get(address).content.decode()
    Passage.objects.update(starred=True)
    for address in ("/passages/", passage.get_absolute_url()):
        assert 'aria-pressed="true"' in client.get(address).content.decode()


def test_deleting_asks_first_and_shows_what(client: Client, alice: User) -> None:
    passage = a_request(alice).passages.get()
    assert "Out, " in client.get(f"/passages/{passage.pk}/delete/").content.decode()
    assert Passage.objects.exists()
    client.post(f"/passages/{passage.pk}/delete/")
    assert not Passage.objects.exists()


def test_nobody_writes_on_when_the_last_passage_of_a_request_is_deleted(client: Client, alice: User) -> None:
    job = a_request(alice, passages=2)
    begin(job.study, Kind.WRITE)
    first, second = job.passages.all()
    client.post(f"/passages/{first.pk}/delete/")
    assert Job.objects.get(pk=job.pk).wish == ""
    client.post(f"/passages/{second.pk}/delete/")
    assert Job.objects.get(pk=job.pk).wish == "stop"
