"""Hostile, damaged and protected files: each gets one plain sentence, harms nothing, and does not cost the others."""

import io
import socket
import struct
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from tests.support.documents import a_book, a_pdf, a_word_document, book_entries, pdf_of, zipped
from tests.support.environment import run
from tests.support.uploads import sent
from tests.web.test_corpus_left_out import left_out
from webapp.corpora.models import Corpus, Document
from webapp.corpora.services import decoding
from webapp.extraction import limits, running, unpacking
from webapp.extraction.extracted import Refused
from webapp.extraction.packages import Budget
from webapp.extraction.running import Source
from webapp.extraction.unpacking import Found, Unpacking

PROSE = "The river was quiet that morning, and nobody spoke of it.\n" * 30
WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def a_document(before: str = "", words: str = "words", **entries: str) -> bytes:
    """A Word document by hand, with something before its root."""
    body = f'<w:document xmlns:w="{WORD}"><w:body><w:p><w:r><w:t>{words}</w:t></w:r></w:p></w:body></w:document>'
    return zipped({"[Content_Types].xml": "wordprocessingml", "word/document.xml": before + body, **entries})


def bombs_of_entities() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
    return a_document(f'<!DOCTYPE w [<!ENTITY a0 "ha">{entities}]>', "&a11;")


def overlapping() -> bytes:
    """An archive whose two entries have the same bytes, as in Fifield's archive that unpacks to petabytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", PROSE)
        archive.writestr("b.txt", PROSE)
    data = bytearray(buffer.getvalue())
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)  # where its local header is
    return bytes(data)


def lying() -> bytes:
    """An archive that says its entry is small, while it unpacks to 3 MB."""
    data = bytearray(zipped({"a.txt": b"a" * 3_000_000}))
    for signature, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = data.index(signature) + place
        data[start : start + 4] = struct.pack("<I", 1000)
    return bytes(data)


def nested(depth: int) -> bytes:
    data = PROSE.encode()
    for level in range(depth):
        data = zipped({"inner.zip" if level else "inner.txt": data})
    return data


def with_password(data: bytes) -> bytes:
    """An archive with the flag of encryption at its entries."""
    changed = bytearray(data)
    for signature, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := changed.find(signature, start)) >= 0:
            changed[start + place] |= 1
            start += 4
    return bytes(changed)


def a_looping_pdf() -> bytes:
    """A PDF whose pages are in themselves, and whose form draws itself."""
    return pdf_of(
        [
            b"<< /Type /Page /Parent 2 0 R /Resources << /XObject << /X 3 0 R >> >> /Contents 3 0 R >>",
            b"<< /Type /Pages /Count 2 /Kids [2 0 R 1 0 R] >>",
            b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 3 0 R >> >> /Length 5 >>"
            b"\nstream\n/X Do\nendstream",
            b"<< /Type /Catalog /Pages 2 0 R >>",
        ]
    )


def an_encrypted_pdf() -> bytes:
    """A PDF with a password that nobody knows: its check of the password (ISO 32000, 7.6.3) never fits."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"
    lock = b"<< /Filter /Standard /V 1 /R 2 /P -1 /O (%b) /U (%b) >>" % (b"o" * 32, b"u" * 32)
    objects = [page, b"<< /Type /Pages /Count 1 /Kids [1 0 R] >>", lock, b"<< /Type /Catalog /Pages 2 0 R >>"]
    return pdf_of(objects, b"/Encrypt 3 0 R /ID [(1) (1)]")


def a_pdf_whose_font_knows_no_letters() -> bytes:
    """A PDF whose font maps its letters to code points for private use."""
    cmap = b"1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <00> <ff> <e000> endbfrange"
    return pdf_of(
        [
            b"<< /Type /Font /Subtype /TrueType /BaseFont /Arial /ToUnicode 2 0 R >>",
            b"<< /Length %d >>\nstream\n%b\nendstream" % (len(cmap), cmap),
            b"<< /Length 46 >>\nstream\nBT /F 12 Tf 72 700 Td (Nothing of this is) Tj ET   \nendstream",
            b"<< /Type /Page /Parent 5 0 R /MediaBox [0 0 595 842] /Contents 3 0 R"
            b" /Resources << /Font << /F 1 0 R >> >> >>",
            b"<< /Type /Pages /Count 1 /Kids [4 0 R] >>",
            b"<< /Type /Catalog /Pages 5 0 R >>",
        ]
    )


OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
DRM = '<encryption><EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes128-cbc"/></encryption>'

#: name → (its bytes, the sentence's beginning, what to do)
HOSTILE: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "bomb.zip": (lambda: zipped({"a.txt": b"a" * 12_000_000}), "Unpacked, the file would be much larger", "Take"),
    "bomb.docx": (lambda: a_document("<!-- " + " " * 12_000_000 + " -->"), "Unpacked, the file would be", "Take"),
    "overlap.zip": (overlapping, "Unpacked, the file would be much larger", "Take"),
    "lies.zip": (lying, "The file is damaged", "save it again"),
    "nested.zip": (lambda: nested(9), "It is an archive in an archive in an archive", "unpack it"),
    "cut.zip": (lambda: zipped({"a.txt": PROSE})[:-30], "The file is damaged", "save it again"),
    "password.zip": (lambda: with_password(zipped({"a.txt": PROSE})), "The file is protected by a password", "save"),
    "password.docx": (
        lambda: OLD_OFFICE + "EncryptedPackage".encode("utf-16-le"),
        "The document is protected by a password",
        "save a copy without one",
    ),
    "old.doc": (lambda: OLD_OFFICE, "This is an old Word or Office document", "save it as .docx"),
    "table.xlsx": (
        lambda: zipped({"[Content_Types].xml": "spreadsheetml", "xl/workbook.xml": "<x/>"}),
        "This is a table or a presentation",
        "save its text",
    ),
    "letter.pages": (
        lambda: zipped({"Index/Document.iwa": "\0\1", "preview.jpg": "x"}),
        "This is a document of Apple’s Pages",
        "export its text there",
    ),
    "entities.docx": (bombs_of_entities, "The file declares entities", "Save it anew"),
    "outside.docx": (
        lambda: a_document('<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>', "&a;"),
        "The file declares entities",
        "Save it anew",
    ),
    "broken.docx": (lambda: a_document("<w:document>"), "A part of the file is not as its format asks", "save it"),
    "deep.docx": (lambda: a_document("<a>" * 100_000), "A part of the file is not as its format asks", "save it"),
    "drm.epub": (
        lambda: zipped({**book_entries([PROSE]), "META-INF/encryption.xml": DRM}),
        "The book is protected against copying",
        "use a copy",
    ),
    "no-book.epub": (lambda: zipped({"META-INF/container.xml": "<container/>"}), "The e-book is damaged", "convert"),
    "pictures.epub": (lambda: a_book(["<img src='1.png'/>"]), "The e-book has no text", "use an edition"),
    "scan.pdf": (lambda: a_pdf([[], []]), "The PDF has pictures of pages and no text", "have its text recognised"),
    "loop.pdf": (a_looping_pdf, "The PDF ", ", and use"),
    "cut.pdf": (lambda: a_pdf([[(72, 700, 12, "Words")]])[:120] + b"x" * 900, "The PDF is damaged", "print or save"),
    "password.pdf": (an_encrypted_pdf, "The PDF is protected by a password", "save a copy without one"),
    "lies.pdf": (a_pdf_whose_font_knows_no_letters, "The PDF shows letters, but the text behind", "have its text"),
    "empty.txt": (lambda: b"", "The file is empty", "choose one"),
    "empty.zip": (lambda: zipped({}), "The archive is empty", "choose one"),
    "empty.srt": (lambda: b"1\n00:00:01,000 --> 00:00:02,000\n\n", "The subtitles have times and no words", "choose"),
    "scripts.html": (lambda: b"<!doctype html><script>alert(1)</script>", "The web page has no text", "copy its text"),
    "unseen.docx": (lambda: a_document(words="\u200b"), "Nothing in it can be seen", "choose"),
    "torn.json": (lambda: b'{"messages": [{"from": "Ann"', "The chat’s file is damaged", "export the chat again"),
    "deep.json": (lambda: b'{"messages": [{"from": ' + b"[" * 100_000, "The chat’s file is damaged", "export"),
}


