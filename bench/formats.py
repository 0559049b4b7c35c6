"""The time that extracting a long file takes: `python -m bench.formats`.

It makes an e-book, a PDF and a Word document, has each extracted as the site does, in a process with its limits, and
prints a row for each.
"""

import argparse
import io
import os
import random
import tempfile
import time
import zipfile
from pathlib import Path

from webapp.extraction import running
from webapp.extraction.extracted import Refused

_WORDS = (
    "the river was quiet that morning and nobody spoke of it until boats came round bend again with their lanterns "
    "still burning though day had begun over hills where we saw sails between trees"
)
_LINES_ON_A_PAGE, _LINE = 48, 80


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=300, help="of the PDF")
    parser.add_argument("--megabytes", type=int, default=5, help="of text in the book and in the document")
    options = parser.parse_args()
    made = {
        "book.epub": book(options.megabytes * 1_000_000),
        "book.pdf": _pdf(options.pages),
        "book.docx": _document(options.megabytes * 1_000_000),
    }
    print("| file | MB | seconds | of a processor | characters |\n|---|---|---|---|---|")
    for name, data in made.items():
        _measure(name, data)


def _measure(name: str, data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, name)
        path.write_bytes(data)
        began, before = time.monotonic(), os.times()
        ((_number, found),) = running.extract([running.Source(name, path)], Path(folder))
        seconds, after = time.monotonic() - began, os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        assert not isinstance(found, Refused), found.why
        figures = f"{len(data) / 1e6:.1f} | {seconds:.1f} | {used:.1f} | {len(found.text.read_text()):,}"
        print(f"| {name} | {figures} |", flush=True)


def prose(characters: int, seed: int = 1) -> list[str]:
    """Return paragraphs of about 500 characters, drawn from a few words."""
    draw = random.Random(seed)
    paragraphs = []
    while characters > 0:
        words = draw.choices(_WORDS.split(), k=draw.randint(20, 160))
        paragraphs.append(" ".join(words).capitalize() + ".")
        characters -= len(paragraphs[-1]) + 1
    return paragraphs


def _zipped(entries: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def book(characters: int) -> bytes:
    """Return an e-book of chapters with about 200 paragraphs each."""
    paragraphs = prose(characters)
    chapters = [paragraphs[start : start + 200] for start in range(0, len(paragraphs), 200)]
    entries = {
        "META-INF/container.xml": '<container><rootfile full-path="book.opf"/></container>',
        "book.opf": "<package>{}{}</package>".format(
            "".join(f'<item id="c{n}" href="{n}.xhtml"/>' for n in range(len(chapters))),
            "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters))),
        ),
    }
    for number, chapter in enumerate(chapters):
        entries[f"{number}.xhtml"] = "<html><body>" + "".join(f"<p>{text}</p>\n" for text in chapter) + "</body></html>"
    return _zipped(entries)


def _document(characters: int) -> bytes:
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    body = "".join(f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>" for text in prose(characters))
    document = f'<w:document xmlns:w="{space}"><w:body>{body}</w:body></w:document>'
    return _zipped({"[Content_Types].xml": "<Types>wordprocessingml</Types>", "word/document.xml": document})


def _pdf(pages: int) -> bytes:
    lines: list[tuple[int, str]] = []
    for paragraph in prose(pages * _LINES_ON_A_PAGE * _LINE):
        words = paragraph.split()
        while words:
            line = [words.pop(0)]
            while words and len(" ".join(line)) + len(words[0]) < _LINE:
                line.append(words.pop(0))
            lines.append((90 if " ".join(line) == paragraph[: len(" ".join(line))] else 72, " ".join(line)))
    numbers = range(min(pages, len(lines) // _LINES_ON_A_PAGE))
    return _of_pages([_content(lines[n * _LINES_ON_A_PAGE :][:_LINES_ON_A_PAGE], n + 1) for n in numbers])


def _content(lines: list[tuple[int, str]], number: int) -> bytes:
    placed = [(72, 800, "The River"), *((left, 770 - 15 * n, text) for n, (left, text) in enumerate(lines))]
    shown = (f"1 0 0 1 {left} {bottom} Tm ({text}) Tj" for left, bottom, text in [*placed, (290, 20, str(number))])
    return ("BT /F1 10 Tf\n" + "\n".join(shown) + "\nET").encode()


def _of_pages(contents: list[bytes]) -> bytes:
    objects = [b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>", b"", b"<< /Type /Catalog /Pages 2 0 R >>"]
    for content in contents:
        objects.append(b"<< /Length %d >>\nstream\n%b\nendstream" % (len(content), content))
        box = b"/MediaBox [0 0 595 842] /Resources << /Font << /F1 1 0 R >> >>"
        objects.append(b"<< /Type /Page /Parent 2 0 R %b /Contents %d 0 R >>" % (box, len(objects)))
    kids = b" ".join(b"%d 0 R" % (5 + 2 * n) for n in range(len(contents)))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%b] >>" % (len(contents), kids)
    body = b"".join(b"%d 0 obj\n%b\nendobj\n" % (n, content) for n, content in enumerate(objects, 1))
    return b"%PDF-1.4\n" + body + b"trailer << /Root 3 0 R >>\n"


if __name__ == "__main__":
    main()
