"""The page of an extraction: it says how far it is, leads on when it is done, and says why it failed."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.support.documents import a_word_document
from tests.support.factory import PDF, TEXT, a_corpus
from tests.support.uploads import extract_all
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus, Extraction
from webapp.queue import transitions
from webapp.queue.models import Job, Kind, State

pytestmark = pytest.mark.django_db
WORD = a_word_document("The River", [TEXT])


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    files.delete_tree("documents")
    files.delete_tree("uploads")
    client.force_login(alice)
    return client


def send(client: Client, *contents: bytes, to: str = "/corpora/new/", **more: Any) -> Any:
    several = [SimpleUploadedFile(f"{n}.docx", content) for n, content in enumerate(contents)]
    return client.post(to, {"documents": several, "pasted": "", "name": "River"}, **more)


def said(client: Client, address: str, **rest: Any) -> str:
    return str(client.get(address, **rest).content.decode())


def begun() -> Extraction:
    """Let a worker begin with the only extraction."""
    job = transitions.claim(Kind.EXTRACT, "extractor")
    assert job
    transitions.Lease(job.pk, job.token).move("run")
    return Extraction.objects.get()


def test_what_takes_time_is_queued_and_its_page_leads_to_the_corpus(mine: Client) -> None:
    page = send(mine, WORD)["Location"]
    assert "Next in the queue." in said(mine, page) and not Corpus.objects.exists()
    extract_all()
    response = mine.get(page, follow=True)
    assert response.redirect_chain[-1][0] == Corpus.objects.get().get_absolute_url()
    assert "“<bdi>River</bdi>” is ready to train on." in response.content.decode()


def test_a_long_plain_text_is_queued_too_and_so_is_a_short_one_for_a_long_corpus(mine: Client, alice: User) -> None:
    long = (TEXT * 450).encode()
    assert send(mine, long)["Location"].startswith("/corpora/extractions/")
    extract_all()
    corpus = Corpus.objects.get()
    response = send(mine, TEXT.encode(), to=f"/corpora/{corpus.pk}/add/")
    assert response["Location"].startswith("/corpora/extractions/")
    extract_all()
    assert "Added to “<bdi>River</bdi>”." in said(mine, response["Location"], follow=True)
    assert corpus.documents.count() == 2


def test_a_form_that_a_script_sends_is_led_there_too(mine: Client) -> None:
    response = send(mine, WORD, headers={"HX-Request": "true"})
    assert response["HX-Redirect"] == Extraction.objects.get().get_absolute_url()


def test_it_says_how_many_files_are_read(mine: Client) -> None:
    page = send(mine, WORD, WORD, WORD)["Location"]
    begun()
    assert "0 of 3 files are read." in said(mine, page)
    Extraction.objects.update(done=2, refused=[["1.docx", "The file is damaged."]])
    assert "Left out until now" in said(mine, page) and "The file is damaged." in said(mine, page)
    assert "2 of 3 files are read." in said(mine, page) and '<progress max="3" value="2"' in said(mine, page)
    Extraction.objects.update(done=3, counting=True)
    assert "All is read." in said(mine, page)
    Extraction.objects.update(warning="The files can’t be stored now.")
    assert "The files can’t be stored now." in said(mine, page)


def test_without_a_worker_it_says_so(mine: Client) -> None:
    page = send(mine, WORD)["Location"]
    Job.objects.update(created=timezone.now() - timedelta(minutes=1))
    assert "Waiting for a worker." in said(mine, page)


def test_of_a_worker_that_is_silent_it_says_so(mine: Client) -> None:
    page = send(mine, WORD)["Location"]
    begun()
    Job.objects.update(last_renewal=timezone.now() - timedelta(minutes=1))
    assert "has not been heard of for 6" in said(mine, page)


def test_without_scripts_the_page_asks_again_by_itself_until_it_is_over(mine: Client) -> None:
    page = send(mine, WORD)["Location"]
    assert '<noscript><meta http-equiv="refresh"' in said(mine, page)
    mine.post(f"{page}stop/")
    assert "<noscript>" not in said(mine, page) and "data-poll" not in said(mine, page)


def test_a_poll_is_answered_when_something_changed_and_leads_on_at_the_end(mine: Client) -> None:
    page = send(mine, WORD, WORD)["Location"]
    begun()
    asked = unescape(re.findall(r'hx-get="([^"]*)"', said(mine, page))[0])
    assert mine.get(asked).status_code in (200, 204)
    Extraction.objects.update(done=1)
    assert "1 of 2 files are read." in said(mine, asked)
    Job.objects.update(state=State.FAILED)
    assert mine.get(asked)["HX-Redirect"] == page


def test_one_that_waits_is_stopped_and_adds_nothing(mine: Client) -> None:
    page = send(mine, WORD)["Location"]
    assert "Stopped. Nothing was added." in mine.post(f"{page}stop/", follow=True).content.decode()
    extract_all()
    assert not Corpus.objects.exists() and not files.keys("uploads")


def test_lists_lead_to_what_waits_and_to_what_failed_until_it_is_put_away(mine: Client, alice: User) -> None:
    corpus = a_corpus(alice)
    page = send(mine, PDF, to=f"/corpora/{corpus.pk}/add/")["Location"]
    lists = "/corpora/", corpus.get_absolute_url()
    assert all(f'href="{page}"' in said(mine, one) for one in lists)
    extract_all()
    assert all(f'href="{page}"' in said(mine, one) for one in lists)
    assert "Nothing was added" in said(mine, page) and "0.docx" in said(mine, page)
    mine.post(f"{page}forget/")
    assert not any(f'href="{page}"' in said(mine, one) for one in lists)
    assert mine.get(page).status_code == 404


def test_one_that_is_under_way_is_not_put_away(mine: Client) -> None:
    page = send(mine, WORD)["Location"]
    mine.post(f"{page}forget/")
    assert Extraction.objects.exists()


def test_what_came_of_it_may_be_deleted(mine: Client) -> None:
    page = send(mine, WORD)["Location"]
    extract_all()
    services.delete(Corpus.objects.get())
    assert "What came of it was deleted since." in said(mine, page)


def test_who_has_no_room_for_the_files_gets_the_form_back(mine: Client, alice: User) -> None:
    alice.stored_limit_mb = 1
    alice.save()
    response = send(mine, WORD + bytes(1_000_000))
    assert response.status_code == 422 and "There is no room for it" in response.content.decode()
    assert not Extraction.objects.exists() and not files.keys("uploads")


def test_two_clicks_extract_a_text_again_once(mine: Client) -> None:
    send(mine, WORD)
    extract_all()
    address = f"/corpora/documents/{Corpus.objects.get().documents.get().pk}/extract/"
    first, second = (mine.post(address)["Location"] for _ in range(2))
    assert first == second and "Until then the text stays as it is" in said(mine, first)
