"""The text of a passage: it grows in the page while it is written, stays, and is marked when it is incomplete."""

from typing import Any

import pytest
from django.test import Client

from tests.support.factory import a_request, begin
from webapp.accounts.models import User
from webapp.queue.models import Job, Kind, State, Wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(client: Client, alice: User) -> Job:
    client.force_login(alice)
    return a_request(alice, passages=2)


def news(client: Client, job: Job, *have: int) -> Any:
    """Ask for the new text for a page that has this number of characters of each passage."""
    pks = job.passages.order_by("index").values_list("pk", flat=True)
    return asked(client, job, ",".join(f"{pk}:{characters}" for pk, characters in zip(pks, have, strict=False)))


def asked(client: Client, job: Job, have: str) -> Any:
    return client.get(f"/passages/request/{job.pk}/?have={have}").json()


def write(job: Job, *texts: str, **fields: Any) -> None:
    for index, text in enumerate(texts):
        job.passages.filter(index=index).update(text=text, **fields)


def finish(job: Job) -> None:
    lease = begin(job.study, Kind.WRITE)
    job.passages.update(complete=True)
    lease.move("succeed")


def test_only_what_is_new_comes_for_each_passage(client: Client, job: Job) -> None:
    write(job, "brief candle", "damned spot")
    first, second = news(client, job, 6, 0)["passages"]
    assert (first["from"], first["text"], first["length"]) == (6, "candle", 12)
    assert (second["from"], second["text"]) == (0, "damned spot")


def test_characters_are_counted_as_the_server_counts_them(client: Client, job: Job) -> None:
    write(job, "🕯🕯🕯 out")
    piece = news(client, job, 3)["passages"][0]
    assert (piece["text"], piece["length"]) == (" out", 7)


def test_a_passage_that_is_begun_again_comes_whole(client: Client, job: Job) -> None:
    write(job, "brief candle")
    assert news(client, job, 12)["passages"][0]["text"] == ""
    write(job, "bri")
    piece = news(client, job, 12)["passages"][0]
    assert (piece["from"], piece["text"]) == (0, "bri")


@pytest.mark.parametrize("have", ["", "x", "%d:-1", "%d:9999999999999999999999", "0:5", "%d", ",,:,,,:"])
def test_a_strange_have_is_the_beginning(client: Client, job: Job, have: str) -> None:
    write(job, "brief candle")
    have = have.replace("%d", str(job.passages.get(index=0).pk))
    assert asked(client, job, have)["passages"][0]["text"] == "brief candle"


def test_the_page_is_told_how_it_stands_and_when_it_is_over(client: Client, job: Job) -> None:
    found = news(client, job)
    assert (found["over"], found["sentence"]) == (False, "Waiting for the writer.")
    finish(job)
    found = news(client, job)
    assert (found["over"], found["passages"][0]["complete"]) == (True, True)
    assert "data-poll" not in client.get(f"/passages/write/{job.study_id}/?request={job.pk}").content.decode()


def test_characters_that_the_model_has_never_seen_are_told(client: Client, job: Job) -> None:
    job.passages.update(unknown="Ω ж")
    assert news(client, job)["unknown"] == "Ω ж"
    assert "Ω ж" in client.get(f"/passages/write/{job.study_id}/?request={job.pk}").content.decode()


def test_a_failure_gives_its_reason_on_the_page(client: Client, job: Job) -> None:
    begin(job.study, Kind.WRITE).move("fail", reason="The model's files are gone.", advice="Train it again.")
    assert "The model's files are gone. Train it again." in news(client, job)["sentence"]


def test_stopping_keeps_what_stands_there_and_says_half_written(client: Client, job: Job) -> None:
    lease = begin(job.study, Kind.WRITE)
    write(job, "brief", "damned")
    client.post(f"/passages/request/{job.pk}/stop/")
    assert Job.objects.get(pk=job.pk).wish == Wish.STOP
    lease.move("cancel")
    passage = job.passages.get(index=0)
    for address in (passage.get_absolute_url(), f"/passages/write/{job.study_id}/?request={job.pk}"):
        page = client.get(address).content.decode()
        assert "brief" in page
        assert '<p class="notice" data-half>Half written: 100 characters were asked for.' in page


def test_a_whole_passage_does_not_call_itself_half_written(client: Client, job: Job) -> None:
    finish(job)
    page = client.get(job.passages.get(index=0).get_absolute_url()).content.decode()
    assert "data-half hidden" in page


def test_stopping_what_waits_ends_it_at_once(client: Client, job: Job) -> None:
    client.post(f"/passages/request/{job.pk}/stop/")
    assert Job.objects.get(pk=job.pk).state == State.CANCELLED


def test_text_is_shown_as_text_whatever_stands_in_it(client: Client, job: Job) -> None:
    write(job, "<script>alert(1)</script>")
    page = client.get(f"/passages/write/{job.study_id}/?request={job.pk}").content.decode()
    assert "&lt;script&gt;alert(1)" in page and "<script>alert" not in page


@pytest.mark.parametrize(("text", "hidden"), [("  \n ", ""), ("Out ", " hidden")])
def test_a_passage_of_nothing_but_blanks_says_so(client: Client, job: Job, text: str, hidden: str) -> None:
    write(job, text, "candle")
    finish(job)
    notice = f"data-blank{hidden}>It wrote nothing but blanks"
    for page in (job.passages.get(index=0).get_absolute_url(), f"/passages/write/{job.study_id}/?request={job.pk}"):
        assert notice in client.get(page).content.decode()


def test_a_passage_that_has_only_begun_is_not_called_blank(client: Client, job: Job) -> None:
    write(job, " \n")
    page = client.get(job.passages.get(index=0).get_absolute_url()).content.decode()
    assert "data-blank hidden" in page


def test_a_long_opening_is_put_away_but_for_its_end(client: Client, alice: User) -> None:
    prompt = "Tomorrow, and tomorrow, and tomorrow.\n" * 50
    passage = a_request(alice, prompt=prompt).passages.get()
    earlier, last = passage.opening_parts
    assert earlier + last == prompt and 450 <= len(last) < 600 and earlier[-1].isspace() and not last[0].isspace()
    client.force_login(alice)
    page = client.get(passage.get_absolute_url()).content.decode()
    assert f"The {len(earlier):,} characters of the opening before this" in page
    short = a_request(alice, prompt=prompt[:1_000]).passages.get()
    assert short.opening_parts == ("", prompt[:1_000])


def test_a_temperature_is_written_as_it_was_typed(client: Client, alice: User) -> None:
    client.force_login(alice)
    job = a_request(alice, temperature=0)
    assert "temperature 0, seed 7" in client.get(f"/passages/write/{job.study_id}/?request={job.pk}").content.decode()
    assert "<dd>0</dd>" in client.get(job.passages.get().get_absolute_url()).content.decode()
