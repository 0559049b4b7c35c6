"""The reader of RTF documents, by striprtf."""

import re

from striprtf.striprtf import rtf_to_text

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
_FOOTNOTE = re.compile(r"\\footnote\b")
_FOOTNOTE_NUMBER = re.compile(r"\{?\\chftn\b ?\}?")


def read(data: bytes) -> Extracted:
    """Return the text of a document: its paragraphs and line breaks.

    Left out: headers, footers, footnotes and their numbers, pictures, numbers of lists, deletions of tracked changes.
    Raises TextProblem if it can't be read.
    """
    source = _FOOTNOTE_NUMBER.sub("", data.decode("latin-1"))
    source = _ROW_END.sub("{}", _CELL_END.sub(r"\\par", _UNREAD.sub(r"\\*\g<0>", source)))
    try:
        text = str(rtf_to_text(_LINK.sub("", source), errors="replace"))  # type: ignore[no-untyped-call]  # has no types
    except (ValueError, LookupError, IndexError, TypeError, OverflowError) as error:
        raise TextProblem(
            "The RTF document is damaged: open it in the program that made it, save it again, and use that file."
        ) from error
    text = _SURROGATES.sub(lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text)
    notes = len(_FOOTNOTE.findall(source))
    return read_as(Format.RTF, joined(map(Paragraph, text.split("\n"))), left_out(notes))
