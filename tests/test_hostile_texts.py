"""Whatever a passage or an opening holds, a page that shows one of twice the length takes about twice the time."""

from collections.abc import Callable

import pytest

from tests.doubling import REPEATED, growth
from webapp.passages import markdown, openings
from webapp.passages.models import Passage
from webapp.passages.searching import LONGEST, Search


def _passage(text: str) -> Passage:
    return Passage(pk=1, prompt=text[: len(text) // 2], text=text, complete=True, length=len(text), copied=None)


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
    "searched for a long word": _found("a" * LONGEST),
    "searched for letters of two capitals": _found("ßŉǰ" * (LONGEST // 3)),
    "searched for many words": _found("[ ( . * x a 1 \\ "),
    "opened at random": lambda text: openings.sentence_or_line(text, 1, len(text) - 1),
    "opened at its end": openings.end_of,
}


@pytest.mark.parametrize("work", WORKS)
def test_twice_the_text_takes_about_twice_the_time(work: str) -> None:
    grown = {name: growth(WORKS[work], unit) for name, unit in REPEATED.items()}
    assert {name: round(ratio, 1) for name, ratio in grown.items() if ratio >= 3} == {}
