"""The choice of a reader for a file."""

from collections.abc import Callable
from pathlib import Path

from trainer.contract.decoding import decode
from webapp.extraction import detection
from webapp.extraction.extracted import Extracted, Format, TextProblem
from webapp.extraction.packages import Package
from webapp.extraction.readers import chats, epub, html, opendocument, pdf, rtf, subtitles, tables, word

_PROTECTED = (
    "The document is protected by a password: save a copy without one in the program that made it, and use that."
)
_OLD_OFFICE = (
    "This is an old Word or Office document: save it as .docx, .odt or .txt in the program that made it, and use that."
)
_OTHER_OFFICE = (
    "This is a table or a presentation of an office program: save its text as .docx, .odt, .csv or .txt, and use that."
)
_APPLE = (
    "This is a document of Apple’s Pages, Numbers or Keynote, which can’t be read here: export its text there as Word "
    "(.docx), EPUB or plain text, and use that."
)


def read(name: str, path: Path, column: int | None = None) -> Extracted:
    """Return the text of a file that is no ZIP archive. Raises TextProblem."""
    data = path.read_bytes()
    if detection.is_encrypted_office(data):
        raise TextProblem(_PROTECTED)
    if detection.is_old_office(data):
        raise TextProblem(_OLD_OFFICE)
    if detection.is_pdf(name, data):
        return pdf.read(path)
    if detection.is_rtf(data):
        return rtf.read(data)
    if detection.is_html(name, data):
        return html.read(data)
    return read_text(name, data, column)


def read_package(package: Package) -> Extracted | None:
    """Return the text of a document that is a ZIP archive; None for an archive of files."""
    reader = _package_reader(package)
    return reader(package) if reader else None


def _package_reader(package: Package) -> Callable[[Package], Extracted] | None:
    if "META-INF/container.xml" in package:
        return epub.read
    if "content.xml" in package and "mimetype" in package:
        return opendocument.read
    if "[Content_Types].xml" in package:
        if b"wordprocessingml" not in package.read("[Content_Types].xml"):
            raise TextProblem(_OTHER_OFFICE)
        return word.read
    if "Index/Document.iwa" in package:
        raise TextProblem(_APPLE)
    return None


def read_text(name: str, data: bytes, column: int | None) -> Extracted:
    """Return the text of a file that is text itself: subtitles, a chat, a table or plain text. Raises TextProblem."""
    decoded = decode(data)
    if subtitles.is_one(decoded.text):
        return subtitles.read(decoded)
    if chats.is_one(decoded.text):
        return chats.read(decoded)
    if rows := tables.rows_of(name, decoded.text):
        return tables.read(decoded, rows, column)
    return Extracted(decoded, Format.TEXT)