def documents(folder: Path, name: str, data: bytes) -> list[Found | Refused]:
    path = folder / "upload"
    path.write_bytes(data)
    return list(Unpacking(folder, "0").documents(name, path))


@pytest.mark.parametrize("name", HOSTILE)
def test_one_plain_sentence_says_what_happened_and_what_to_do(tmp_path: Path, name: str) -> None:
    make, sentence, advice = HOSTILE[name]
    (refused,) = documents(tmp_path, name, make())
    assert isinstance(refused, Refused) and not refused.trace
    assert refused.why.startswith(sentence) and advice in refused.why
    assert len(refused.why) < 300 and refused.why.endswith(".")


def test_an_archive_that_has_itself_in_it_ends(tmp_path: Path) -> None:
    """Stands for the archives that are their own content (Cox 2007): whatever the depth, three levels are opened."""
    found = documents(tmp_path, "quine.zip", nested(200))
    assert [isinstance(one, Refused) for one in found] == [True]


def test_all_archives_of_an_upload_together_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them is small enough, and not packed too well."""
    monkeypatch.setattr(unpacking, "Budget", lambda: Budget(bytes=8 * len(PROSE)))
    part = zipped({"a.txt": PROSE, "b.txt": PROSE}, zipfile.ZIP_STORED)
    found = documents(tmp_path, "many.zip", zipped({f"{n}.zip": part for n in range(4)}, zipfile.ZIP_STORED))
    assert [one.why[:8] for one in found if isinstance(one, Refused)] == ["Unpacked"] * 3
    assert sum(path.stat().st_size for path in tmp_path.glob("*.original")) <= 8 * len(PROSE)


def test_paths_of_an_archive_are_names_to_show_and_lead_nowhere(tmp_path: Path) -> None:
    tricks = ["../../one.txt", "/etc/two.txt", "C:\\temp\\three.txt", "a/../../four.txt", "..\\..\\five.txt"]
    found = documents(tmp_path, "paths.zip", zipped(dict.fromkeys(tricks, PROSE)))
    assert [one.name for one in found] == ["one.txt", "etc/two.txt", "temp/three.txt", "a/four.txt", "five.txt"]
    assert {path.parent for path in tmp_path.rglob("*") if path.is_file()} == {tmp_path}


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, "/etc/passwd")
        archive.writestr("one.txt", PROSE)
    assert [one.name for one in documents(tmp_path, "links.zip", buffer.getvalue())] == ["one.txt"]


def test_of_a_thousand_files_and_more_the_rest_is_counted(tmp_path: Path) -> None:
    found = documents(tmp_path, "many.zip", zipped({f"{n}.txt": "x" for n in range(limits.FILES + 5)}))
    assert len(found) == limits.FILES + 1
    assert isinstance(found[-1], Refused) and found[-1].why.startswith("5 of its files were not looked at")


def test_many_bad_files_of_an_archive_are_named_up_to_a_hundred_and_then_counted(tmp_path: Path) -> None:
    found = documents(tmp_path, "bad.zip", zipped({f"{n}.txt": b"" for n in range(150)}))
    assert len(found) == 101 and isinstance(found[-1], Refused) and found[-1].why.startswith("50 more of its files")


def test_what_a_document_refers_to_is_never_fetched(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        relations = f'<R><Relationship TargetMode="External" Type="x/officeDocument" Target="{address}"/></R>'
        page = f'<html><link rel="stylesheet" href="{address}"><body><img src="{address}"><p>Words</p></body></html>'
        book = book_entries([f'<img src="{address}"/><p>Words</p>'])
        book["OEBPS/book.opf"] = f'<!DOCTYPE package SYSTEM "{address}">' + book["OEBPS/book.opf"]
        made = {
            "x.docx": a_document(**{"_rels/.rels": relations}),
            "x.html": page.encode(),
            "x.epub": zipped(book),
            "dtd.docx": a_document(f'<!DOCTYPE w SYSTEM "{address}">'),
        }
        found = {name: documents(tmp_path, name, data)[0] for name, data in made.items()}
        texts = {name: one.extracted.decoded.text for name, one in found.items() if isinstance(one, Found)}
        assert texts == {"x.docx": "words\n", "x.html": "Words\n", "x.epub": "Words\n"}
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_pdf_whose_letters_stand_for_others_is_read_with_a_warning(tmp_path: Path) -> None:
    turned = PROSE.lower().translate({ord("a") + n: ord("a") + (n + 13) % 26 for n in range(26)})
    page = [(72.0, 800.0 - 12 * n, 10.0, line) for n, line in enumerate(turned.splitlines())]
    (found,) = documents(tmp_path, "x.pdf", a_pdf([page]))
    assert isinstance(found, Found) and "not spread as those of a language" in found.extracted.notes[0]


def test_a_file_that_is_two_formats_is_read_as_what_it_begins_with(tmp_path: Path) -> None:
    pdf = a_pdf([[(72, 700, 12, "Of the PDF")]])
    (found,) = documents(tmp_path, "x.pdf", pdf + zipped({"a.txt": PROSE}))
    assert isinstance(found, Found) and found.extracted.decoded.text == "Of the PDF\n"


# The process that extracts -----------------------------------------------------------------------


def outcomes(folder: Path, **contents: bytes) -> list[tuple[str, str]]:
    """Extract in a process, and return the name and the text or the sentence for each."""
    sources = []
    for name, data in contents.items():
        (folder / name).write_bytes(data)
        sources.append(Source(name, folder / name))
    found = [one for _number, one in running.extract(sources, folder)]
    return [(one.name, one.why if isinstance(one, Refused) else one.text.read_text()) for one in found]


_IN_CHILD = """
import webapp.extraction.unpacking as unpacking, webapp.extraction.__main__ as process
def read(name, path, column):
    {work}
