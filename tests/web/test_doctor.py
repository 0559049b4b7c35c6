"""The doctor's pages: what they show, what is kept, how it is undone, and what a training reads."""

import re
import unicodedata
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.pages import html_of
from tests.support.texts import prose
from tests.support.uploads import extract_all
from tests.web.test_treatments import PROSE
from webapp import files
from webapp.accounts.models import User
from webapp.corpora import advice, services
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services import examinations, examining
from webapp.doctor import findings
from webapp.doctor.stop_words import LANGUAGE_OF_SCRIPT, STOP_WORDS
from webapp.studies import services as training

pytestmark = pytest.mark.django_db
MIXED = "“Yes,” he said—and \"no\". It’s 'so' – or so…\n" * 40
HEBREW = "בְּרֵאשִׁית בָּרָא אֱלֹהִים־-\n" * 60


def send(client: Client, *texts: str) -> Corpus:
    several = [SimpleUploadedFile(f"file-{n}.txt", text.encode()) for n, text in enumerate(texts)]
    client.post("/corpora/new/", {"documents": several, "pasted": "", "name": "River"})
    return Corpus.objects.get()


def page_of(thing: Corpus | Document) -> str:
    return f"/corpora/{'documents/' if isinstance(thing, Document) else ''}{thing.pk}/doctor/"


def read(corpus: Corpus) -> list[str]:
    return [one.text for one in services.texts(Corpus.objects.get(pk=corpus.pk))]


def test_what_is_found_in_a_document_is_shown_before_and_after_and_changes_nothing(mine: Client) -> None:
    corpus = send(mine, MIXED)
    document = corpus.documents.get()
    shown = html_of(mine.get(page_of(document)))
    assert "Make quotation marks one kind" in shown and "120 places" in shown
    assert "<del>“</del>Yes,” he said" in shown and "<ins>&quot;</ins>Yes,” he said" in shown
    assert "Cut Project Gutenberg" in shown.partition("What was looked for and not found")[2]
    assert read(corpus) == [MIXED]


@pytest.mark.sql
def test_what_is_switched_on_is_read_and_what_is_switched_off_is_undone(mine: Client) -> None:
    corpus = send(mine, MIXED)
    document, before = corpus.documents.get(), corpus.alphabet
    response = mine.post(page_of(document), {"switch": ["quotes", "dashes"]}, follow=True)
    assert "Kept. The next training reads the text so." in html_of(response)
    assert html_of(response).count("      checked>") == 2
    assert read(corpus) == [MIXED.translate(str.maketrans("“”’–", '""\'—'))]
    corpus.refresh_from_db()
    assert (corpus.alphabet, corpus.version) == (before - 4, 2)
    assert services.read(document) == MIXED
    assert '"Yes," he said' in html_of(mine.get(corpus.get_absolute_url())).replace("&quot;", '"')
    mine.post(page_of(document), {"switch": ["dashes"]})
    assert read(corpus) == [MIXED.replace("–", "—")]
    undone = mine.post(page_of(document), {"undo": "yes"}, follow=True)
    assert "Nothing is switched on" in html_of(undone) and read(corpus) == [MIXED]
    corpus.refresh_from_db()
    assert corpus.alphabet == before


def test_a_training_reads_what_is_switched_on_and_keeps_it(mine: Client, alice: User) -> None:
    corpus = send(mine, MIXED)
    mine.post(page_of(corpus.documents.get()), {"switch": ["quotes"]})
    study = training.submit(alice, Corpus.objects.get(), {"recipe": "quick"}, "Banquo")
    mine.post(page_of(corpus.documents.get()), {"undo": "yes"})
    (document,) = study.documents
    assert files.read_whole_text(document["key"]).startswith('"Yes," he said—and "no". It\'s')


def test_what_a_corpus_switches_on_holds_for_all_its_documents_and_those_to_come(mine: Client) -> None:
    corpus = send(mine, MIXED, '“Come,” and "go".\n' * 60)
    assert "240 places" in html_of(mine.get(page_of(corpus)))
    mine.post(page_of(corpus), {"switch": ["quotes"]})
    mine.post(f"/corpora/{corpus.pk}/add/", {"pasted": "“Stay” 'here'.\n\"Yes\"\n" * 60})
    assert not any(mark in text for text in read(corpus) for mark in "“”")
    assert [document.treatment for document in Document.objects.all()] == [{}, {}, {}]
    assert "of its own" not in html_of(mine.get(page_of(corpus)))


