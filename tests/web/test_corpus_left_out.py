"""Uploads that can't be used: the page lists each of them with the reason, and the others are kept."""

import re
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.factory import PDF
from tests.support.pages import html_of
from tests.support.uploads import sent
from trainer.contract.documents import TextProblem, decode, sample_text
from webapp import files
from webapp.accounts.models import User
from webapp.corpora.models import Corpus

pytestmark = pytest.mark.django_db
TEXT = sample_text()[:3000].encode()
BAD = {
    "empty.txt": b"",
    "report.pdf": PDF,
    "program.txt": b"\x00\x01\x02\xff" * 2000,
}


def send(client: Client, contents: dict[str, bytes], address: str = "/corpora/new/", **fields: object) -> object:
    documents = [SimpleUploadedFile(name, content) for name, content in contents.items()]
    given = {"documents": documents, "pasted": "", **fields}
    if not documents:
        del given["documents"]
    return sent(client, address, given)


def left_out(response: object) -> dict[str, str]:
    """Return the texts that the page lists as left out: the sentence for each name."""
    return dict(re.findall(r"<li><bdi>(.*?)</bdi><span dir=\"auto\">(.*?)</span></li>", html_of(response), re.DOTALL))


def reason(data: bytes) -> str:
    if data == PDF:
        return "The PDF is damaged: open it in a program that shows it, print or save it as a new PDF, and use that."
    with pytest.raises(TextProblem) as problem:
        decode(data)
    return escape(str(problem.value))


def test_of_five_files_three_bad_ones_are_named_and_two_are_kept(mine: Client) -> None:
    response = send(mine, {"one.txt": TEXT, **BAD, "two.txt": TEXT.upper()}, name="My play", lowercase="on")
    assert left_out(response) == {name: reason(data) for name, data in BAD.items()}
    assert "3 texts were left out" in html_of(response)
    corpus = Corpus.objects.get()
    assert [d.name for d in corpus.documents.all()] == ["one.txt", "two.txt"]
    assert (corpus.name, corpus.lowercase) == ("My play", True)


def test_where_all_are_bad_all_are_named_and_the_form_keeps_what_was_chosen(mine: Client) -> None:
    plain = {name: data for name, data in BAD.items() if data != PDF}
    response = send(mine, plain, name="My play", lowercase="on")
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert left_out(response) == {name: reason(data) for name, data in plain.items()}
    assert 'value="My play"' in html_of(response) and "checked" in html_of(response)
    assert not Corpus.objects.exists() and not files.keys("documents")


def test_so_are_those_that_a_worker_has_read_and_the_way_back_leads_to_the_same_form(mine: Client) -> None:
    response = send(mine, BAD, name="My play", lowercase="on")
    assert left_out(response) == {name: reason(data) for name, data in BAD.items()}
    again = re.findall(r'href="(/corpora/new/[^"]*)"', html_of(response))[0]
    form = html_of(mine.get(unescape(again)))
    assert 'value="My play"' in form and "checked" in form
    assert not Corpus.objects.exists() and not files.keys("documents")


def test_a_bad_file_does_not_cost_the_pasted_text(mine: Client) -> None:
    response = send(mine, BAD, pasted=TEXT.decode())
    assert set(left_out(response)) == set(BAD)
    assert [d.name for d in Corpus.objects.get().documents.all()] == ["Pasted text"]


def test_a_corpus_without_a_name_gets_that_of_the_first_file_that_is_kept(mine: Client) -> None:
    send(mine, {**BAD, "hamlet.txt": TEXT})
    assert Corpus.objects.get().name == "hamlet"


def test_the_list_stays_until_it_is_put_away(mine: Client) -> None:
    send(mine, {"one.txt": TEXT, "empty.txt": b""})
    page = f"/corpora/{Corpus.objects.get().pk}/"
    assert "1 text was left out" in html_of(mine.get(page)) and "1 text was left out" in html_of(mine.get(page))
    assert "left out" not in html_of(mine.post(f"{page}put-away/", follow=True))


def test_more_than_a_hundred_files_are_a_hundred_and_the_others_by_name(mine: Client) -> None:
    response = send(mine, {f"{n}.txt": TEXT for n in range(103)})
    assert set(left_out(response)) == {"100.txt", "101.txt", "102.txt"}
    assert all("More than 100 files" in why for why in left_out(response).values())
    assert Corpus.objects.get().documents.count() == 100


def test_the_limits_are_told_beforehand(mine: Client) -> None:
    send(mine, {"one.txt": TEXT})
    for page in ("/corpora/new/", f"/corpora/{Corpus.objects.get().pk}/"):
        assert "up to 100 files and 20 MB at a time" in html_of(mine.get(page))
        assert 'data-most-files="100"' in html_of(mine.get(page)) and 'data-limit="20000000"' in html_of(mine.get(page))


def test_who_has_little_room_left_is_told_before_the_files_are_sent(mine: Client, alice: User) -> None:
    alice.stored_limit_mb = 1
    alice.save()
    send(mine, {"one.txt": TEXT * 100})  # 0.3 MB
    page = html_of(mine.get("/corpora/new/"))
    assert f'data-limit="{1_000_000 - 100 * len(TEXT)}"' in page and "You may store 0.7 MB more here." in page


