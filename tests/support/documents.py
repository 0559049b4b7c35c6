"""Files in the formats that the site reads, made by the libraries' own writers or by hand."""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence

import docx
import odfdo

Placed = tuple[float, float, float, str]  # left and bottom in points, size, words


def zipped(entries: Mapping[str, str | bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def a_word_document(title: str, paragraphs: Iterable[str]) -> bytes:
    """A document by python-docx: line breaks within a paragraph are `w:br`; it has a page header and a footer."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "A page header"
    document.sections[0].footer.paragraphs[0].text = "Page 1"
    document.add_heading(title, 1)
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return _saved(document)


def an_opendocument(title: str, paragraphs: Iterable[str], note: str = "") -> bytes:
    """A document by odfdo, with a table of contents, and with a footnote in its last paragraph."""
    document = odfdo.Document("text")
    document.body.clear()
    document.body.append(odfdo.TOC())
    document.body.append(odfdo.Header(1, title))
    for text in paragraphs:
        paragraph = odfdo.Paragraph(text)
        document.body.append(paragraph)
    if note:
        paragraph.insert_note(after=text.split()[0], note_id="n1", citation="1", body=note)
    return _saved(document)


def _saved(document: docx.document.Document | odfdo.Document) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def book_entries(chapters: Sequence[str]) -> dict[str, str]:
    """The entries of an EPUB 3 whose chapters have these bodies. It has navigation and a table of contents."""
    names = [f"chapter {number}.xhtml" for number in range(len(chapters))]
    items = "".join(
        f'<item id="c{n}" href="{name.replace(" ", "%20")}" media-type="application/xhtml+xml"/>'
        for n, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(names)))
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": CONTAINER,
        "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf"><manifest>'
        '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
        f'{items}</manifest><spine><itemref idref="nav"/>{spine}</spine></package>',
        "OEBPS/nav.xhtml": "<html><body><nav><a href='c0'>Chapter</a></nav></body></html>",
        **{f"OEBPS/{name}": chapter(body) for name, body in zip(names, chapters, strict=True)},
    }


def chapter(body: str) -> str:
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<!DOCTYPE html>\n<html xmlns="http://www.w3.org/1999/xhtml" '
        f'xmlns:epub="http://www.idpf.org/2007/ops"><head><title>A book</title></head><body>{body}</body></html>'
    )


def a_book(chapters: Sequence[str]) -> bytes:
    return zipped(book_entries(chapters))


def a_pdf(pages: Sequence[Sequence[Placed]]) -> bytes:
    """A PDF 1.4 in Helvetica, with words at their places."""
    objects = [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>", b""]
    kids = []
    for page in pages:
        content = b"BT\n" + b"".join(map(_shown, page)) + b"ET"
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
        resources = b"/MediaBox [0 0 595 842] /Resources << /Font << /F1 1 0 R >> >>"
        objects.append(b"<< /Type /Page /Parent 2 0 R %b /Contents %d 0 R >>" % (resources, len(objects)))
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(kids), b" ".join(kids))
    return pdf_of([*objects, b"<< /Type /Catalog /Pages 2 0 R >>"])


def _shown(placed: Placed) -> bytes:
    left, bottom, size, words = placed
    literal = words.encode("cp1252").replace(b"\\", rb"\\").replace(b"(", rb"\(").replace(b")", rb"\)")
    return b"/F1 %g Tf 1 0 0 1 %g %g Tm (%b) Tj\n" % (size, left, bottom, literal)


def pdf_of(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF of these objects, of which the last is the catalog."""
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    end = b"trailer << /Size %d /Root %d 0 R %b >>\nstartxref\n%d\n%%%%EOF\n" % (count, count - 1, trailer, len(data))
    return data + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + end