def test_controls_are_removed_where_they_are_shown_unless_somebody_wants_them(mine: Client) -> None:
    text = prose(1, 2000)
    corpus = send(mine, f"A \x1b[1mbold\x1b[0m word.\n{text}\x00one\x07two\n", text)
    document = corpus.documents.all()[0]
    assert services.read(document) == f"A \x1b[1mbold\x1b[0m word.\n{text}one\x07two\n"
    assert read(corpus)[0] == f"A bold word.\n{text}one two\n"
    shown = html_of(mine.get(page_of(document))).partition("Remove control characters")
    assert shown[0].endswith('checked>\n    <div><label for="switch-controls">') and "3 places" in shown[2]
    assert "A <del>[ESC][1m</del>bold[ESC][0m word." in shown[2] and "A <ins></ins>bold[ESC][0m" in shown[2]
    assert "one<del>[BEL]</del>two" in shown[2] and "one<ins>·</ins>two" in shown[2]
    assert "NUL character (a zero byte" in html_of(mine.get(corpus.get_absolute_url()))
    assert "A training reads it as the doctor’s page says." in html_of(mine.get(f"/corpora/documents/{document.pk}/"))
    mine.post(page_of(document), {"standard": ["controls"]})
    assert read(corpus)[0] == f"A \x1b[1mbold\x1b[0m word.\n{text}one\x07two\n"
    assert "Remove control characters" in html_of(mine.get(page_of(document)))
    mine.post(page_of(corpus.documents.all()[1]), {})
    mine.post(page_of(document), {"standard": ["controls"], "switch": ["controls"]})
    assert read(corpus)[0] == f"A bold word.\n{text}one two\n"
    assert [one.treatment for one in corpus.documents.all()] == [{}, {}]


def row(page: str, title: str) -> str:
    """Return what the row of a switch says, as words."""
    return " ".join(re.sub("<[^>]*>", " ", page.partition(f">{title}</label>")[2].partition("</section>")[0]).split())


def test_the_page_of_a_corpus_says_which_documents_have_it_otherwise(mine: Client) -> None:
    corpus = send(mine, *(f"a\x07b {prose(n, 500)}" for n in range(8)))
    controls, blanks = "Remove control characters", "Remove superfluous blanks and blank lines"
    assert "On for all documents." in row(html_of(mine.get(page_of(corpus))), controls)
    documents = corpus.documents.order_by("pk")
    for document in documents[:7]:
        mine.post(page_of(document), {"standard": ["controls"]})
    mine.post(page_of(documents[7]), {"standard": ["controls"], "switch": ["controls", "blanks"]})
    shown = html_of(mine.get(page_of(corpus)))
    five = " , ".join(f"file-{n}.txt" for n in range(5))
    assert f"Off in these documents, by their own choice: {five} and 2 more" in row(shown, controls)
    assert f'<a href="{page_of(documents[0])}"><bdi>file-0.txt' in shown
    assert "On in these documents, by their own choice: file-7.txt" in row(shown, blanks)
    assert shown.count("1 choice of its own") == 8
    assert "On for all" not in shown


def test_the_page_of_a_document_says_which_corpora_have_it_otherwise(mine: Client) -> None:
    corpus = send(mine, f'a\x07b “yes” "no" {prose(1, 500)}', f"Another {prose(2, 500)}")
    document = corpus.documents.order_by("pk")[0]
    assert "these corpora" not in html_of(mine.get(page_of(document)))
    mine.post(page_of(corpus), {"standard": ["controls"], "switch": ["quotes", "shared"]})
    mine.post(f"/corpora/{corpus.pk}/edit/", {"name": "River", "lowercase": "on"})
    shown = html_of(mine.get(page_of(document)))
    off = "Off in these corpora, which have it off for all of their documents: River"
    on = "On in these corpora, which have it on for all of their documents: River"
    assert off in row(shown, "Remove control characters")
    assert on in row(shown, "Make quotation marks one kind") and on in row(shown, "Write all in lower case")
    assert "Cut lines that many documents share" not in shown


def test_lower_case_of_single_documents_is_told(mine: Client) -> None:
    corpus = send(mine, MIXED, f"Another {prose(2, 500)}")
    mine.post(page_of(corpus.documents.order_by("pk")[0]), {"switch": ["lower"]})
    shown = html_of(mine.get(page_of(corpus))).partition("<h2>Lower case</h2>")[2].partition("</form>")[0]
    assert "On in these documents, by their own choice:" in shown and "file-0.txt" in shown


