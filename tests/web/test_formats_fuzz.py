"""Random and mutated files of every format: each is read or refused with a sentence, and nothing is half-saved.

`make fuzz` does it with a thousand files.
"""

import os
import tempfile
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.documents import a_book, a_pdf, a_word_document, an_opendocument, zipped
from tests.support.uploads import sent
from tests.web.test_formats import ANDROID, IPHONE, PAGE, SRT, TABLE, TELEGRAM, VTT
from webapp import files
from webapp.accounts.models import User
from webapp.corpora.models import Corpus, Document
from webapp.extraction.extracted import Refused
from webapp.extraction.unpacking import Unpacking

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "40"))
RTF = (
    rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f1 B;}{\f0\fcharset204 A;}}\f0 One\par {\b two}\'e9\u233?{\footnote x}\par "
    rb"{\listtext 1.}{\deleted three}\trowd a\cell\row}"
)
WORDS = ["The river was quiet that morning,", "and nobody spoke of it."]
GOOD = {
    "x.docx": a_word_document("A title", WORDS),
    "x.odt": an_opendocument("A title", WORDS, "a note"),
    "x.rtf": RTF,
    "x.epub": a_book(["<h1>One</h1><p>Words<br/>words</p>", "<p>Two</p>"]),
    "x.pdf": a_pdf([[(72, 700, 12, WORDS[0]), (72, 686, 12, WORDS[1]), (300, 20, 9, "1")]] * 2),
    "x.html": PAGE.encode(),
    "x.srt": SRT.encode(),
    "x.vtt": VTT.encode(),
    "x.csv": TABLE.encode(),
    "chat.txt": ANDROID.encode(),
    "chats.txt": IPHONE.encode(),
    "chat.json": TELEGRAM.encode(),
    "x.zip": zipped({"a/one.txt": "One", "two.rtf": RTF, "in.zip": zipped({"b.txt": "Two"})}),
    "x.txt": "Zwölf Boxkämpfer".encode("cp1252"),
}
BEGINNINGS = [
    b"PK\x03\x04",
    b"%PDF-1.7\n1 0 obj\n",
    rb"{\rtf1\ansi ",
    b"<html>",
    b"WEBVTT\n\n00:00.000 --> 00:01.000\n",
]


@st.composite
def hostile(draw: st.DrawFn) -> tuple[str, bytes]:
    """A name and bytes: a good file with some bytes changed, cut out, repeated or put in, or bytes at random."""
    name = draw(st.sampled_from(sorted(GOOD)))
    if draw(st.integers(0, 4)) == 0:
        return name, draw(st.sampled_from([b"", *BEGINNINGS])) + draw(st.binary(max_size=400))
    data = bytearray(GOOD[name])
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(data)))
        size = draw(st.sampled_from([1, 1, 2, 4, 40]))
        kind = draw(st.sampled_from(["change", "cut", "repeat", "insert"]))
        new = draw(st.binary(min_size=size, max_size=size)) if kind in ("change", "insert") else b""
        if kind == "repeat":
            new = bytes(data[start : start + size]) * 3
        data[start : start + (0 if kind == "insert" else size)] = new
    return name, bytes(data)


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
@given(hostile())
def test_any_file_is_read_or_refused_with_a_sentence(made: tuple[str, bytes]) -> None:
    name, data = made
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "upload")
        path.write_bytes(data)
        for one in Unpacking(Path(folder), "0").documents(name, path):
            if isinstance(one, Refused):
                assert one.why.endswith(".") and not one.trace, one.trace
            else:
                assert one.extracted.decoded.text.encode().decode().strip()
                assert one.original.exists()


@pytest.fixture
def mine(client: Client, alice: User) -> Client:
    for kind in ("documents", "uploads"):
        files.delete_tree(kind)
    client.force_login(alice)
    return client


@pytest.mark.django_db
@settings(max_examples=max(5, EXAMPLES // 8), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(hostile(), min_size=1, max_size=3))
def test_of_any_files_the_page_keeps_all_that_it_says_and_nothing_by_halves(
    mine: Client, made: list[tuple[str, bytes]]
) -> None:
    several = [SimpleUploadedFile(name, data) for name, data in made]
    response = sent(mine, "/corpora/new/", {"documents": several, "pasted": "", "name": "Any"})
    documents = list(Document.objects.all())
    assert ("Nothing was added" in response.content.decode()) == (not documents)
    assert not files.keys("uploads") and Corpus.objects.count() == bool(documents)
    kept = {key for one in documents for key in (one.key, one.original_key) if key}
    assert set(files.keys("documents")) == kept
    Corpus.objects.all().delete()
    Document.objects.all().delete()
    files.delete_tree("documents")
