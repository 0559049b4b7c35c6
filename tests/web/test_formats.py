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


def test_a_sign_that_was_chosen_for_a_note_does_not_stay(read: Reader) -> None:
    note = '<w:footnoteReference w:customMarkFollows="1" w:id="1"/><w:t>*</w:t>'
    body = f"<w:p><w:r><w:t>One</w:t></w:r><w:r>{note}</w:r><w:r><w:t>, two*</w:t></w:r></w:p>"
    assert text(read("x.docx", by_hand(body)), Format.WORD) == "One, two*\n"


def test_a_deleted_paragraph_of_a_word_document_leaves_nothing(read: Reader) -> None:
    def paragraph(text: str, end: str = "") -> str:
        return f"<w:p><w:pPr><w:rPr>{end}</w:rPr></w:pPr>{text}</w:p>"

    gone = "<w:del><w:r><w:delText>Gone</w:delText></w:r></w:del>"
    said = [
        "<w:r><w:t xml:space='preserve'>It goes </w:t></w:r>",
        "<w:r><w:t>on.</w:t></w:r>",
        "<w:r><w:t>End</w:t></w:r>",
    ]
    body = [
        paragraph(gone, "<w:del/>"),
        paragraph(said[0], "<w:del/>"),
        paragraph(said[1]),
        paragraph(said[2], "<w:del/>"),
    ]
    assert text(read("x.docx", by_hand("".join(body))), Format.WORD) == "It goes on.\nEnd\n"


def test_lines_that_end_in_numbers_are_contents_only_if_these_rise(read: Reader) -> None:
    contents, results = ["One\t3", "Two\t9", "Three\t12"], ["Ann\t12", "Bob\t7", "Eve\t9"]
    data = a_word_document("Results", [*contents, PROSE, *results])
    assert text(read("x.docx", data), Format.WORD) == "\n".join(["Results", "", PROSE, *results, ""])


def test_an_opendocument_keeps_the_same_and_leaves_out_the_same(read: Reader) -> None:
    extracted = read("x.odt", an_opendocument("The Tyger", [STANZA, "", "Two  blanks", PROSE], "a note"))
    assert text(extracted, Format.OPENDOCUMENT) == f"The Tyger\n\n{STANZA}\n\nTwo  blanks\n{PROSE}\n"
    assert extracted.notes == ["Left out: 1 footnote, with the numbers in the text."]


