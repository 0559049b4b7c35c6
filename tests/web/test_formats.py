"""Files of every format become exactly the words that they have, without what is around them."""

import json
from pathlib import Path
from typing import Protocol

import pytest

from tests.support.documents import a_book, a_pdf, a_word_document, an_opendocument, book_entries, zipped
from webapp.extraction.extracted import Extracted, Format, Refused
from webapp.extraction.unpacking import Found, Unpacking

VERSE = ["Tyger Tyger, burning bright,", "In the forests of the night;", "What immortal hand or eye,"]
STANZA = "\n".join(VERSE)
PROSE = "The river was quiet that morning – “Zwölf Boxkämpfer” – and nobody spoke of it."


def documents(folder: Path, name: str, data: bytes, column: int | None = None) -> list[Found | Refused]:
    path = folder / "upload"
    path.write_bytes(data)
    return list(Unpacking(folder, "0").documents(name, path, column))


class Reader(Protocol):
    def __call__(self, name: str, data: bytes | str, column: int | None = None) -> Extracted: ...


@pytest.fixture
def read(tmp_path: Path) -> Reader:
    def one(name: str, data: bytes | str, column: int | None = None) -> Extracted:
        data = data.encode() if isinstance(data, str) else data
        (found,) = documents(tmp_path, name, data, column)
        assert isinstance(found, Found), found
        return found.extracted

    return one


def text(extracted: Extracted, format: Format) -> str:
    assert extracted.format == format
    return extracted.decoded.text


def test_a_word_document_keeps_headings_paragraphs_and_lines(read: Reader) -> None:
    data = a_word_document("The Tyger", [STANZA, "", PROSE, "a\tb"])
    assert text(read("x.docx", data), Format.WORD) == f"The Tyger\n\n{STANZA}\n\n{PROSE}\na\tb\n"


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def by_hand(body: str, styles: str = "") -> bytes:
    return zipped(
        {
            "[Content_Types].xml": "<Types>wordprocessingml</Types>",
            "word/document.xml": f'<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
            "word/styles.xml": f'<w:styles xmlns:w="{WORD}">{styles}</w:styles>',
        }
    )


def test_a_word_document_leaves_out_contents_notes_and_what_was_deleted(read: Reader) -> None:
    styles = '<w:style w:styleId="Verzeichnis1"><w:name w:val="toc 1"/></w:style>'
    body = (
        '<w:p><w:pPr><w:pStyle w:val="Verzeichnis1"/></w:pPr><w:r><w:t>Erstes Kapitel 3</w:t></w:r></w:p>'
        '<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t xml:space="preserve">One </w:t></w:r>'
        "<w:del><w:r><w:delText>no </w:delText></w:r></w:del><w:ins><w:r><w:t>word</w:t></w:r></w:ins>"
        '<w:r><w:footnoteReference w:id="2"/></w:r><w:hyperlink><w:r><w:t>, linked</w:t></w:r></w:hyperlink></w:p>'
    )
    extracted = read("x.docx", by_hand(body, styles))
    assert text(extracted, Format.WORD) == "One word, linked\n"
    assert extracted.notes == ["Left out: 1 footnote, with the numbers in the text."]


def test_an_opendocument_keeps_the_same_and_leaves_out_the_same(read: Reader) -> None:
    extracted = read("x.odt", an_opendocument("The Tyger", [STANZA, "", "Two  blanks", PROSE], "a note"))
    assert text(extracted, Format.OPENDOCUMENT) == f"The Tyger\n\n{STANZA}\n\nTwo  blanks\n{PROSE}\n"
    assert extracted.notes == ["Left out: 1 footnote, with the numbers in the text."]


def test_rtf_keeps_lines_and_letters_beyond_ascii(read: Reader) -> None:
    source = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}}{\header A page header}{\info{\title A title}}\f0 "
        r"Tyger Tyger,\line burning{\super\chftn}{\footnote\chftn  a note} bright\par\par Zw\'f6lf \u8211? "
        r"\u-10179?\u-8704?\par {\field{\*\fldinst{HYPERLINK \"http://example.org\"}}{\fldrslt{a link}}}\par}"
    )
    extracted = read("x.rtf", source)
    assert text(extracted, Format.RTF) == "Tyger Tyger,\nburning bright\n\nZwölf – 😀\na link\n"
    assert extracted.notes == ["Left out: 1 footnote, with the numbers in the text."]


def test_a_book_is_its_chapters_in_their_order(read: Reader) -> None:
    one = f"<h1>One</h1><p>{PROSE}<a epub:type='noteref' href='#n'>1</a></p><aside epub:type='footnote'>Note</aside>"
    end = "<p>Caf&eacute;<sup><a href='#n2'>2</a></sup>, m<sup>2</sup></p>"
    two = f"<h1>Two</h1><p>{'<br/>'.join(VERSE)}</p><span class='pagenum'>[12]</span>{end}"
    contents = "<p>" + " ".join(f"<a href='c{n}'>Chapter {n}</a>" for n in range(6)) + "</p>"
    expected = f"One\n\n{PROSE}\n\n\nTwo\n\n{STANZA}\n\nCafé, m2\n"
    assert text(read("x.epub", a_book([contents, one, two])), Format.EPUB) == expected


