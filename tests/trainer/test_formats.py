"""Tests of file formats: they are recognised by their structure, so a text may begin with any words."""

import bz2
import gzip
import io
import lzma
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path
from random import Random

import pytest

from trainer.contract.documents import TextProblem, decode

PROSE = "The river was quiet that morning, and nobody spoke of it.\n" * 30
NOISE = Random(1).randbytes(900)

WORDS = [
    "GIF89a is how a picture begins.",
    "GIF87a, too.",
    "The ftyp box comes first in a film.",
    "%PDF- is how a PDF begins.",
    "%PDF-1.4\nis its first line, and 1 0 obj begins an object.",
    "{\\rtf1\\ansi is how an RTF document begins.",
    "{\\rtf1\\ansi} is the shortest of them, and {\\b this} is bold.}",
    "%!PS-Adobe-3.0 is how PostScript begins.",
    "%!PS-Adobe-3.0\nis its first line, and showpage prints the page.",
    "PK\x03\x04 are the letters of Phil Katz.",
    "BZh91AY&SY is the number pi, nearly.",
    "RIFF1234WAVEfmt is what a recording begins with.",
    "RIFF1234WEBPVP8 is a picture.",
    "SQLite format 3\x00 is what a database begins with.",
    "OggS\x00 stands at each page.",
    "ID3\x03\x00 stands before a song.",
    "Rar! cried the lion.",
    " " * 60 + "BOOKMOBI is a Kindle book.",
    "b" * 252 + " a gustar, le va a gustar.",
    "ÿØÿ begins a JPEG.",
    "(µ/ý is Zstandard's.",
]


@pytest.mark.parametrize("codec", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("words", WORDS, ids=[words[:20].strip() for words in WORDS])
def test_prose_about_a_format_is_prose(words: str, codec: str) -> None:
    text = words + " Café, déjà vu.\n" + PROSE
    assert decode(text.encode(codec)).text.endswith(PROSE)  # with few accents, the old encoding is only a guess


def test_spanish_with_ustar_where_a_tar_archive_has_it_is_spanish() -> None:
    for codec in ("utf-8", "cp1252"):
        before = "Al niño le gustó mucho la canción que cantó su mamá. ".encode(codec) * 8
        data = before[: 257 - 13] + b" le va a gusta"[:13] + b"ustar la fiesta\n" + before
        assert data[257:262] == b"ustar"
        assert "ustar la fiesta" in decode(data).text


def _zip(name: str, content: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:  # it is not compressed, so nearly all of it is text
        archive.writestr(name, content)
    return buffer.getvalue()


def _tar(content: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("story.txt")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    return buffer.getvalue()


def _sqlite(folder: Path) -> bytes:
    with sqlite3.connect(folder / "x.db") as database:
        database.execute("CREATE TABLE texts (text)")
        database.execute("INSERT INTO texts VALUES (?)", (PROSE * 50,))
    database.close()
    return (folder / "x.db").read_bytes()


RTF = b"{\\rtf1\\ansi\\deff0 {\\fonttbl {\\f0 Times;}}\\f0\\fs24 Braces: \\{ and \\}.\\par }\n"
PDF = b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n"
POSTSCRIPT = b"%!PS-Adobe-3.0\n%%Title: x\n/Times findfont 12 scalefont setfont\n72 72 moveto (Hi) show\nshowpage\n"
TEXT_FORMATS = {"an RTF document": RTF, "a PDF": PDF, "a PostScript document": POSTSCRIPT}
REAL = {
    "a ZIP archive": _zip("story.txt", PROSE * 3000),
    "an EPUB book": _zip("mimetype", "application/epub+zip"),
    "a tar archive": _tar(PROSE.encode() * 3000),
    "a gzip archive": gzip.compress(PROSE.encode()),
    "a bzip2 archive": bz2.compress(PROSE.encode()),
    "an xz archive": lzma.compress(PROSE.encode()),
    "a Zstandard archive": b"\x28\xb5\x2f\xfd\x24\x05\x29\x00\x00hello" + NOISE,
    "a PNG picture": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + NOISE,
    "a JPEG picture": b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01" + NOISE,
    "a GIF picture": b"GIF89a\x40\x01\xf0\x00\xf7\x00\x00" + NOISE,
    "a WebP picture": b"RIFF" + struct.pack("<I", 908) + b"WEBPVP8 " + NOISE,
    "a sound recording": b"RIFF" + struct.pack("<I", 908) + b"WAVEfmt " + NOISE,
    "a film or a recording": b"\x00\x00\x00\x20ftypisom" + NOISE,
    "a program": b"\x7fELF\x02\x01\x01" + bytes(9) + NOISE,
    "an old Word or Office document": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + PROSE.encode() * 99,
    "a Kindle book": b"A_Book" + bytes(54) + b"BOOKMOBI" + bytes(8) + PROSE.encode() * 99,
    "a 7-Zip archive": b"7z\xbc\xaf\x27\x1c\x00\x04" + NOISE,
    "a RAR archive": b"Rar!\x1a\x07\x01\x00" + NOISE,
}


def _refusal(data: bytes) -> str:
    with pytest.raises(TextProblem) as problem:
        decode(data)
    return str(problem.value)


@pytest.mark.parametrize("kind", REAL | TEXT_FORMATS)
def test_the_real_thing_is_named(kind: str) -> None:
    assert f"This is {kind}, not plain text" in _refusal((REAL | TEXT_FORMATS)[kind])


def test_a_database_full_of_text_is_a_database(tmp_path: Path) -> None:
    assert "This is a database, not plain text" in _refusal(_sqlite(tmp_path))


@pytest.mark.parametrize("kind", TEXT_FORMATS)
@pytest.mark.parametrize("codec", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_formats_that_are_ascii_are_known_behind_a_mark_and_in_utf16(kind: str, codec: str) -> None:
    assert f"This is {kind}, not plain text" in _refusal(TEXT_FORMATS[kind].decode().encode(codec))


def test_rtf_that_was_cut_off_is_rtf() -> None:
    assert "an RTF document" in _refusal(RTF[:-3] + b"\\par Some \\b words\\b0  more" * 50)


@pytest.mark.parametrize(
    "data",
    [NOISE * 9, zlib.compress(NOISE * 9), bytes(5000), PROSE.encode() + bytes(3000), struct.pack("<900i", *range(900))],
    ids=["noise", "compressed", "zeros", "mostly zeros", "numbers"],
)
def test_what_is_binary_stays_refused(data: bytes) -> None:
    assert "a program's own format" in _refusal(data)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16", "utf-8-sig"])
def test_noise_in_a_known_encoding_is_refused_too(codec: str) -> None:
    assert "plain text" in _refusal("".join(map(chr, range(1, 32))).encode(codec) * 50)
