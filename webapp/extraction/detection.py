"""The detection of a file's format by its structure. A name alone decides nothing.

Only the standard library and the trainer's contract: the web process imports this module, and no reader.
"""

import re

from trainer.contract import formats

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")  # the second one is an empty archive's
_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")
_PDF, _PDF_BEGINNING = b"%PDF-", 1_024  # ISO 32000, annex H: the mark is in the first 1,024 bytes
_HTML = re.compile(
    r"[\ufeff\s]*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,2000}?-->\s*)*(?:<!doctype html\b|<html[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_HTML_NAMES = (".html", ".htm", ".xhtml", ".xht")
_HTML_TAG = re.compile(r"<(?:p|br|div|body|h[1-6]|pre|span|table)\b[^<>]*>", re.IGNORECASE)
_HTML_TAGS = 2  # that make a page of a file with such a name
_DIGIT = rb"(?:\d|\xd9[\xa0-\xa9]|\xdb[\xb0-\xb9])"  # also the Arabic and Persian ones
_PART = rb"(?:\xe2\x80[\x8e\x8f])?[./-](?:\xe2\x80[\x8e\x8f])? ?"
_DATED = re.compile(  # a line of a chat
    rb"(?m)^[^\w\n]{0,12}" + _DIGIT + rb"{1,4}" + _PART + _DIGIT + rb"{1,2}" + _PART + _DIGIT
)
TABLE_NAMES = (".csv", ".tsv", ".tab")
BEGINNING = 65_536  # bytes


def is_surely_plain(name: str, beginning: bytes) -> bool:
    """Whether a file with this beginning can only be plain text, or something that no reader reads.

    The web process asks, so that a plain text needs no other process.
    """
    text = beginning.replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    is_marked = text.startswith((b"{", b"<", b"WEBVTT", _OFFICE, *_ZIP)) or _has_pdf_mark(beginning)
    is_named = name.lower().endswith((*_HTML_NAMES, *TABLE_NAMES))
    return not (is_marked or is_named or b"-->" in text or _DATED.search(text))


def is_archive(data: bytes) -> bool:
    """Whether a file is a ZIP archive, as documents and books are too."""
    return data.startswith(_ZIP)


def is_old_office(data: bytes) -> bool:
    return data.startswith(_OFFICE)


def is_encrypted_office(data: bytes) -> bool:
    """Whether a file is a Word document with a password, which is kept in the container of the old format."""
    return is_old_office(data) and _ENCRYPTED_OFFICE in data


def is_pdf(name: str, data: bytes) -> bool:
    return _has_pdf_mark(data) and (name.lower().endswith(".pdf") or _is(formats.PDF, data))


def is_rtf(data: bytes) -> bool:
    return _is(formats.RTF, data)


def is_html(name: str, data: bytes) -> bool:
    """Whether a file is a web page: by how it begins, or by its name and its tags. It is not decoded yet."""
    beginning = data[:BEGINNING].replace(b"\x00", b"").lstrip(b"\xef\xbb\xbf\xff\xfe").decode("latin-1")
    if name.lower().endswith(_HTML_NAMES) and len(_HTML_TAG.findall(beginning)) >= _HTML_TAGS:
        return True
    return _HTML.match(beginning) is not None


def _has_pdf_mark(data: bytes) -> bool:
    return _PDF in data[:_PDF_BEGINNING]


def _is(kind: str, data: bytes) -> bool:
    found = formats.known_format(data)
    return found is not None and found[0] == kind
