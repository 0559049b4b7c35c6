"""Copied runs are marked, named and counted, and have a link to their place in the model's text."""

import re
from html import unescape
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.template import Context, Template
from django.test import Client
from django.urls import reverse

from tests.support.factory import TEXT, a_corpus, a_model, a_request, a_study
from trainer.data.text_index import TextIndex
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.passages import copied
from webapp.passages.models import Passage
from webapp.studies.models import Study

pytestmark = pytest.mark.django_db

RUN = TEXT[1200:1234]


def a_passage(alice: User, text: str, study: Study | None = None, learned: str = TEXT) -> Passage:
    """Return a passage as the writer leaves it: complete, and compared with the texts."""
    passage = a_request(alice, study).passages.get()
    passage.text, passage.complete = text, True
    passage.copied = copied.compare(TextIndex.build([learned]), text)
    passage.save()
    return passage


def show(name: str, **context: Any) -> str:
    return Template(f"{{% load passages %}}{{% {name} passage public %}}").render(Context(context))


def said(html: str) -> str:
    return unescape(re.sub("<[^>]*>", "", html))


# Comparison and sentence ---------------------------------------------------------------------------------------------


def test_the_share_that_is_new_counts_characters(alice: User) -> None:
    found = copied.compare(TextIndex.build([TEXT]), "🕯" * 66 + RUN)
    assert found == {"spans": [[66, 34, 0, TEXT.index(RUN)]], "new": 0.66}


def test_the_longest_run_is_quoted_with_its_place(alice: User) -> None:
    passage = a_passage(alice, f"Ωω {TEXT[50:72]} Ωω {RUN} Ωω")
    sentence = copied.sentence(passage)
    assert "15 % of it is new. 2 runs of 20 characters or more stand in the text that was learned." in sentence
    quote = copied.visible(RUN)
    assert f"The longest has 34 characters: “{quote}” (macbeth.txt, at character {TEXT.index(RUN) + 1:,})." in sentence


def test_one_run_is_called_one(alice: User) -> None:
    sentence = copied.sentence(a_passage(alice, f"Ωω {RUN} Ωω"))
    assert "One run of 20 characters or more stands in the text" in sentence and "It has 34 characters" in sentence


@pytest.mark.parametrize(
    ("run", "quote"),
    [
        ("  have no other fear.\n\n", "␣␣have no other fear.⏎⏎"),
        ("nor  other\tfear,\n no other.", "nor␣␣other⇥fear,⏎␣no other."),
        ("no other\xa0\u3000fear than this ", "no other␣␣fear than this␣"),
        ("x" * 60, "x" * 60),
        ("word " * 12 + "\n", "word " * 11 + "word…"),
        ("wor\n" * 15 + "\n", "wor⏎" * 14 + "wor…"),
        ("x" * 58 + "e\u0301" * 9, "x" * 58 + "…"),
    ],
    ids=["ends", "inside", "other blanks", "whole", "cut", "cut before a sign", "clusters stay whole"],
)
def test_a_quotation_shows_each_character_that_is_counted(alice: User, run: str, quote: str) -> None:
    passage = a_passage(alice, f"Ω{run}Ω", learned=run)
    sentence = copied.sentence(passage)
    assert f"It has {len(run)} characters: “{quote}” (" in sentence
    assert quote.endswith("…") or len(quote) == len(run)
    assert quote in said(show("copied_sentence", passage=passage, public=True))


BLANK = " " * 30


def test_a_rest_beside_blanks_is_not_called_a_run(alice: User) -> None:
    learned = f"have no other fear.\n\n{BLANK[:14]}Ωω{BLANK}"
    sentence = copied.sentence(a_passage(alice, f"ξfear.\n\n{BLANK}", learned=learned))
    assert "One run of 20 characters or more stands in the text that was learned, with blanks that are not" in sentence
    assert "What is marked is “fear.⏎⏎” (macbeth.txt" in sentence and "7 characters" not in sentence


