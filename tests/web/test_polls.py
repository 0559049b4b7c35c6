"""The polling of pages: an unchanged state costs one query, and old trainings and many pages poll less often."""

import re
import time
from html import unescape
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from tests.support.events import record
from tests.support.factory import PROGRESS, a_look, a_model, a_request, a_study, begin
from tests.support.pages import polled_address
from webapp import polls
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.inside import services as inside
from webapp.inside.models import Course, LookKind
from webapp.queue.models import Job, Kind, State
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(client: Client, alice: User) -> Study:
    client.force_login(alice)
    study = a_study(alice)
    begin(study)
    learn(study, 10)
    return study


def learn(study: Study, step: int, seconds: float = 30.0) -> None:
    record(study.pk, [{**PROGRESS, "step": step, "seconds": seconds}])


def page(client: Client, study: Study) -> str:
    return str(client.get(f"/models/{study.pk}/").content.decode())


def mark_in(address: str) -> str:
    """Return the mark of the state that a page shows, which is in the address that it polls."""
    return str(re.findall(r"seen=(\w+)", address)[0])


def wait(found: str) -> float:
    """Return how many seconds the page waits before its next poll."""
    return int(re.findall(r'data-poll="(\d+)"', found)[0]) / 1000


def test_a_state_answers_all_of_many_pages_for_a_moment(
    client: Client, study: Study, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polls, "_FRESH_SECONDS", 1000.0)
    addresses = [polled_address(page(client, study)) for _ in range(polls._MANY_PAGES)]
    client.get(addresses[0])
    with django_assert_num_queries(0):
        assert {client.get(address).status_code for address in addresses} == {204}
    learn(study, 20)
    assert client.get(addresses[0]).status_code == 204
    loaded = polled_address(page(client, study))  # a page that is loaded shows what is there
    assert mark_in(loaded) != mark_in(addresses[0])
    monkeypatch.setattr(polls, "_FRESH_SECONDS", 0.0)
    assert client.get(addresses[0]).status_code == 200


def test_what_has_not_changed_is_one_query_and_no_body(
    client: Client, study: Study, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = polled_address(page(client, study))
    for _ in range(3):
        with django_assert_num_queries(1):
            answer = client.get(address)
        assert (answer.status_code, answer.content) == (204, b"")


def test_what_has_changed_comes_with_the_next_address(client: Client, study: Study) -> None:
    first = polled_address(page(client, study))
    learn(study, 20)
    news = client.get(first)
    assert news.status_code == 200 and "12,345" in news.content.decode()
    assert client.get(first).status_code == 200, "an address of before is always answered"
    assert client.get(polled_address(news.content.decode())).status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        lambda: Job.objects.update(state=State.CANCELLED),
        lambda: Job.objects.update(wish="stop"),
        lambda: Study.objects.update(warning="A checkpoint could not be written."),
        lambda: Study.objects.update(model_key="somewhere"),
        lambda: Study.objects.update(best_held_out=1.0),
    ],
)
def test_all_that_a_page_shows_is_a_change(client: Client, study: Study, change: Any) -> None:
    address = polled_address(page(client, study))
    change()
    assert client.get(address).status_code == 200


def test_the_charts_points_come_with_the_state(client: Client, study: Study) -> None:
    address = polled_address(page(client, study))
    learn(study, 20)
    learn(study, 30)
    news = unescape(client.get(address).content.decode())
    assert '"train":[[10,4000,2.0],[20,4000,2.0],[30,4000,2.0]]' in news


def test_those_who_watch_the_same_training_share_what_is_made_for_them(
    client: Client, study: Study, django_assert_max_num_queries: Any
) -> None:
    addresses = [polled_address(page(client, study)) for _ in range(5)]
    learn(study, 20)
    first = client.get(addresses[0]).content.decode()
    for address in addresses[1:]:
        with django_assert_max_num_queries(3):  # the state, session, person
            assert re.sub('seen=\\w+|page=\\w+|data-poll="\\d+"', "", client.get(address).content.decode()) == re.sub(
                'seen=\\w+|page=\\w+|data-poll="\\d+"', "", first
            )


def test_a_mark_is_its_visitors_own(client: Client, study: Study, bob: User) -> None:
    address = polled_address(page(client, study))
    other = Client()
    other.force_login(bob)
    assert other.get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_after_logging_out_nothing_new_is_told(client: Client, study: Study) -> None:
    address = polled_address(page(client, study))
    cookie = client.cookies["sessionid"].value
    client.logout()
    client.cookies["sessionid"] = cookie
    learn(study, 20)
    assert client.get(address).status_code == 302


