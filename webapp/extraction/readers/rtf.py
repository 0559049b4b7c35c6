"""The reader of RTF documents, by striprtf."""

import codecs
import re

from striprtf.striprtf import font_table_group, rtf_to_text

from webapp.extraction.extracted import Extracted, Format, TextProblem, read_as
from webapp.extraction.paragraphs import Paragraph, joined, left_out

# striprtf writes the address of a link into the text. Without this word, only the text of the link is left.
_LINK = re.compile(r"\bHYPERLINK\b")
_SURROGATES = re.compile("[\ud800-\udbff][\udc00-\udfff]")
# Cells and rows of tables get the line ends of paragraphs; striprtf makes bars of them.
_CELL_END, _ROW_END = re.compile(r"(?<!\\)\\(?:nest)?cell(?![a-z])"), re.compile(r"(?<!\\)\\(?:nest)?row(?![a-z]) ?")
# Numbers and signs of lists, which the program has made, and deletions of tracked changes: striprtf leaves out a group
# with a star.
_UNREAD = re.compile(r"(?<!\\)\\(?:listtext|deleted(?!0))(?![a-z])")
_CODE_PAGE = re.compile(r"\\ansicpg(\d{1,5})")
_MACS = {
    "10000": "mac_roman",
    "10006": "mac_greek",
    "10007": "mac_cyrillic",
    "10029": "mac_latin2",
    "10081": "mac_turkish",
}
_FONT = re.compile(r"(\\f\d+)(?![a-z\d])")
_FOOTNOTE = re.compile(r"\\footnote\b")
_FOOTNOTE_NUMBER = re.compile(r"\{?\\chftn\b ?\}?")


def read(data: bytes) -> Extracted:
    """Return the text of a document: its paragraphs and line breaks.

    Left out: headers, footers, footnotes and their numbers, pictures, numbers of lists, deletions of tracked changes.
    Raises TextProblem if it can't be read.
    """
    source = _FOOTNOTE_NUMBER.sub("", data.decode("latin-1"))
    source = _ROW_END.sub("{}", _CELL_END.sub(r"\\par", _UNREAD.sub(r"\\*\g<0>", source)))
    encoding, source = _encoding(source), _CODE_PAGE.sub("", _with_character_sets(source))
    try:
        text = str(rtf_to_text(_LINK.sub("", source), encoding, "replace"))  # type: ignore[no-untyped-call]  # has no types
    except (ValueError, LookupError, IndexError, TypeError, OverflowError) as error:
        raise TextProblem(
            "The RTF document is damaged: open it in the program that made it, save it again, and use that file."
        ) from error
    text = _SURROGATES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    notes = len(_FOOTNOTE.findall(source))
    return read_as(Format.RTF, joined(map(Paragraph, text.split("\n"))), left_out(notes))


def _encoding(source: str) -> str:
    """Return the encoding of letters whose font names none, as the document says it."""
    said = _CODE_PAGE.search(source)
    codec = _MACS.get(said[1], f"cp{said[1]}") if said else "cp1252"
    try:
        return codecs.lookup(codec).name
    except LookupError:
        return "cp1252"


def _with_character_sets(source: str) -> str:
    """Return a document whose fonts all have a character set: striprtf takes that of the next font for one without."""
    table = font_table_group(source)  # type: ignore[no-untyped-call]  # has no types
    first, *fonts = _FONT.split(table)
    whole = [
        font + ("" if r"\fcharset" in about else r"\fcharset1") + about
        for font, about in zip(fonts[::2], fonts[1::2], strict=True)
    ]
    return source.replace(table, first + "".join(whole), 1) if table else source