unpacking.read = read
process.main()
"""


def breaking(monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    """Let the reader of the process do something else, where the file's name says so."""
    started = subprocess.Popen
    code = f"if name == 'bad': {work}\n    return original(name, path, column)"
    source = "import webapp.extraction.unpacking as unpacking\noriginal = unpacking.read\n" + _IN_CHILD.format(
        work=code
    )

    def start(_command: list[str], **rest: object) -> object:
        return started([sys.executable, "-P", "-c", source], **rest)  # type: ignore[call-overload]

    monkeypatch.setattr(subprocess, "Popen", start)


@pytest.mark.parametrize(
    ("work", "sentence"),
    [
        ("import os; os.kill(os.getpid(), 11)", "The file broke the program that reads it"),
        ("bytearray(2_000_000_000)", "The file needs more memory"),
        ("1 / 0", "The file could not be read"),
    ],
    ids=["crash", "memory", "error"],
)
def test_a_file_that_breaks_the_process_costs_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str, sentence: str
) -> None:
    breaking(monkeypatch, work)
    found = outcomes(tmp_path, one=b"One.", bad=b"Bad.", two=b"Two.")
    assert [name for name, _ in found] == ["one", "bad", "two"]
    assert [found[0][1], found[2][1]] == ["One.", "Two."] and found[1][1].startswith(sentence)


@pytest.mark.parametrize("work", ["while True: pass", "import time; time.sleep(600)"], ids=["works", "sleeps"])
def test_a_file_that_takes_too_long_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, work: str) -> None:
    breaking(monkeypatch, work.replace("while True: pass", "list(iter(int, 1))"))
    monkeypatch.setattr(limits, "SECONDS", 1)
    ((_name, why),) = outcomes(tmp_path, bad=b"Bad.")
    assert why.startswith("Reading the file took longer than")


def test_who_would_wait_long_for_others_is_asked_to_come_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = tmp_path / "book.epub"
    book.write_bytes(a_book(["<p>Once upon a time.</p>"]))
    monkeypatch.setattr(running, "_PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(running, "_AT_ONCE", threading.BoundedSemaphore(1))
    with running._AT_ONCE:  # somebody else's files are read
        found = list(running.extract([Source("book.epub", book)], tmp_path))
    assert found == [(0, Refused("book.epub", running._BUSY))]
    ((_number, again),) = running.extract([Source("book.epub", book)], tmp_path)
    assert not isinstance(again, Refused)


def test_a_process_is_killed_where_nobody_wants_its_answers_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, "import time; time.sleep(600)")
    (tmp_path / "bad").write_bytes(b"Bad.")
    before = set(psutil.Process().children())

    def end(_done: int) -> None:
        raise TimeoutError

    with pytest.raises(TimeoutError):
        list(running.extract([Source("bad", tmp_path / "bad")], tmp_path, end))
    assert set(psutil.Process().children()) == before