def test_a_training_reads_the_normal_form_that_is_switched_on(mine: Client, alice: User) -> None:
    corpus = send(mine, "Le garc\u0327on ﬁxé, un petit mot et 한국\n" * 60)
    shown = html_of(mine.get(page_of(corpus)))
    assert "<del>çon ﬁxé</del>" in shown and "<ins>c\u25cc\u0327on ﬁxe\u25cc\u0301</ins>" in shown
    mine.post(page_of(corpus), {"switch": ["decomposition", "compatibility"]})
    mine.post(f"/corpora/{corpus.pk}/edit/", {"name": "River", "lowercase": "on"})
    study = training.submit(alice, Corpus.objects.get(), {"recipe": "quick"}, "Banquo")
    text = files.read_whole_text(study.documents[0]["key"])
    assert text == unicodedata.normalize("NFKD", "le garçon ﬁxé, un petit mot et 한국\n" * 60)
    assert "the same letter is always the same character" in html_of(mine.get(page_of(corpus)))


def test_lines_that_documents_share_are_cut_as_they_were_when_it_was_switched_on(mine: Client) -> None:
    menu = "Home | News | About us | Contact\n"
    corpus = send(mine, *(menu + prose(n, 600) for n in range(4)))
    shown = html_of(mine.get(page_of(corpus)))
    assert "Cut lines that many documents share" in shown and "4 places" in shown
    mine.post(page_of(corpus), {"switch": ["shared"]})
    assert [text.startswith("Home") for text in read(corpus)] == [False] * 4
    assert "4 places" in html_of(mine.get(page_of(corpus)))
    mine.post(page_of(corpus), {})
    assert [text.startswith("Home") for text in read(corpus)] == [True] * 4


def test_a_rare_character_is_left_out_or_written_otherwise(mine: Client) -> None:
    text = prose(1, 2000) + "a … b ½ c é d\n"
    corpus = send(mine, text)
    document = corpus.documents.get()
    shown = html_of(mine.get(page_of(document)))
    assert "vulgar fraction one half" in shown and 'value="e" maxlength' in shown
    sent = {"do-2026": "write", "as-2026": "...", "do-BD": "drop", "as-BD": "", "do-E9": "keep", "as-E9": "e"}
    mine.post(page_of(document), sent)
    assert read(corpus)[0].endswith("a ... b  c é d\n")
    document.refresh_from_db()
    assert document.treatment == {"switches": ["characters"], "characters": {"½": "", "…": "..."}}
    again = html_of(mine.get(page_of(document)))
    assert 'value="..." maxlength' in again and '<option value="drop" selected>' in again
    mine.post(page_of(document), {"do-2026": "keep", "as-2026": "...", "do-BD": "keep"})
    assert read(corpus) == [text]


@pytest.mark.parametrize(
    "sent",
    [
        {"switch": ["characters", "no such treatment", "\0"]},
        {"do-110000": "drop", "do-": "drop", "do-x": "write", "as-x": "y", "do-E9": "fly"},
        {"do-E9": "write", "as-E9": ""},
        {"do-E9": "write", "as-E9": "\0\r"},
    ],
)
def test_what_no_page_sends_changes_nothing(mine: Client, sent: dict[str, Any]) -> None:
    document = send(mine, MIXED).documents.get()
    assert mine.post(page_of(document), sent).status_code == 302
    document.refresh_from_db()
    assert document.treatment == {}


