"""Documents that are the same or share text: pages name them after the upload and before a training."""

import pytest
from django.test import Client

from tests.support.pages import html_of
from tests.support.texts import LICENCE, prose, with_refrain
from tests.web.test_corpus import upload
from webapp.corpora.models import Corpus
from webapp.corpora.overlaps import sentences

pytestmark = pytest.mark.django_db
PLAY = prose(1, 20_000)
WHAT_IT_MEANS = "The end of each document is held out"


def test_the_same_file_twice_is_named_and_the_corpus_is_made(mine: Client) -> None:
    page = html_of(upload(mine, PLAY.encode(), PLAY.encode("utf-16"), prose(2, 3_000).encode()))
    assert "“file-0.txt” and “file-1.txt” are the same text." in page and WHAT_IT_MEANS in page
    assert Corpus.objects.get().documents.count() == 3


def test_documents_that_overlap_are_named_where_a_training_is_chosen_too(mine: Client) -> None:
    page = html_of(upload(mine, PLAY[:14_000].encode(), PLAY[7_000:].encode()))
    training = html_of(mine.get(f"/models/new/{Corpus.objects.get().pk}/"))
    for shown in (page, training):
        assert "% of “file-1.txt” also stands in “file-0.txt”." in shown and WHAT_IT_MEANS in shown


def test_a_pasted_text_that_holds_itself_twice_is_named(mine: Client) -> None:
    page = html_of(upload(mine, pasted=PLAY + "\n" + PLAY, name="Twice"))
    assert "The end of “Pasted text” also stands further up in it." in page


def test_what_was_found_stays_right_when_the_letters_are_lower_cased(mine: Client) -> None:
    upload(mine, PLAY.encode(), PLAY.upper().encode())
    corpus = Corpus.objects.get()
    page = html_of(mine.post(f"/corpora/{corpus.pk}/edit/", {"name": "A", "lowercase": "on"}, follow=True))
    assert "“file-0.txt” and “file-1.txt” are the same text." in page


def test_what_is_added_or_taken_out_later_is_compared_too(mine: Client) -> None:
    upload(mine, PLAY.encode())
    corpus = Corpus.objects.get()
    assert WHAT_IT_MEANS not in html_of(mine.get(corpus.get_absolute_url()))
    added = mine.post(f"/corpora/{corpus.pk}/add/", {"pasted": PLAY}, follow=True)
    assert "are the same text." in html_of(added)
    last = corpus.places.last()
    assert last
    rest = mine.post(f"/corpora/places/{last.pk}/remove/", follow=True)
    assert rest.status_code == 200 and WHAT_IT_MEANS not in html_of(rest)


def test_refrains_licences_and_headings_are_no_reason_for_a_notice(mine: Client) -> None:
    chapters = [f"{LICENCE}\nCHAPTER {n}\n{prose(n, 3_000)}".encode() for n in range(3)]
    page = html_of(upload(mine, with_refrain(20_000).encode(), *chapters))
    assert "are the same text" not in page and WHAT_IT_MEANS not in page


def test_of_many_findings_the_first_are_written_out() -> None:
    kept = [{"kind": "part", "documents": [f"{n}.txt", "a.txt"], "percent": 50} for n in range(9)]
    told = sentences(kept)
    assert told[0] == "About 50 % of “0.txt” also stands in “a.txt”."
    assert told[-1] == "5 more documents have something twice." and len(told) == 5
    many = sentences([{"kind": "same", "documents": [f"{n}.txt" for n in range(7)], "percent": 100}])
    assert many == ["“0.txt”, “1.txt”, “2.txt”, “3.txt” and 3 more are the same text."]