def test_who_has_no_room_gets_the_form_back_and_picks_again(mine: Client, alice: User) -> None:
    alice.stored_limit_mb = 1
    alice.save()
    response = send(mine, {"one.txt": TEXT * 400}, name="My play")
    assert response.status_code == 422  # type: ignore[attr-defined]
    assert "There is no room for it" in html_of(response) and "Pick the files again" in html_of(response)
    assert 'value="My play"' in html_of(response)
    assert "Pick the files again" not in html_of(mine.get("/corpora/new/"))
    assert not Corpus.objects.exists()


@pytest.fixture
def small_limit(settings: object) -> None:
    settings.UPLOAD_LIMIT_BYTES = 100_000  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["a.txt", "z.txt"], ids=["first", "last"])
def test_a_file_that_is_too_large_does_not_cost_the_others(mine: Client, small_limit: None, name: str) -> None:
    contents = {"m.txt": TEXT, name: TEXT * 40, "n.txt": TEXT}
    response = send(mine, dict(sorted(contents.items())))
    assert set(left_out(response)) == {name} and "at most 0 MB can be added" in left_out(response)[name]
    assert [d.name for d in Corpus.objects.get().documents.all()] == ["m.txt", "n.txt"]
    assert {d.characters for d in Corpus.objects.get().documents.all()} == {len(TEXT.decode())}


def test_files_that_are_too_much_together_are_kept_as_far_as_they_fit(mine: Client, small_limit: None) -> None:
    response = send(mine, {f"{n}.txt": TEXT * 15 for n in range(3)})
    assert set(left_out(response)) == {"2.txt"}
    assert Corpus.objects.get().documents.count() == 2


@pytest.mark.parametrize("nothing", ["", " \n\t", "\u200b", "\u200d\ufeff\u2060 ", "\u2800\u3164"], ids=ascii)
def test_what_cannot_be_seen_is_nothing_pasted(mine: Client, nothing: str) -> None:
    sentence = "Pick a file or paste a text"
    assert sentence in html_of(send(mine, {}, pasted=nothing))
    response = send(mine, {"one.txt": TEXT}, pasted=nothing)
    assert not left_out(response) and Corpus.objects.get().documents.count() == 1


@pytest.mark.parametrize("data", ["\u200b" * 2000, "\u200b\u2060\n" * 700, "\x1a", "\ufeff\u200d"], ids=ascii)
def test_a_file_with_nothing_to_see_in_it_is_no_text(mine: Client, data: str) -> None:
    response = send(mine, {"nothing.txt": data.encode(), "one.txt": TEXT})
    assert set(left_out(response)) == {"nothing.txt"}
    assert [d.name for d in Corpus.objects.get().documents.all()] == ["one.txt"]


@pytest.mark.parametrize("nuls", [1, 3000], ids=["one", "as many as letters"])
def test_a_pasted_nul_is_judged_as_one_in_a_file_and_once(mine: Client, nuls: int) -> None:
    text = TEXT.decode().replace("e", "\0e", nuls)
    file, pasted = send(mine, {"Pasted text": text.encode()}), send(mine, {}, pasted=text)
    assert left_out(pasted) == left_out(file)
    assert "Null characters" not in html_of(pasted) and "Pick a file or" not in html_of(pasted)
    assert html_of(pasted).count('class="errorlist') == html_of(file).count('class="errorlist')


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_pasted_text_and_files_are_treated_alike(mine: Client, text: str) -> None:
    text = TEXT.decode() + text.replace("\r", "\n")
    Corpus.objects.all().delete()
    outcomes = []
    for contents, fields in (({"Pasted text": text.encode()}, {}), ({}, {"pasted": text})):
        response = send(mine, contents, **fields)
        corpus = Corpus.objects.first()
        outcomes.append((left_out(response), corpus and [(d.sha256, d.encoding) for d in corpus.documents.all()]))
        Corpus.objects.all().delete()
    assert outcomes[0] == outcomes[1]


def test_a_form_that_is_sent_twice_makes_one_corpus(mine: Client) -> None:
    number = "7b1de9a0-6f3e-4a53-9d3c-0d4e8f7f5a11"
    first = send(mine, {"one.txt": TEXT, "empty.txt": b""}, submission=number)
    second = send(mine, {"one.txt": TEXT, "empty.txt": b""}, submission=number)
    assert Corpus.objects.count() == 1 and left_out(first) == left_out(second)


def test_a_form_that_is_gone_back_to_and_changed_makes_another(mine: Client) -> None:
    number = "7b1de9a0-6f3e-4a53-9d3c-0d4e8f7f5a11"
    send(mine, {"one.txt": TEXT}, submission=number)
    send(mine, {"one.txt": TEXT}, submission=number, lowercase="on")
    send(mine, {"one.txt": TEXT.upper()}, submission=number)
    assert Corpus.objects.count() == 3


def test_a_sentence_that_quotes_a_file_is_shown_as_text(mine: Client) -> None:
    corpus = Corpus.objects.create(name="Play", owner=User.objects.get(), left_out=[["<b>.txt", "Line 3 is “<i>”."]])
    page = html_of(mine.get(f"/corpora/{corpus.pk}/"))
    assert "&lt;b&gt;.txt" in page and "“&lt;i&gt;”" in page