def test_pages_ask_less_often_the_older_a_training_is(client: Client, study: Study) -> None:
    waits = []
    for seconds in (0, 60, 240, 3600):
        learn(study, 10, seconds)
        waits.append(wait(page(client, study)))
    assert waits == [1.0, 2.0, 5.0, 10.0]


def test_what_waits_is_asked_about_seldom(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert wait(page(client, a_study(alice))) == 5.0


def test_many_pages_ask_less_often_each(client: Client, study: Study, settings: Any) -> None:
    settings.POLLS_PER_SECOND, settings.WEB_PROCESSES = 2, 1
    learn(study, 10, 0)
    assert [wait(page(client, study)) for _ in range(16)][-1] == 8.0
    assert [wait(page(client, study)) for _ in range(60)][-1] == 20.0, "a page is never forgotten"


def test_a_page_that_asks_again_is_the_same_page(client: Client, study: Study, settings: Any) -> None:
    settings.POLLS_PER_SECOND, settings.WEB_PROCESSES = 1, 1
    learn(study, 10, 0)
    address = polled_address(page(client, study))
    for step in range(20, 70):
        learn(study, step, 0)
        news = client.get(address).content.decode()
        address = polled_address(news)
    assert wait(news) == 1.0


def test_what_is_kept_for_others_is_bounded() -> None:
    for number in range(1_000):
        polls.shared(number, lambda: "made")
    assert len(polls._parts) <= 64


# Polls that get JSON ---------------------------------------------------------------------------------------------


def seen(client: Client, address: str) -> str:
    """Return the address of the next poll, after one that has brought news."""
    return f"{address}?seen={client.get(address).json()['seen']}"


def test_a_request_that_has_not_grown_is_one_query_and_no_body(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(alice)
    job = a_request(alice, passages=2)
    begin(job.study, Kind.WRITE)
    address = seen(client, f"/passages/request/{job.pk}/")
    with django_assert_num_queries(1):
        answer = client.get(address)
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    "change",
    [
        lambda job: job.passages.filter(index=1).update(text="Out, out"),
        lambda job: job.passages.filter(index=0).update(complete=True),
        lambda job: job.passages.update(unknown="€"),
        lambda job: job.passages.all().delete(),
        lambda job: Job.objects.filter(kind=Kind.WRITE).update(state=State.FAILED),
        lambda job: Job.objects.filter(kind=Kind.WRITE).update(wish="stop"),
        lambda job: Job.objects.filter(kind=Kind.WRITE).update(attempt=2),
    ],
)
def test_all_that_the_desk_shows_is_a_change(client: Client, alice: User, change: Any) -> None:
    client.force_login(alice)
    job = a_request(alice, passages=2)
    begin(job.study, Kind.WRITE)
    address = seen(client, f"/passages/request/{job.pk}/")
    change(job)
    assert client.get(address).status_code == 200


def test_a_request_that_waits_tells_its_place_again_after_a_while(
    client: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.force_login(alice)
    address = seen(client, f"/passages/request/{a_request(alice).pk}/")
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 60)
    assert client.get(address).status_code == 200


def test_a_look_that_is_not_made_yet_is_one_query_and_no_body(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(alice)
    look = inside.look(alice, a_model(alice), inside.Wanted(LookKind.MEMORY))
    lease = begin(look.study, Kind.LOOK)
    address = seen(client, f"/looks/{look.pk}/")
    with django_assert_num_queries(1):
        answer = client.get(address)
    assert (answer.status_code, answer.content) == (204, b"")
    lease.move("fail")
    assert client.get(address).json()["over"]


def test_a_shared_look_is_asked_for_without_log_in(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    look = a_look(alice)
    Course.objects.create(owner=look.owner, study=look.study, gates=look, share_key="k" * 43)
    address = seen(client, f"/shared/course/{'k' * 43}/look/")
    with django_assert_num_queries(1):
        assert client.get(address).status_code == 204


def test_an_extraction_that_has_not_moved_is_one_query_and_no_body(
    client: Client, alice: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client.force_login(alice)
    extraction = corpora.queue_corpus(alice, "Book", [("book.docx", b"PK")], False, [], None)
    address = polled_address(client.get(f"/corpora/extractions/{extraction.pk}/").content.decode())
    with django_assert_num_queries(1):
        assert client.get(address).status_code == 204


def test_the_time_line_that_has_not_grown_is_one_query_and_no_body(
    client: Client, study: Study, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    address = polled_address(client.get(f"/models/{study.pk}/timeline/").content.decode())
    with django_assert_num_queries(1):
        assert client.get(address).status_code == 204