def test_the_longest_of_several_rests_is_quoted(alice: User) -> None:
    learned = f"fear.\n\n{BLANK[:14]}Ωω{BLANK}ΩωAye.\n{BLANK[:16]}"
    sentence = copied.sentence(a_passage(alice, f"ξAye.\n{BLANK}ξfear.\n\n{BLANK}", learned=learned))
    assert "2 runs of 20 characters or more stand" in sentence and "The longest mark is “fear.⏎⏎”" in sentence


def test_nothing_copied_is_said(alice: User) -> None:
    assert copied.sentence(a_passage(alice, "Ωω")).startswith("Nothing of 20 characters or more in it stands")


def test_what_is_not_compared_says_so(alice: User) -> None:
    passage = a_request(alice).passages.get()
    assert copied.sentence(passage).startswith("Once it is written, it is compared")
    passage.complete = True
    assert copied.sentence(passage).startswith("It has not been compared")
    assert copied.spans(passage) == []


@pytest.mark.parametrize(
    ("text", "share"), [(RUN, "0 %"), (RUN * 300 + "Ω", "1 %"), ("Ω" * 20_000 + RUN, "99 %"), ("Ω" * 34 + RUN, "50 %")]
)
def test_nothing_that_is_new_or_copied_is_rounded_away(alice: User, text: str, share: str) -> None:
    assert copied.sentence(a_passage(alice, text)).startswith(f"{share} of it is new.")


def test_a_sentence_is_html_with_a_link_where_its_words_are_escaped(alice: User) -> None:
    wild = "<b>{0} & '%s' \" </b></script> {count} %(n)s"
    passage = a_passage(alice, wild, learned=wild)
    html = show("copied_sentence", passage=passage)
    assert f'(<a href="/models/{passage.study_id}/source/0/?at=0&amp;length={len(wild)}#place">macbeth.txt' in html
    assert said(html) == copied.sentence(passage) and "<b>" not in html and wild in said(html)


# Marked --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("public", [False, True])
@pytest.mark.parametrize(
    "text", ["", "new\n", f"\n{RUN}", f"{RUN}\n", f"<i>&amp; 🕯{RUN}</i>{TEXT[90:130]} \n\n", RUN * 3]
)
def test_the_marked_text_reads_exactly_as_the_passage(alice: User, text: str, public: bool) -> None:
    passage = a_passage(alice, text)
    html = show("marked_text", passage=passage, public=public)
    assert said(html) == text
    assert html.count('<mark class="copied">') == len(copied.spans(passage)) == html.count("</mark>")
    assert set(re.findall("<(\\w+)", html)) <= ({"mark"} if public else {"mark", "a"})


def test_each_mark_leads_to_its_place(client: Client, alice: User) -> None:
    passage = a_passage(alice, f"🕯🕯 {RUN} Ω {TEXT[4960:]}")
    client.force_login(alice)
    for span in copied.spans(passage):
        assert f'<a href="{span.address.replace("&", "&amp;")}" title="Stands in macbeth.txt' in show(
            "marked_text", passage=passage
        )
        page = client.get(span.address).content.decode()
        assert marked(page) == span.text


def test_what_anybody_may_see_names_no_source_and_leads_nowhere(alice: User) -> None:
    passage = a_passage(alice, RUN)
    shown = show("marked_text", passage=passage, public=True) + show("copied_sentence", passage=passage, public=True)
    assert "href" not in shown and "macbeth.txt" not in shown and "34 characters" in shown


# The page of the model's text -----------------------------------------------------------------------------------------


def marked(page: str) -> str | None:
    found = re.search(r'<mark\s+class="copied" id="place">(.*?)</mark>', page, re.DOTALL)
    return unescape(found[1]) if found else None


def shown(page: str) -> str:
    found = re.search('<div class="passage" dir="auto">(.*?)</div>', page, re.DOTALL)
    assert found
    return said(found[1])


@pytest.fixture
def long_text() -> str:
    return "".join(f"{number:05} 🕯é\n" for number in range(3000))  # 9 characters a line, 27,000 in all


