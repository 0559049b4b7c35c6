"""The recognition of file formats that are not plain text.

A format is recognised by its structure, because a text may begin with any words, also with those of a magic number. So
a magic number counts only together with what the format has around it: a length, a version, or a control character
that no text has there. PDF, RTF and PostScript are written in ASCII; they are recognised by their commands.

Only the standard library: the web process imports this module.
"""

import re
from codecs import BOM_UTF8

_TO_TEXT = "open it in the program that made it, save it as plain text (.txt), and use that file"
_UNPACK = "unpack it and use the text files that are in it"
_NO_TEXT = "it has no text to learn from, so choose a file that has words in it"

PDF, RTF = "a PDF", "an RTF document"

_HEADERS = tuple(
    (re.compile(pattern, re.DOTALL), kind, advice)
    for pattern, kind, advice in (
        (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Word or Office document", _TO_TEXT),
        (rb".{31}\x00.{28}BOOKMOBI", "a Kindle book", _TO_TEXT),  # after a name of up to 31 bytes
        (rb"\x1f\x8b\x08[\x00-\x1f]", "a gzip archive", _UNPACK),  # deflate, flags
        (rb"7z\xbc\xaf\x27\x1c\x00", "a 7-Zip archive", _UNPACK),
        (rb"Rar!\x1a\x07[\x00\x01]", "a RAR archive", _UNPACK),
        (rb"\xfd7zXZ\x00\x00", "an xz archive", _UNPACK),
        (rb"\x28\xb5\x2f\xfd.{1,16}[\x00-\x08\x0e-\x10]", "a Zstandard archive", _UNPACK),  # the first block's size
        (rb"BZh[1-9]1AY&SY.{4}[\x00-\x06]", "a bzip2 archive", _UNPACK),  # checksum, position of at most 900,000
        (rb"\x89PNG\r\n\x1a\n", "a PNG picture", _NO_TEXT),
        (rb"\xff\xd8\xff[\xc0-\xfe].{0,16}[\x00-\x08\x0e-\x1f]", "a JPEG picture", _NO_TEXT),  # a segment's size
        (rb"GIF8[79]a.{6}\x00", "a GIF picture", _NO_TEXT),  # width, height, palette; square pixels
        (rb"RIFF.{3}[\x00\x01\xff]WEBPVP8[ LX]", "a WebP picture", _NO_TEXT),  # a size below 32 MB, or none
        (rb"RIFF.{3}[\x00\x01\xff]WAVE", "a sound recording", _NO_TEXT),
        (rb"OggS\x00[\x00-\x07]", "a sound recording", _NO_TEXT),
        (rb"ID3[\x02-\x04]\x00.[\x00-\x08]", "a sound recording", _NO_TEXT),  # flags, a size below 20 MB
        (rb"\x00\x00[\x00-\x0f].ftyp", "a film or a recording", _NO_TEXT),  # after the size of the box
        (rb"\x7fELF[\x01\x02][\x01\x02]\x01", "a program", _NO_TEXT),
        (rb"SQLite format 3\x00..[\x00-\x02][\x00-\x02]", "a database", _NO_TEXT),  # versions
    )
)

_ZIP = re.compile(rb"PK\x03\x04.{5}\x00.{17}[\x00-\x0f]|PK\x05\x06\x00{4}", re.DOTALL)  # method, length of a name
_INSIDE_ZIP = (
    (b"application/epub+zip", "an EPUB book"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
    (b"word/document", "a Word document (.docx)"),
    (b"xl/workbook", "an Excel workbook"),
    (b"ppt/presentation", "a PowerPoint presentation"),
)

_PDF = re.compile(rb"\s*%PDF-\d\.\d[ \t]*[\r\n]")
_PDF_OBJECT = re.compile(rb"[\r\n]\d{1,10} \d{1,5} obj\b")
_RTF = re.compile(rb"\{\\rtf\d*\s?[\\{]")
_RTF_SIGN = re.compile(rb"\\.|[{}]", re.DOTALL)
_RTF_WORD = re.compile(rb"\\[a-z]+-?\d*")
_POSTSCRIPT = re.compile(rb"%!(?:PS)?(?:-Adobe-\d\.\d[^\r\n]{0,40})?[ \t]*[\r\n]")
_POSTSCRIPT_LINE = re.compile(
    rb"[\r\n]%%[A-Z][A-Za-z]+:|\s(?:showpage|moveto|lineto|setfont|scalefont|gsave|stroke)[ \t]*(?=[\r\n]|\Z)"
)


def known_format(data: bytes) -> tuple[str, str] | None:
    """Return the format of a file and an advice ("a PDF", "open it in …"); None if the file may be a text."""
    data = data.removeprefix(BOM_UTF8)
    if _PDF.match(data) and _PDF_OBJECT.search(data):
        return PDF, _TO_TEXT
    if _is_rtf(data):
        return RTF, _TO_TEXT
    if _is_postscript(data):
        return "a PostScript document", _TO_TEXT
    if _ZIP.match(data):
        return _inside_zip(data)
    if _is_tar(data[:512]):
        return "a tar archive", _UNPACK
    return next(((kind, advice) for header, kind, advice in _HEADERS if header.match(data)), None)


def _inside_zip(data: bytes) -> tuple[str, str]:
    ends = data[:4096] + data[-65536:]  # a ZIP archive lists its files at its end
    known = ((kind, _TO_TEXT) for mark, kind in _INSIDE_ZIP if mark in ends)
    return next(known, ("a ZIP archive", _UNPACK))


def _is_rtf(data: bytes) -> bool:
    """Whether the first brace is closed at the end of the data.

    If it is never closed, the file was cut off. Then at least one command in forty bytes shows that it is RTF.
    """
    if not _RTF.match(data):
        return False
    depth = 0
    for sign in _RTF_SIGN.finditer(data):
        depth += (sign[0] == b"{") - (sign[0] == b"}")
        if depth == 0:
            return not data[sign.end() :].strip(b"\x00 \t\r\n")
    beginning = data[:4000]
    return len(_RTF_WORD.findall(beginning)) * 40 >= len(beginning)


def _is_postscript(data: bytes) -> bool:
    """Whether the first line says that this is PostScript, and at least two later lines are commands of it."""
    found = _POSTSCRIPT_LINE.finditer(data) if _POSTSCRIPT.match(data) else iter(())
    return next(found, None) is not None and next(found, None) is not None


def _is_tar(header: bytes) -> bool:
    """Whether the checksum in the header, in octal digits, is right.

    The checksum is the sum of the bytes of the header, with blanks in place of the checksum itself.
    """
    checksum = re.fullmatch(rb" *([0-7]{1,6})[\x00 ]{0,2}", header[148:156])
    return checksum is not None and sum(header) - sum(header[148:156]) + 8 * ord(" ") == int(checksum[1], 8)