def test_a_book_with_hidden_fonts_is_read_and_a_missing_chapter_is_named(read: Reader) -> None:
    entries = book_entries(["<p>One</p>", "<p>Two</p>"])
    entries["META-INF/encryption.xml"] = (
        '<encryption><EncryptionMethod Algorithm="http://www.idpf.org/2008/embedding"/></encryption>'
    )
    del entries["OEBPS/chapter 1.xhtml"]
    extracted = read("x.epub", zipped(entries))
    assert text(extracted, Format.EPUB) == "One\n"
    assert extracted.notes == ["Not there, though the book names them: 1 chapter."]


PAGE = f"""<!doctype html><html><head><title>A title</title><style>p {{}}</style></head><body>
<header>A site</header><nav><a href="/">Home</a></nav><script>alert(1)</script>
<h1>The
 Tyger</h1><p>{"<br>".join(VERSE)}</p><div>One</div><div>Two <b>three</b>, four</div>
<pre>  as  it
   is</pre><ul><li>x<li>y</ul><table><tr><td>1</td><td>2</td></tr></table>
<p hidden>Hidden</p><form>Search <input></form><footer>Imprint</footer></body></html>"""
SHOWN = f"The Tyger\n\n{STANZA}\n\nOne\nTwo three, four\n\n  as  it\n   is\n\nx\ny\n\n1\t2\n"


@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_web_page_is_what_it_shows_without_what_is_around_it(read: Reader, codec: str) -> None:
    assert text(read("x.txt", PAGE.encode(codec)), Format.HTML) == SHOWN


def test_a_web_page_says_its_encoding_and_has_one_main_part(read: Reader) -> None:
    page = '<html><meta charset="iso-8859-2"><body>Around<main><p>Łódź</p></main>Around</body></html>'
    assert text(read("x.html", page.encode("iso-8859-2")), Format.HTML) == "Łódź\n"


SRT = """1\r
00:00:01,000 --> 00:00:02,500\r
<i>Hello</i> there,\r
{\\an8}friend.\r
\r
2\r
00:00:03,000 --> 00:00:04,000\r
7 dwarfs\r
"""
VTT = """WEBVTT - A title

NOTE a note

intro
00:01.000 --> 00:02.000 align:start
<v Ann>Hello</v>

00:03.000 --> 00:04.000
Hello
you <00:03.500>there
"""


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [("x.srt", SRT, "Hello there,\nfriend.\n7 dwarfs\n"), ("x.txt", VTT, "Hello\nyou there\n")],
)
def test_subtitles_are_their_words_alone(read: Reader, name: str, source: str, words: str) -> None:
    assert text(read(name, source), Format.SUBTITLES) == words


IPHONE = """[31.12.20, 23:59:59] Ann: Happy
new year
[01.01.21, 00:00:01] Bob: \u200eimage omitted
[01.01.21, 00:00:01] Ann added Eve
[1.1.21, 0:01:00] Bob: You: too
"""
ANDROID = """12/31/20, 11:59 PM - Messages are end-to-end encrypted.
12/31/20, 11:59 PM - Ann: Happy new year
1/1/21, 12:01 AM - Bob: <Media omitted>
1/1/21, 12:01 AM - Bob: You: too
"""
TELEGRAM = json.dumps(
    {
        "name": "Ann",
        "messages": [
            {"type": "service", "from": "Ann", "text": "joined"},
            {"type": "message", "from": "Ann", "text": ["Happy ", {"type": "bold", "text": "new"}, " year"]},
            {"type": "message", "from": "Bob", "text": "You: too"},
        ],
    }
)


@pytest.mark.parametrize(
    "export", [IPHONE, ANDROID, TELEGRAM], ids=["WhatsApp, iPhone", "WhatsApp, Android", "Telegram"]
)
def test_a_chat_is_a_line_for_each_message(read: Reader, export: str) -> None:
    assert text(read("chat.txt", export), Format.CHAT) == "Ann: Happy new year\nBob: You: too\n"


TABLE = 'id;title;text\n1;One;"A long text; with\na line"\n2;Two;"And ""another"" one"\n'


def test_a_table_is_its_fullest_column_or_the_one_that_is_chosen(read: Reader) -> None:
    extracted = read("x.csv", TABLE)
    assert text(extracted, Format.TABLE) == 'A long text; with\na line\nAnd "another" one\n'
    assert (extracted.columns, extracted.column) == (["id", "title", "text"], 2)
    assert text(read("x.csv", TABLE, 1), Format.TABLE) == "One\nTwo\n"


def test_a_table_without_names_has_numbered_columns(read: Reader) -> None:
    extracted = read("x.tsv", "1\tone word\n2\tanother word\n")
    assert text(extracted, Format.TABLE) == "one word\nanother word\n"
    assert extracted.columns == ["column 1", "column 2"]