def test_an_opendocument_has_no_lists_of_tables_and_no_words_about_pictures(read: Reader) -> None:
    names = {
        name: f"urn:oasis:names:tc:opendocument:xmlns:{name}:1.0" for name in ("office", "text", "table", "drawing")
    }
    spaces = " ".join(f'xmlns:{name}="{address}"' for name, address in names.items())
    body = (
        "<text:table-index><text:index-body><text:p>Table 1<text:tab/>4</text:p></text:index-body></text:table-index>"
        "<text:p>Before<drawing:frame><drawing:image/><svg:title>A boat</svg:title><svg:desc>It sinks</svg:desc>"
        "</drawing:frame> after.<office:annotation><text:p>A comment</text:p></office:annotation></text:p>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        "<table:table-cell><text:p>b</text:p></table:table-cell></table:table-row></table:table>"
        "<text:bibliography><text:p>Doe 2020</text:p></text:bibliography>"
    )
    content = (
        f'<office:document-content {spaces} xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0">'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    data = zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": content})
    assert text(read("x.odt", data), Format.OPENDOCUMENT) == "Before after.\na\nb\n"


def test_rtf_keeps_lines_and_letters_beyond_ascii(read: Reader) -> None:
    source = (
        r"{\rtf1\ansi\ansicpg1252\deff0{\fonttbl{\f0 Times;}}{\header A page header}{\info{\title A title}}\f0 "
        r"Tyger Tyger,\line burning{\super\chftn}{\footnote\chftn  a note} bright\par\par Zw\'f6lf \u8211? "
        r"\u-10179?\u-8704?\par {\field{\*\fldinst{HYPERLINK \"http://example.org\"}}{\fldrslt{a link}}}\par}"
    )
    extracted = read("x.rtf", source)
    assert text(extracted, Format.RTF) == "Tyger Tyger,\nburning bright\n\nZwölf – 😀\na link\n"
    assert extracted.notes == ["Left out: 1 footnote, with the numbers in the text."]


def test_rtf_has_a_line_for_each_cell_and_no_numbers_of_lists_or_deletions(read: Reader) -> None:
    source = (
        r"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 Times;}}\f0 "
        r"{\listtext\pard\plain\f3 \'b7\tab}One{\deleted\revauthdel1  gone}, two\par "
        r"\trowd\cellx1000\cellx2000\pard\intbl a\cell b 1\cell\row\trowd\cellx1000\pard\intbl c{\deleted0 d}\cell\row "
        r"\pard \'cf\'f0\'e8\'e2\'e5\'f2 \\cell {\*\bkmkstart x}\'97 \{ok\}\par}"
    )
    assert text(read("x.rtf", source), Format.RTF) == "One, two\na\nb 1\ncd\nПривет \\cell — {ok}\n"


@pytest.mark.parametrize(
    ("page", "fonts", "words", "expected"),
    [
        ("1252", r"{\f0 Times;}{\f1\fcharset204 Times Cyr;}", r"\f0 caf\'e9 \f1 \'cf\'f0", "café Пр"),
        ("1251", r"\f0\fnil\fcharset1 Times;", r"\f0 \'cf\'f0", "Пр"),
        ("1250", r"{\f0{\*\falt x}Times;}", r"\'b3", "ł"),
        ("10000", r"{\f0 Times;}", r"\f0 caf\'8e", "café"),
        ("99999", "", r"caf\'e9", "café"),
    ],
    ids=["the next font's", "the default", "no font", "a Mac's", "an unknown code page"],
)
def test_letters_of_rtf_are_in_the_encoding_of_their_font_or_document(
    read: Reader, page: str, fonts: str, words: str, expected: str
) -> None:
    source = rf"{{\rtf1\ansi\ansicpg{page}{{\fonttbl{fonts}}}{words}\par}}"
    assert text(read("x.rtf", source), Format.RTF) == f"{expected}\n"


def test_a_book_is_its_chapters_in_their_order(read: Reader) -> None:
    one = f"<h1>One</h1><p>{PROSE}<a epub:type='noteref' href='#n'>1</a></p><aside epub:type='footnote'>Note</aside>"
    end = "<p>Caf&eacute;<sup><a href='#n2'>2</a></sup>, m<sup>2</sup></p>"
    two = f"<h1>Two</h1><p>{'<br/>'.join(VERSE)}</p><span class='pagenum'>[12]</span>{end}"
    contents = "<p>" + " ".join(f"<a href='c{n}'>Chapter {n}</a>" for n in range(6)) + "</p>"
    expected = f"One\n\n{PROSE}\n\n\nTwo\n\n{STANZA}\n\nCafé, m2\n"
    assert text(read("x.epub", a_book([contents, one, two])), Format.EPUB) == expected


def test_notes_and_marks_of_pages_of_a_book_do_not_stay(read: Reader) -> None:
    body = (
        "<p>One<span epub:type='pagebreak' id='p2' title='2'/> two<a id='here'/> three"
        "<a class='fnanchor' href='#f1'>[1]</a> four<a href='notes.xhtml#n2'>[2]</a>, <a href='#five'>five</a>.</p>"
        "<div class='pagebreak'/><p>Six</p><div class='footnote'><p><a href='#f1'>[1]</a> A note</p></div>"
        "<script src='x.js'/><p>Seven</p>"
    )
    entries = book_entries([body])
    entries["OEBPS/chapter 0.xhtml"] = entries["OEBPS/chapter 0.xhtml"].replace("<title>A book</title>", "<title/>")
    assert text(read("x.epub", zipped(entries)), Format.EPUB) == "One two three four, five.\n\nSix\n\nSeven\n"


def test_a_chapter_may_say_another_encoding(read: Reader) -> None:
    entries: dict[str, str | bytes] = {**book_entries(["<p>Привет</p>"])}
    page = str(entries["OEBPS/chapter 0.xhtml"]).replace("utf-8", "windows-1251")
    entries["OEBPS/chapter 0.xhtml"] = page.encode("cp1251")
    assert text(read("x.epub", zipped(entries)), Format.EPUB) == "Привет\n"


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


def test_a_page_that_says_utf_16_byte_for_byte_is_in_another_encoding(read: Reader) -> None:
    page = '<?xml version="1.0" encoding="utf-16"?><html><body><p>Zwölf</p></body></html>'
    for data in (page.encode(), page.encode() + b" "):
        assert text(read("x.html", data), Format.HTML) == "Zwölf\n"
    entries = book_entries(["<p>Zwölf</p>"])
    entries["OEBPS/chapter 0.xhtml"] = entries["OEBPS/chapter 0.xhtml"].replace('"utf-8"', '"utf-16"')
    assert text(read("x.epub", zipped(entries)), Format.EPUB) == "Zwölf\n"


def test_a_form_around_a_whole_page_is_the_page(read: Reader) -> None:
    page = (
        "<html><body><form id='aspnetForm'><input value='x'><p>One<a href='#cite'>[1]</a></p><p style='color: red; "
        "display:none'>Hidden</p><button>Send</button><p>Two</p></form></body></html>"
    )
    assert text(read("x.html", page), Format.HTML) == "One\n\nTwo\n"


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

00:02.000 --> 00:04.000
Hello
you <00:03.500>there
"""


@pytest.mark.parametrize(
    ("name", "source", "words"),
    [("x.srt", SRT, "Hello there,\nfriend.\n7 dwarfs\n"), ("x.txt", VTT, "Hello\nyou there\n")],
)
def test_subtitles_are_their_words_alone(read: Reader, name: str, source: str, words: str) -> None:
    assert text(read(name, source), Format.SUBTITLES) == words


def test_words_that_are_said_twice_stand_twice_and_lines_that_stay_on_once(read: Reader) -> None:
    times = ["00:01,000 --> 00:02,000", "00:03,000 --> 00:04,000", "00:04,000 --> 01:05,500", "01:05,500 --> 01:06,000"]
    shown = ["No!\nNo!", "No!", "Yes.\nWell,", "Yes.\nWell,\nno."]
    cues = zip(times, shown, strict=True)
    source = "\n".join(f"{number}\n{time}\n{words}\n" for number, (time, words) in enumerate(cues, 1))
    assert text(read("x.srt", source), Format.SUBTITLES) == "No!\nNo!\nNo!\nYes.\nWell,\nno.\n"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("\ufeff1\n00:00:01,000 --> 00:00:02,000\n<font color='red'>Rock &amp; roll</font>\n", "Rock & roll\n"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n1 &lt; 2&#x21; <ruby>漢<rt>kan</rt></ruby>\n", "1 < 2! 漢\n"),
        (
            "WEBVTT\nKind: captions\n\nSTYLE\n::cue {\n}\n\n00:01.000 --> 00:02.000 align:start position:0%\n \n"
            "Hello<00:01.200><c> there</c>\n\nNOTE\nof two lines\n\n00:02.000 --> 00:03.000\nHello there\nfriend\n",
            "Hello there\nfriend\n",
        ),
    ],
    ids=["tags and a mark", "entities", "styles, notes and rolling captions"],
)
def test_signs_and_parts_that_players_do_not_show_are_no_words(read: Reader, source: str, words: str) -> None:
    assert text(read("x.srt", source), Format.SUBTITLES) == words


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


def test_a_table_may_say_its_separator_and_may_have_one_column(read: Reader) -> None:
    said = read("x.csv", "sep=;\r\nid;text\r\n1;One, two\r\n2;Three, four, five\r\n")
    assert (text(said, Format.TABLE), said.columns) == ("One, two\nThree, four, five\n", ["id", "text"])
    one = read("x.csv", 'text\n"He said ""no"", and left."\nHe came back.\n')
    assert (text(one, Format.TABLE), one.columns) == ('He said "no", and left.\nHe came back.\n', ["text"])


def test_commas_in_numbers_and_sentences_separate_nothing(read: Reader) -> None:
    assert text(read("x.csv", "1,5;2,5;Some words\n2,5;3,5;More words\n"), Format.TABLE) == "Some words\nMore words\n"


def test_a_sentence_is_no_name_of_a_column(read: Reader) -> None:
    long = "A sentence that is far longer than the name of any column would be"
    assert text(read("x.csv", f"Ann;{long}\nBob;And another one\n"), Format.TABLE) == f"{long}\nAnd another one\n"


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


def test_names_in_an_archive_that_are_utf_8_without_saying_so_are_read(tmp_path: Path) -> None:
    for name, shown in (("Brücke.txt", "Brücke.txt"), ("Привет/мир.txt", "Привет/мир.txt")):
        data = bytearray(zipped({name: PROSE}))
        for place in (data.find(b"PK\x03\x04") + 7, data.find(b"PK\x01\x02") + 9):
            data[place] &= ~0x08  # the flag that says UTF-8, in the entry and in the list
        assert [one.name for one in documents(tmp_path, "all.zip", bytes(data))] == [shown]


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