def test_the_process_has_limits_and_no_network_where_the_system_lets_it_leave(tmp_path: Path) -> None:
    leave = "import ctypes, sys; c = ctypes.CDLL(None); sys.exit(c.unshare(1 << 30) and c.unshare(5 << 28) and 3)"
    may_leave = run(sys.executable, "-c", leave).returncode == 0
    code = """
import resource, socket, sys
from webapp.extraction import confinement, limits
confinement.confine()
confinement.allow_seconds(60)
assert resource.getrlimit(resource.RLIMIT_DATA)[0] <= limits.MEMORY_BYTES
assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] <= limits.ENTRY_BYTES
assert 60 <= resource.getrlimit(resource.RLIMIT_CPU)[0] <= 70
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5)
except OSError:
    print("alone")
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        done = run(sys.executable, "-c", code, str(server.getsockname()[1]))
    assert done.returncode == 0, done.stderr
    assert ("alone" in done.stdout) == may_leave


def test_the_process_gets_no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "s" * 40)
    monkeypatch.setenv("DATABASE_URL", "postgres://user:password@host/name")
    assert not {"SECRET_KEY", "DATABASE_URL"} & set(running._environment())


# The page ----------------------------------------------------------------------------------------


def send(client: Client, **contents: bytes) -> object:
    several = [SimpleUploadedFile(name, data) for name, data in contents.items()]
    return sent(client, "/corpora/new/", {"documents": several, "pasted": ""})


@pytest.mark.django_db
def test_hostile_files_are_named_on_the_page_and_the_others_are_kept(mine: Client) -> None:
    contents = {name: make() for name, (make, _, _) in HOSTILE.items()}
    good = {"good.docx": a_word_document("Good", [PROSE]), "good.txt": PROSE.encode()}
    said = left_out(send(mine, **contents, **good))
    assert [document.name for document in Document.objects.all()] == ["good.docx", "good.txt"]
    assert len(said) >= len(HOSTILE) - 2  # what an archive has in it is named by its own name
    assert not list(Path(settings.FILE_UPLOAD_TEMP_DIR).glob("*"))


@pytest.mark.django_db
def test_names_with_line_ends_and_turned_directions_are_shown_as_one_line(mine: Client) -> None:
    send(mine, **{"all.zip": zipped({"a\nb\u202etxt.exe.txt": PROSE})})
    assert Document.objects.get().name == "a btxt.exe.txt"


@pytest.mark.django_db
def test_a_thousand_poems_in_an_archive_are_one_corpus(mine: Client) -> None:
    send(mine, **{"poems.zip": zipped({f"{n}.txt": f"Poem number {n}.\n" for n in range(300)})})
    assert Corpus.objects.get().documents.count() == 300


@pytest.mark.django_db
def test_texts_that_are_larger_than_a_corpus_are_left_out(mine: Client) -> None:
    with override_settings(UPLOAD_LIMIT_BYTES=100_000):
        said = left_out(send(mine, **{"all.zip": zipped({"one.txt": PROSE, "two.txt": PROSE * 70})}))
    assert list(said) == ["two.txt"] and "A corpus holds at most 0 MB" in said["two.txt"]


@pytest.mark.django_db
def test_archives_that_unpack_to_very_much_text_fill_neither_memory_nor_disk(tmp_path: Path) -> None:
    """Each archive is within its own limits: it's their number that would make gigabytes."""
    archives = [(f"{n}.zip", zipped({"a.txt": PROSE * 40, "b.txt": PROSE * 70})) for n in range(5)]
    with override_settings(UPLOAD_LIMIT_BYTES=100_000):
        found, left_out = decoding.understand(archives, tmp_path)
    assert [one.text for one in found] == [PROSE * 40] * 3
    assert [why[:28] for name, why in left_out if name == "b.txt"] == ["A corpus holds at most 0 MB,"] * 5
    assert [why[:34] for name, why in left_out if name == "a.txt"] == ["The files before it have far more "] * 2
    assert len(list(tmp_path.glob("*-*"))) == 2 * 3