@pytest.mark.parametrize(
    "source",
    [
        "One comma, here\nOne comma, there\n",
        "At 10:30 he came.\nHe went -->\n",
        "<p>One</p>\n<p>Two</p>\n",
        "%PDF-1.4 is how a PDF begins.\n",
        '{"messages": "a poem"}\n',
        "PK is not a ZIP archive.\n",
        "He said: 12:30.\n[1] A list\n[2] of notes\n",
    ],
)
def test_what_is_no_other_format_is_plain_text_as_it_is(read: Reader, source: str) -> None:
    assert text(read("x.txt", source), Format.TEXT) == source


def test_an_archive_is_the_files_in_it_and_bad_ones_are_named(tmp_path: Path) -> None:
    inner = zipped({"deep.txt": "# Deep\n"})
    entries: dict[str, str | bytes] = {
        "poems/one.txt": PROSE,
        "poems/two.docx": a_word_document("Two", [PROSE]),
        "__MACOSX/poems/._one.txt": "\x00\x05\x16",
        ".DS_Store": "x",
        "picture.png": b"\x89PNG\r\n\x1a\n" + bytes(40),
        "inner.zip": inner,
    }
    found = documents(tmp_path, "all.zip", zipped(entries))
    texts = {one.name: one.extracted.decoded.text for one in found if isinstance(one, Found)}
    assert texts == {"poems/one.txt": PROSE, "poems/two.docx": f"Two\n\n{PROSE}\n", "deep.txt": "# Deep\n"}
    assert [(one.name, one.why[:21]) for one in found if isinstance(one, Refused)] == [
        ("picture.png", "This is a PNG picture")
    ]


# PDFs --------------------------------------------------------------------------------------------

WRAPPED = [
    "The river was quiet that morning and nobody spoke of it until",
    "the boats came round the bend. We saw their lanterns and the",
    "sails of the well-known ship, which was the most won-",
    "derful of them all.",
]
JOINED = (
    "The river was quiet that morning and nobody spoke of it until the boats came round the bend. We saw their "
    "lanterns and the sails of the well-known ship, which was the most wonderful of them all."
)


def lines(top: float, texts: list[str], left: float = 72, indent: float = 0) -> list[tuple[float, float, float, str]]:
    return [(left + indent * (n == 0), top - 14 * n, 12, words) for n, words in enumerate(texts)]


def test_a_pdf_has_paragraphs_verse_and_headings_and_no_page_headers_numbers_or_notes(read: Reader) -> None:
    def page(number: int) -> list[tuple[float, float, float, str]]:
        body = [(72.0, 740.0, 18.0, f"Chapter {'ABC'[number]}"), *lines(700, WRAPPED), *lines(630, VERSE)]
        more = lines(560, [f"It was day {number}.", *WRAPPED[:1]], indent=18)
        note = [(176.0, 564.0, 7.0, "1"), (72.0, 60.0, 8.0, f"1 A note on {'ABC'[number] * 3}.")]
        return [(72, 800, 9, "The Long River"), *body, *more[:1], *note, (290, 20, 9, f"– {number + 7} –")]

    extracted = read("x.pdf", a_pdf([page(number) for number in range(3)]))
    pages = [f"Chapter {name}\n\n{JOINED}\n\n{STANZA}\n\nIt was day {n}." for n, name in enumerate("ABC")]
    assert text(extracted, Format.PDF) == "\n\n".join(pages) + "\n"
    assert extracted.notes == ["Left out: the notes at the foot of 3 pages, with their numbers in the text."]


def test_a_paragraph_of_a_pdf_goes_on_over_the_page(read: Reader) -> None:
    pages = [lines(100, WRAPPED[:2]), lines(760, WRAPPED[2:])]
    assert text(read("x.pdf", a_pdf(pages)), Format.PDF) == JOINED + "\n"


def test_a_ragged_paragraph_of_a_pdf_beside_wider_lines_is_one_paragraph(read: Reader) -> None:
    ragged = ["The boats came round the bend, and their lanterns were still", "burning, so that we saw them."]
    page = [*lines(760, ["A listing of a program that is wider than the text " + "=" * 20]), *lines(700, ragged)]
    expected = f"{page[0][3]}\n\n{' '.join(ragged)}\n"
    assert text(read("x.pdf", a_pdf([page])), Format.PDF) == expected


def test_indents_make_paragraphs_of_a_pdf(read: Reader) -> None:
    page = [*lines(700, WRAPPED, indent=18), *lines(700 - 4 * 14, WRAPPED, indent=18)]
    assert text(read("x.pdf", a_pdf([page])), Format.PDF) == f"{JOINED}\n{JOINED}\n"


def test_a_table_of_contents_of_a_pdf_is_left_out(read: Reader) -> None:
    contents = [f"{name} {'.' * 30} {n}" for n, name in enumerate(("One", "Two", "Three"), 5)]
    assert text(read("x.pdf", a_pdf([lines(700, contents), lines(700, WRAPPED)])), Format.PDF) == JOINED + "\n"


def test_pages_of_a_pdf_without_text_are_counted(read: Reader) -> None:
    extracted = read("x.pdf", a_pdf([lines(700, WRAPPED), []]))
    assert extracted.notes == ["No text is on 1 of its 2 pages: they may be empty, or pictures."]