@pytest.fixture
def study(client: Client, alice: User, long_text: str) -> Study:
    client.force_login(alice)
    return a_model(alice, corpus=a_corpus(alice, long_text))


def test_a_text_that_is_out_of_reach_says_so(client: Client, study: Study) -> None:
    default_storage.delete(study.documents[0]["key"])
    assert study.corpus is not None
    default_storage.delete(study.corpus.documents.get().key)
    for address in (reverse("studies:source", args=[study.pk, 0]), study.corpus.get_absolute_url()):
        answer = client.get(address)
        assert answer.status_code == 503
        assert "A file of this page is out of reach." in answer.content.decode()


def source(client: Client, study: Study, query: str = "", number: int = 0) -> str:
    return client.get(reverse("studies:source", args=[study.pk, number]) + query).content.decode()


@pytest.mark.parametrize("at", [0, 1, 1499, 1500, 7990, 13_000, 26_960])
def test_the_place_is_marked_with_text_around_it(client: Client, study: Study, long_text: str, at: int) -> None:
    page = source(client, study, f"?at={at}&length=40")
    assert marked(page) == long_text[at : at + 40]
    assert long_text[max(0, at - 1500) : at + 1540] in shown(page)


def test_a_long_place_is_shown_whole(client: Client, study: Study, long_text: str) -> None:
    assert marked(source(client, study, "?at=100&length=20000")) == long_text[100:20_100]


def test_pages_lead_through_the_whole_text(client: Client, study: Study, long_text: str) -> None:
    read = ""
    query: str | None = ""
    while query is not None:
        page = source(client, study, query)
        read += shown(page)
        following = re.search(r'href="(\?at=\d+)" rel="next"', page)
        query = following[1] if following else None
    assert read == long_text
    assert "Characters 24,001 to 27,000 of 27,000" in page and 'href="?at=16000" rel="prev"' in page


@pytest.mark.parametrize(
    "query", ["?at=x", "?at=-5&length=-1", "?at=27000&length=9", "?at=99999999999999999999", "?length=x", "?at="]
)
def test_nonsense_shows_the_beginning(client: Client, study: Study, long_text: str, query: str) -> None:
    page = source(client, study, query)
    assert shown(page) == long_text[:8000] and marked(page) is None


def test_a_length_beyond_the_end_is_marked_up_to_the_end(client: Client, study: Study, long_text: str) -> None:
    assert marked(source(client, study, "?at=26990&length=999999999")) == long_text[26_990:]


def test_a_document_that_is_not_there_is_a_404(client: Client, study: Study) -> None:
    assert client.get(reverse("studies:source", args=[study.pk, 1])).status_code == 404


def test_text_is_shown_as_text(client: Client, alice: User) -> None:
    client.force_login(alice)
    study = a_study(alice, a_corpus(alice, "<script>alert(1)</script> & so on " * 40))
    assert shown(page := source(client, study, "?at=8&length=5")).startswith("<script>alert(1)</script> & so on")
    assert "<script>alert" not in page and marked(page) == "alert"


def test_every_document_has_its_page_and_name(client: Client, alice: User) -> None:
    client.force_login(alice)
    uploads = [("act one.txt", TEXT.encode()), ("act two.txt", b"Is this a dagger? " * 99)]
    study = a_study(alice, corpora.add_corpus(alice, "Acts", uploads, lowercase=False))
    assert "act two.txt" in (page := source(client, study, number=1)) and "Is this a dagger?" in page


def test_a_model_that_reads_lower_case_says_so(client: Client, alice: User) -> None:
    client.force_login(alice)
    corpus = a_corpus(alice)
    notice = "learned this text in lower case"
    assert notice in source(client, a_study(alice, corpus, recipe="tutorial"))
    assert notice not in source(client, a_study(alice, corpus))


def test_blanks_alone_are_not_copied() -> None:
    source = TextIndex.build(["Once" + " " * 60 + "upon a time there was a king of Scotland"])
    assert copied.compare(source, " " * 50) == {"spans": [], "new": 1.0}
    assert len(copied.compare(source, "there was a king of Scotland")["spans"]) == 1
