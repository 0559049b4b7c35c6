"""Hostile passages and openings: a page with a text of twice the length takes only about twice the time."""

import time
from collections.abc import Callable

import pytest
from django.test import Client

from tests.support.doubling import REPEATED, growth
from tests.support.factory import a_corpus, a_model, a_request
from webapp import markdown
from webapp.accounts.models import User
from webapp.passages import openings
from webapp.passages.models import Opening, Passage
from webapp.passages.search import Search


def _passage(text: str) -> Passage:
    opening = Opening(text=text[: len(text) // 2])
    return Passage(pk=1, opening=opening, text=text, complete=True, length=len(text), copied=None)


def _listed(text: str) -> None:
    passage = _passage(text)
    assert len(passage.opening_line) <= 2_000
    assert passage.opening_parts and passage.is_blank is False and passage.goes_in_circles in (True, False)


def _found(query: str) -> Callable[[str], object]:
    search = Search(query=query)
    return lambda text: (search.marked(text), search.excerpt(text))


WORKS: dict[str, Callable[[str], object]] = {
    "listed": _listed,
    "downloaded as Markdown": lambda text: markdown.quoted(markdown.paragraphs(text)),
    "a title in Markdown": markdown.escaped,
    "searched for a word": _found("zz"),
    "searched for a long word": _found("a" * Search.LONGEST),
    "searched for letters of two capitals": _found("ßŉǰ" * (Search.LONGEST // 3)),
    "searched for many words": _found("[ ( . * x a 1 \\ "),
    "opened at random": lambda text: openings.sentence_or_line(text, 1, len(text) - 1),
    "opened at its end": openings.end_of,
}


@pytest.mark.parametrize("work", WORKS)
def test_twice_the_text_takes_about_twice_the_time(work: str) -> None:
    grown = {name: growth(WORKS[work], unit) for name, unit in REPEATED.items()}
    assert {name: round(ratio, 1) for name, ratio in grown.items() if ratio >= 3} == {}


@pytest.mark.django_db
def test_no_field_of_any_form_keeps_the_site_waiting_or_breaks_it(client: Client, alice: User) -> None:
    long = "a" + "\u0300\u0316" * 100_000
    corpus, passage = a_corpus(alice), a_request(alice, a_model(alice)).passages.get()
    began = time.thread_time()
    for path, fields in (
        ("/accounts/login/", {"login": long, "password": long}),
        ("/accounts/login/", {"login": long + "@example.org", "password": "x"}),
        ("/accounts/signup/", {"username": long, "password1": long, "email": long + "@example.org"}),
        ("/accounts/password/reset/", {"email": long + "@example.org"}),
    ):
        assert client.post(path, fields).status_code == 200, path
    client.force_login(alice)
    for path, fields in (
        ("/corpora/new/", {"pasted": "Too short.", "name": long}),
        ("/corpora/new/", {"pasted": long, "name": ""}),
        (f"/corpora/{corpus.pk}/edit/", {"name": long}),
        (f"/passages/{passage.pk}/edit/", {"title": long}),
        ("/accounts/email/", {"email": long + "@example.org", "action_add": ""}),
        ("/accounts/password/change/", {"oldpassword": long, "password1": long}),
    ):
        assert client.post(path, fields).status_code in (200, 302, 422), path
    assert client.get("/passages/", {"q": long}).status_code == 200
    assert time.thread_time() - began < 5  # it takes 0.5 s; a normalisation of all these marks would take half a minute
