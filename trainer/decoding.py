"""A file's bytes become text, or a sentence that says why not.

Only the standard library and, for old encodings, charset-normalizer: the web process imports it.
"""

import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

DETECTED_BYTES = 64 * 1024  # charset-normalizer tries every encoding on all that it is given


class TextProblem(ValueError):
    """One sentence for a person: what is wrong with the text, and what to do."""


@dataclass(frozen=True)
class Decoded:
    """A document's text, and how its bytes were read."""

    text: str
    encoding: str  # for people: "UTF-8", "Windows-1252 (Western Europe)"
    replaced: int = 0  # characters that could not be read and stand as U+FFFD


_TO_TEXT = "open it in the program that made it, save it as plain text (.txt), and use that file"
_UNPACK = "unpack it and use the text files that are in it"
_NO_TEXT = "it has no text to learn from, so choose a .txt file"

# (offset, mark, what it is, what to do). Only marks that no text begins with: one may with "ID3".
_KINDS = (
    (0, b"%PDF-", "a PDF", _TO_TEXT),
    (0, b"{\\rtf", "an RTF document", _TO_TEXT),
    (0, b"%!PS-", "a PostScript document", _TO_TEXT),
    (0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word or Office document", _TO_TEXT),
    (60, b"BOOKMOBI", "a Kindle book", _TO_TEXT),
    (0, b"\x1f\x8b", "a gzip archive", _UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", _UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", _UNPACK),
    (0, b"\xfd7zXZ\x00", "an xz archive", _UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "a Zstandard archive", _UNPACK),
    (4, b"1AY&SY", "a bzip2 archive", _UNPACK),
    (257, b"ustar", "a tar archive", _UNPACK),
    (0, b"\x89PNG\r\n\x1a\n", "a PNG picture", _NO_TEXT),
    (0, b"\xff\xd8\xff", "a JPEG picture", _NO_TEXT),
    (0, b"GIF87a", "a GIF picture", _NO_TEXT),
    (0, b"GIF89a", "a GIF picture", _NO_TEXT),
    (8, b"WEBPVP8", "a WebP picture", _NO_TEXT),
    (8, b"WAVEfmt ", "a sound recording", _NO_TEXT),
    (0, b"OggS\x00", "a sound recording", _NO_TEXT),
    (0, b"ID3\x03\x00", "a sound recording", _NO_TEXT),
    (0, b"ID3\x04\x00", "a sound recording", _NO_TEXT),
    (4, b"ftyp", "a film or a recording", _NO_TEXT),
    (0, b"\x7fELF", "a program", _NO_TEXT),
    (0, b"SQLite format 3\x00", "a database", _NO_TEXT),
)
_INSIDE_ZIP = (
    (b"application/epub+zip", "an EPUB book", _TO_TEXT),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file", _TO_TEXT),
    (b"word/document", "a Word document (.docx)", _TO_TEXT),
    (b"xl/workbook", "an Excel workbook", _TO_TEXT),
    (b"ppt/presentation", "a PowerPoint presentation", _TO_TEXT),
)

_MARKS = (  # UTF-32's little-endian mark begins with UTF-16's
    (BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    (BOM_UTF8, "utf-8", "UTF-8"),
)

# Python's name → the name for people. These are what text files are really found in; asked for
# all that it knows, charset-normalizer takes Mac Roman for its Icelandic cousin. Among equals the
# earlier wins.
_LEGACY = {
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp874": "Windows-874 (Thai)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp866": "DOS 866 (Cyrillic)",
    "iso8859_2": "ISO 8859-2 (Central Europe)",
    "mac_roman": "Mac Roman (Western Europe)",
}

# Where the evidence is even, the rarer encoding is not it: a French line with quotation marks has
# less "chaos" as Baltic, a German one reads as well in Mac Roman, a Japanese one as Thai.
_RARE = frozenset(["cp1257", "cp874", "cp866", "mac_roman"])
_HANDICAP = 0.1

_ASCII = bytes(range(0x80))
_CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\r\f\x1a\x1b"))
_UNREADABLE = "The file's encoding could not be recognised: open it in an editor, save it as UTF-8, and use that file."
_BINARY = (
    "This is not plain text but a program's own format: open it in the program that made it, "
    "save it as plain text (.txt), and use that file."
)


def decode(data: bytes) -> Decoded:
    """Read a document's bytes: UTF-8, UTF-16 or UTF-32, else the likeliest old encoding.

    Raises TextProblem for what is empty, not text, or in no encoding that can be recognised.
    """
    if not data:
        raise TextProblem("The file is empty: choose one that has text in it.")
    _refuse_known_formats(data)
    decoded = _marked(data) or _without_mark(data)
    if not decoded.text or decoded.text.isspace():
        raise TextProblem("The file holds no text, only blanks: choose one that has text in it.")
    return decoded


def _refuse_known_formats(data: bytes) -> None:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        ends = data[:4096] + data[-65536:]  # a ZIP lists its files at its end
        inside = [(kind, advice) for mark, kind, advice in _INSIDE_ZIP if mark in ends]
        kind, advice = inside[0] if inside else ("a ZIP archive", _UNPACK)
        raise TextProblem(f"This is {kind}, not plain text: {advice}.")
    for offset, mark, kind, advice in _KINDS:
        if data.startswith(mark, offset):
            raise TextProblem(f"This is {kind}, not plain text: {advice}.")


def _marked(data: bytes) -> Decoded | None:
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _read(data[len(mark) :], codec, name)
    return None


def _without_mark(data: bytes) -> Decoded:
    if 0 in data:  # before UTF-8: English in UTF-16 is valid UTF-8 with a NUL after each letter
        return _wide(data)
    if _removed(data, _CONTROL_BYTES) * 50 > len(data):
        raise TextProblem(_BINARY)
    try:
        return Decoded(data.decode(), "UTF-8")
    except UnicodeDecodeError:
        sample = _sample(data)
    if _is_damaged_utf8(sample):
        return _read(data, "utf-8", "UTF-8")
    codec = _detected(sample)
    return _read(data, codec, _LEGACY[codec])


def _wide(data: bytes) -> Decoded:
    """UTF-16 or UTF-32 without a mark, or no text at all."""
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(codec)
        except UnicodeDecodeError:
            continue
        if _reads_like_text(text):
            return Decoded(text, codec[:6].upper())
    raise TextProblem(_BINARY)


def _reads_like_text(text: str) -> bool:
    """Hardly any controls or unassigned characters, and what stands between words in any script.

    Other bytes read as UTF-16 are a heap of rare Han characters without a comma.
    """
    sample = text[:4000] + text[len(text) // 2 :][:4000]
    kinds = [unicodedata.category(c) for c in sample if c not in "\t\n\r"]
    odd = sum(kind in ("Cc", "Cn", "Co") for kind in kinds)
    between = sum(c in " \n\u3000\u3001\u3002\uff0c" for c in sample)
    ascii_share = sum(c.isascii() for c in sample) / len(sample)
    return odd * 50 <= len(sample) and (between * 100 >= len(sample) or ascii_share > 0.5)


def _read(data: bytes, codec: str, name: str) -> Decoded:
    """Decode; a few broken characters are replaced and counted, more than 1 % are refused."""
    try:
        return Decoded(data.decode(codec), name)
    except UnicodeDecodeError:
        text = data.decode(codec, "replace")
    replaced = text.count("\ufffd")
    if replaced > max(1, len(text) // 100):
        raise TextProblem(_UNREADABLE)
    return Decoded(text, name, replaced)


def _sample(data: bytes) -> bytes:
    """Whole lines that are not pure ASCII, which alone tell encodings apart; else a cut of one."""
    lines: list[bytes] = []
    room = DETECTED_BYTES
    for line in BytesIO(data):
        if line.isascii():
            continue
        if len(line) > room:
            break
        lines.append(line)
        room -= len(line)
    return b"".join(lines) or _cut(data)


def _cut(data: bytes) -> bytes:
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 1000) if first else 0
    return data[start : start + DETECTED_BYTES]


def _is_damaged_utf8(sample: bytes) -> bool:
    """At least four of five non-ASCII characters are sound UTF-8; by chance hardly any would be."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = len(text) - _removed(sample, _ASCII) - broken
    return broken * 4 <= sound


def _removed(data: bytes, values: bytes) -> int:
    return len(data) - len(data.translate(None, delete=values))


def _doubt(match: "CharsetMatch", codec: str) -> float:
    """From -1 to 2; the detection's own figures, to 0.01, as far as they can be trusted, and where capitals stand."""
    return round(match.chaos - match.coherence + _HANDICAP * (codec in _RARE) + _turned_capitals(str(match)), 2)


def _turned_capitals(text: str) -> float:
    """The share of small letters beyond ASCII before a capital: Windows-1251's small ones are KOI8-R's capitals."""
    after = [second for first, second in pairwise(text) if first.islower() and not first.isascii()]
    return sum(map(str.isupper, after)) / max(1, len(after))


def _detected(sample: bytes) -> str:
    from charset_normalizer import from_bytes  # only where it is needed: it takes 50 ms to import

    # Central Europe's two differ in letters that Windows keeps at 0x80 to 0x9f, ISO's controls.
    impossible = "iso8859_2" if re.search(rb"[\x80-\x9f]", sample) else "cp1250"
    order = [codec for codec in _LEGACY if codec != impossible]
    # A sample that was cut may end within a character, which has up to four bytes.
    trims = range(4) if len(sample) == DETECTED_BYTES else range(1)
    scored = [
        (_doubt(match, codec), order.index(codec), codec)
        for trim in trims
        for match in from_bytes(
            sample[: len(sample) - trim],
            cp_isolation=order,
            preemptive_behaviour=False,
            enable_fallback=False,
        )
        for codec in match.could_be_from_charset
        if codec in order
    ]
    if not scored:
        raise TextProblem(_UNREADABLE)
    return min(scored)[2]
