"""The download of a passage: the unchanged text, and below it how it was written."""

import re
from dataclasses import asdict
from html import unescape
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tests.support.factory import a_request
from trainer.contract import sizing
from trainer.contract.documents import clean
from webapp.accounts.models import User
from webapp.markdown import paragraphs
from webapp.passages.models import Passage

pytestmark = pytest.mark.django_db
VERSE = "brief candle!\n  Life's but\n\n* a *walking* shadow_\n1. poor <b>player</b> & #more\n---\n"


@pytest.fixture
def passage(client: Client, alice: User) -> Passage:
    client.force_login(alice)
    passage = a_request(alice, penalty=0.5, top_k=40).passages.get()
    recipe = asdict(sizing.resolve({"recipe": "quick", "layers": 2, "units": 96}, 4_500, 70))
    Passage.objects.filter(pk=passage.pk).update(text=VERSE, complete=True, recipe=recipe)
    passage.refresh_from_db()
    return passage


def download(client: Client, passage: Passage, query: str = "") -> Any:
    return client.get(f"/passages/{passage.pk}/download/{query}")


def text(client: Client, passage: Passage, query: str = "") -> str:
    return str(download(client, passage, query).content.decode())


def markdown(client: Client, passage: Passage) -> str:
    return text(client, passage, "?as=markdown")


def rendered(source: str) -> str:
    return str(MarkdownIt("commonmark").render(source))


def test_a_text_begins_with_the_passage_to_the_letter(client: Client, passage: Passage) -> None:
    assert text(client, passage).startswith("Out, " + VERSE + "\n\n----")


@pytest.mark.parametrize("query", ["", "?as=markdown"])
def test_a_file_says_what_it_is_and_all_that_writes_it_again(client: Client, passage: Passage, query: str) -> None:
    said = text(client, passage, query).replace("\\", "").replace("*", "")
    for words in (
        "Written by a machine. The first 5 characters are the opening that it was given.",
        "Model: Banquo",
        "Network: LSTM of characters, 2 layers of 96 units, trained for at most 2 minutes",
        f"SHA-256 of the model: {'ab' * 32}",
        "Length: 100 characters",
        "Temperature: 0.8",
        "Top-k: 40",
        "Penalty against loops: 0.5",
        "Seed: 7",
        f"Written: {passage.created:%Y-%m-%d %H:%M} UTC",
        "It has not been compared with the text that was learned.",
    ):
        assert words in said
    assert "Top-p" not in said and "Half" not in said and "Number in its request" not in said


@pytest.mark.parametrize(("minutes", "words"), [(0.3, "0.3 minutes"), (1, "1 minute"), (1.5, "1.5 minutes")])
def test_parts_of_a_minute_are_counted_as_people_do(
    client: Client, passage: Passage, minutes: float, words: str
) -> None:
    recipe = asdict(sizing.resolve({"recipe": "quick", "minutes": minutes}, 4_500, 70))
    Passage.objects.filter(pk=passage.pk).update(recipe=recipe)
    assert f"trained for at most {words}\n" in text(client, passage)


def test_what_is_copied_is_told_and_in_markdown_listed(client: Client, passage: Passage) -> None:
    copied = {"spans": [[0, 22, 0, 99], [40, 26, 0, 1233]], "new": 0.45}
    Passage.objects.update(copied=copied)
    told = "45 % of it is new. 2 runs of 20 characters or more stand in the text that was learned."
    assert f"Copied: {told}" in text(client, passage)
    html = rendered(markdown(client, passage))
    assert told in html
    assert "<li>“brief candle!⏎␣␣Life's” (macbeth.txt, at character 100)</li>" in html
    assert "(macbeth.txt, at character 1,234)</li>" in html


@pytest.mark.parametrize("query", ["", "?as=markdown"])
def test_half_a_passage_says_so(client: Client, passage: Passage, query: str) -> None:
    Passage.objects.update(complete=False)
    assert "Still being written." in text(client, passage, query)
    Passage.objects.update(job=None, unit="words")
    assert "Half written. Asked for: 100 words." in text(client, passage, query)


def test_one_of_many_says_which(client: Client, alice: User) -> None:
    client.force_login(alice)
    third = a_request(alice, passages=4).passages.get(index=2)
    assert "Number in its request: 3" in text(client, third)


def test_files_are_named_after_the_title(client: Client, passage: Passage) -> None:
    Passage.objects.update(title="Über/Kerzen «1»")
    for query, name, kind in (("", "uberkerzen-1.txt", "plain"), ("?as=markdown", "uberkerzen-1.md", "markdown")):
        response = download(client, passage, query)
        assert response["Content-Type"] == f"text/{kind}; charset=utf-8"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response["X-Content-Type-Options"] == "nosniff"


def test_markdown_sets_the_opening_apart_and_keeps_lines_and_signs(client: Client, passage: Passage) -> None:
    Passage.objects.update(title="A *candle* #")
    html = rendered(markdown(client, passage))
    assert html.startswith(
        "<h1>A *candle* #</h1>\n<blockquote>\n<p>Out,</p>\n</blockquote>\n"
        "<p>brief candle!<br />\n\N{NO-BREAK SPACE}\N{NO-BREAK SPACE}Life's but</p>\n"
        "<p>* a *walking* shadow_<br />\n1. poor &lt;b&gt;player&lt;/b&gt; &amp; #more<br />\n---</p>\n<hr />\n"
        "<p>Written by a machine."
    )
    assert "<li><strong>Temperature:</strong> 0.8</li>" in html


def test_markdown_without_opening_or_title_begins_with_its_words(client: Client, passage: Passage) -> None:
    Passage.objects.update(opening=None, text="So foul")
    assert markdown(client, passage).startswith("# So foul\n\nSo foul\n\n---\n\nWritten by a machine.")


BEGINNINGS = (
    "",
    "  ",
    "\t",
    "+ ",
    "- ",
    "* ",
    "1. ",
    "12) ",
    "# ",
    "> ",
    "---",
    "===",
    ": ",
    "```",
    "<b>",
    "| ",
    "[a]: ",
)
SIGNS = "ab1 \\`*_[]()<>&~|$#+-=:.!\"'{}^é烛\u00a0"
LINES = st.builds(str.__add__, st.sampled_from(BEGINNINGS), st.text(st.sampled_from(SIGNS), max_size=12))


@given(st.lists(LINES, max_size=6).map("\n".join).map(clean))
def test_nothing_in_a_text_has_a_meaning_to_markdown(written: str) -> None:
    html = rendered(paragraphs(written))
    assert set(re.findall(r"<\w+", html)) <= {"<p", "<br"}
    assert unescape(re.sub(r"<[^>]+>", "", html)).split() == written.split()
    assert html.count("<br") + html.count("<p") == sum(bool(line.strip()) for line in written.split("\n"))