def test_the_findings_are_kept_and_made_anew_for_another_text_or_other_choices(
    mine: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, looked = send(mine, MIXED, PROSE * 20), []
    find = services.examining.find  # type: ignore[attr-defined]
    monkeypatch.setattr(services.examining, "find", lambda *given: looked.append(1) or find(*given))  # type: ignore[func-returns-value]
    first = mine.get(page_of(corpus))
    assert len(looked) == 2 and html_of(mine.get(page_of(corpus))).count("Make") == html_of(first).count("Make")
    assert len(looked) == 2
    mine.post(page_of(corpus.documents.all()[0]), {"switch": ["quotes"]})
    mine.get(page_of(corpus))
    assert len(looked) == 3


def test_a_long_text_is_looked_at_up_to_a_limit_and_a_large_corpus_bit_by_bit(
    mine: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = send(mine, *(prose(n, 2000) for n in range(3)))
    for module in (findings, services.examining):
        monkeypatch.setattr(module, "CHARACTERS", 1500)
    first = corpus.documents.all()[0]
    assert "its first 1,500 characters were looked at, of 2,000" in " ".join(html_of(mine.get(page_of(first))).split())
    waiting = [html_of(mine.get(page_of(corpus))).count("not looked at yet</span>") for _ in range(3)]
    assert waiting == [1, 0, 0]
    left = [html_of(mine.get(page_of(corpus))).count("1,500 of 2,000 characters")]
    for address, back in ((f"/corpora/documents/{first.pk}/look/", first), (f"/corpora/{corpus.pk}/look/", corpus)):
        waits = mine.post(address)["Location"]
        assert waits == mine.post(address)["Location"] and "The doctor" in html_of(mine.get(waits))
        extract_all()
        assert mine.get(waits)["Location"] == page_of(back)
        left.append(html_of(mine.get(page_of(corpus))).count("1,500 of 2,000 characters"))
    assert left == [3, 2, 0] and "Look at all of it" not in html_of(mine.get(page_of(first)))


def test_a_text_that_is_deleted_while_it_is_looked_at_leaves_nothing(mine: Client) -> None:
    corpus = send(mine, MIXED)
    document = corpus.documents.get()

    class Deleting(services.Observer):
        def read(self, done: int) -> None:
            Document.objects.filter(pk=document.pk).delete()

    with pytest.raises(Document.DoesNotExist):
        services.examine_whole(None, document, Deleting())
    assert examinations.kept(document.sha256, document.switched_on) is None


@pytest.mark.parametrize("of_corpus", [False, True], ids=["its page", "its corpus's page"])
def test_one_that_is_deleted_while_a_page_is_made_leaves_nothing_either(
    mine: Client, monkeypatch: pytest.MonkeyPatch, of_corpus: bool
) -> None:
    corpus = send(mine, MIXED)
    document = corpus.documents.get()

    def late(*given: Any) -> findings.Findings:
        Document.objects.filter(pk=document.pk).delete()
        return findings.find(*given)

    monkeypatch.setattr(examining, "find", late)
    mine.get(page_of(corpus if of_corpus else document))
    assert examinations.kept(document.sha256, document.switched_on) is None


def test_every_language_that_is_told_has_a_name() -> None:
    codes = {*LANGUAGE_OF_SCRIPT.values(), *STOP_WORDS}
    names = {advice.language_name(code) for code in codes}
    assert len(names) == len(codes) and not [name for name in names if name.endswith("script") or name.islower()]


def test_the_advice_says_what_to_expect_and_which_document_is_unlike_the_others(mine: Client) -> None:
    english = "The man went to the river and he was not in a hurry at that hour of the day.\n" * 20
    german = "Der Mann ging zu dem Fluss und er war nicht in Eile zu der Zeit des Tages.\n" * 20
    corpus = send(mine, english, english + "A\n", english + "B\n", german)
    shown = html_of(mine.get(page_of(corpus)))
    assert "This is very little text" in shown
    assert "“<bdi>file-3.txt</bdi>” is written in another language: German, where most are in English." in shown
    assert "Keep each text once" in shown


def test_lower_case_is_shown_and_switched_on_for_a_document_or_for_the_corpus(mine: Client) -> None:
    corpus = send(mine, MIXED)
    document = corpus.documents.get()
    assert "<del>Yes</del>" in html_of(mine.get(page_of(document))).partition("Write all in lower case")[2]
    mine.post(page_of(document), {"switch": ["lower"]})
    assert read(corpus) == [MIXED.lower()]
    mine.post(page_of(document), {"undo": "yes"})
    of_corpus = html_of(mine.get(page_of(corpus))).partition("<h2>Lower case</h2>")[2]
    assert "<ins>yes</ins>" in of_corpus and "Lower-case everything" in of_corpus
    mine.post(f"/corpora/{corpus.pk}/edit/", {"name": "River", "lowercase": "on"})
    assert "Keep the capitals" in html_of(mine.get(page_of(corpus)))


def test_a_text_from_right_to_left_keeps_its_direction(mine: Client) -> None:
    document = send(mine, HEBREW + '“a” "b"').documents.get()
    shown = html_of(mine.get(page_of(document)))
    assert 'class="passage passage-small" dir="auto"' in shown and "Hebrew" in shown
    letters, points = document.length, document.characters
    page = " ".join(html_of(mine.get(Corpus.objects.get().get_absolute_url())).split())
    assert letters < points and f"({points:,} code points for the trainer)" in page
    assert page.count(f"{letters:,} characters") == 1
    assert "ְ</del>" not in shown


def test_what_was_removed_meanwhile_is_gone(mine: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    corpus = send(mine, MIXED, PROSE * 20)
    document = corpus.documents.all()[0]
    update = services.treat_document

    def late(*given: Any) -> None:
        Document.objects.filter(pk=document.pk).delete()
        update(*given)

    monkeypatch.setattr(services, "treat_document", late)
    assert mine.post(page_of(document), {"switch": ["quotes"]}).status_code == 404
