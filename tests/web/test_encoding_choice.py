"""The encoding on a document's page: how certain the guess is, lines in another one, and the file read in that one."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.support.api import Program
from tests.support.pages import html_of, said
from tests.support.uploads import extract_all, sent
from tests.trainer.test_encoding_choices import IN_FRENCH, IN_RUSSIAN
from webapp import files
from webapp.accounts import tokens
from webapp.accounts.models import User
from webapp.corpora import services
from webapp.corpora.models import Corpus, Document

pytestmark = pytest.mark.django_db


def send(client: Client, data: bytes, name: str = "file.txt") -> Document:
    sent(client, "/corpora/new/", {"documents": [SimpleUploadedFile(name, data)], "pasted": "", "name": ""})
    return Document.objects.get()


def page(document: Document) -> str:
    return f"/corpora/documents/{document.pk}/doctor/"


def choose(client: Client, document: Document, codec: str) -> str:
    return html_of(sent(client, f"/corpora/documents/{document.pk}/encoding/", {"encoding": codec}))


def test_a_guess_is_shown_with_its_certainty_and_lines_that_change_with_the_choice(mine: Client) -> None:
    document = send(mine, IN_FRENCH.encode("cp1252") * 3)
    shown = html_of(mine.get(page(document)))
    assert "It was read as Windows-1252 (Western Europe): that is a guess, about 9" in shown
    assert "36 lines have letters" in shown and "Ça n’a pas été facile" in shown
    options = shown.partition('<select name="encoding"')[2]
    assert options.index('value="cp1252"') < options.index('value="cp850"')
    other = html_of(mine.get(page(document), {"encoding": "cp850"}))
    assert "Ãa nÆa pas ÚtÚ facile" in other and "Read the file as DOS 850" in other
    assert services.read(document).startswith("Ça n’a pas")


def test_the_file_is_read_in_the_encoding_that_was_chosen_and_it_stays_so(mine: Client) -> None:
    data = IN_RUSSIAN.encode("koi8_r")
    document = send(mine, data)
    assert "The file was read as Windows-1251 (Cyrillic)." in choose(mine, document, "cp1251")
    document.refresh_from_db()
    assert services.read(document) == data.decode("cp1251")
    assert (document.encoding, document.codec) == ("Windows-1251 (Cyrillic)", "cp1251")
    assert Corpus.objects.get().cast.startswith(" ") and Corpus.objects.get().characters == document.characters
    assert "You chose Windows-1251 (Cyrillic)." in html_of(mine.get(page(document)))
    services.extract_again(document)
    document.refresh_from_db()
    assert services.read(document) == data.decode("cp1251")
    assert "KOI8-R" in choose(mine, document, "koi8_r")
    document.refresh_from_db()
    assert services.read(document) == IN_RUSSIAN and files.read(document.file_key) == data


def test_a_worker_reads_it_and_until_then_it_stays(mine: Client) -> None:
    document = send(mine, IN_RUSSIAN.encode("koi8_r"))
    address = f"/corpora/documents/{document.pk}/encoding/"
    waiting, same, other = (
        mine.post(address, {"encoding": codec})["Location"] for codec in ("cp1251", "cp1251", "cp866")
    )
    assert waiting == same != other
    assert "Extracting the text again" in html_of(mine.get(waiting)) and services.read(document) == IN_RUSSIAN
    extract_all()
    assert mine.get(waiting)["Location"] == page(document)


def test_a_program_chooses_an_encoding_too(mine: Client, alice: User) -> None:
    document = send(mine, IN_RUSSIAN.encode("koi8_r"))
    program = Program(tokens.make(alice, "A script", False)[1])
    address = f"/documents/{document.pk}/extract"
    assert program.ask("POST", address, {"encoding": "rot13"}).status_code == 422
    assert program.ask("POST", address, {"encoding": "cp1251"}).status_code == 202
    extract_all()
    document.refresh_from_db()
    assert document.codec == "cp1251"


def test_a_table_in_another_encoding_stays_a_table(mine: Client) -> None:
    table = "Name;Text\n" + "Jörg;Über die Brücke fährt täglich ein Zug.\n" * 40
    document = send(mine, table.encode("cp1252"), "trains.csv")
    choose(mine, document, "cp850")
    document.refresh_from_db()
    assert document.column_name == "Text" and services.read(document).startswith("▄ber die Br³cke")


def test_of_a_web_page_that_does_not_say_its_encoding_another_one_is_chosen(mine: Client) -> None:
    lines = "".join(f"<p>{line}</p>\n" for line in IN_RUSSIAN.splitlines())
    document = send(mine, f"<html><body>{lines}</body></html>".encode("koi8_r"), "x.html")
    assert document.encoding == "KOI8-R (Cyrillic)" and 'id="encoding"' in said(mine.get(page(document)))
    guess = "The encoding is a guess"
    assert guess in said(mine.get(Corpus.objects.get().get_absolute_url()))
    assert guess not in choose(mine, document, "cp1251")
    document.refresh_from_db()
    expected = IN_RUSSIAN.encode("koi8_r").decode("cp1251").splitlines()[0]
    assert services.read(document).startswith(expected) and document.format == "html"
    assert guess not in said(mine.get(Corpus.objects.get().get_absolute_url()))


def test_what_a_web_page_says_wrongly_does_not_count(mine: Client) -> None:
    page = f'<html><meta charset="iso-8859-7"><body><p>{IN_RUSSIAN}</p></body></html>'.encode("koi8_r")
    document = send(mine, page, "x.html")
    assert document.encoding == "KOI8-R (Cyrillic)"
    choose(mine, document, "cp866")
    choose(mine, document, "koi8_r")
    assert services.read(Document.objects.get()).split() == IN_RUSSIAN.split()


def test_a_web_page_that_says_its_encoding_is_no_guess(mine: Client) -> None:
    source = f'<html><meta charset="KOI8-R"><body><p>{IN_RUSSIAN}</p></body></html>'
    document = send(mine, source.encode("koi8_r"), "x.html")
    assert document.encoding == "koi8-r" and 'id="encoding"' not in said(mine.get(page(document)))


def test_a_file_in_two_encodings_is_named_with_the_line_where_it_turns(mine: Client) -> None:
    document = send(mine, IN_FRENCH.encode("cp1252") + IN_RUSSIAN.encode("cp1251"))
    shown = html_of(mine.get(page(document)))
    assert "All of it was read as Windows-125" in shown and "certain" not in shown.partition('id="encoding"')[2]
    assert "The file seems to be in two encodings" in shown and "from about line 25 on Windows-1251" in shown
    mixed = IN_FRENCH.encode() + IN_FRENCH.encode("cp1252")
    refused = mine.post(
        "/corpora/new/", {"documents": [SimpleUploadedFile("two.txt", mixed)], "pasted": "", "name": ""}
    )
    assert "line 25 is the first that is not UTF-8" in html_of(refused)


def test_where_the_encoding_is_certain_there_is_nothing_to_choose(mine: Client) -> None:
    document = send(mine, IN_FRENCH.encode())
    assert 'id="encoding"' not in html_of(mine.get(page(document)))
    assert "Encoding" not in choose(mine, document, "cp850") and services.read(document) == IN_FRENCH


@pytest.mark.parametrize("codec", ["no such encoding", "", "rot13", "utf-7"])
def test_what_no_page_offers_changes_nothing(mine: Client, codec: str) -> None:
    document = send(mine, IN_FRENCH.encode("cp1252"))
    choose(mine, document, codec)
    assert services.read(document) == IN_FRENCH
