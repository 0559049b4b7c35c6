"""Paragraphs of a document, put together to a text."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from trainer.contract.wording import counted

Part = TypeVar("Part")

_BLANK_LINES = re.compile(r"\n{4,}")
# A line of a table of contents ends in its page, after a tab, dots or several blanks.
_CONTENTS_LINE = re.compile(r"\S.*(?:\t|\.{3,}|(?:\. ){3,}|…+| {3,})[ .\t]*(?P<page>\d{1,4}|[ivxlc]{1,7})\s*")
_CONTENTS_LINES = 3  # in a row, at least


@dataclass(frozen=True)
class Paragraph:
    """A paragraph, which may have several lines; or a heading, which has an empty line before and after it."""

    text: str
    is_heading: bool = False


def joined(paragraphs: Iterable[Paragraph]) -> str:
    """Return a text with a paragraph on each line, as it was typed: an empty paragraph is an empty line."""
    lines: list[str] = []
    after_heading = False
    for paragraph in without_contents(paragraphs, lambda paragraph: paragraph.text):
        text = "\n".join(line.rstrip() for line in paragraph.text.split("\n"))
        apart = (paragraph.is_heading and lines) or after_heading
        if apart and text and lines[-1]:
            lines.append("")
        lines.append(text)
        after_heading = paragraph.is_heading
    return tidy("\n".join(lines))


def left_out(notes: int) -> str:
    """Return the sentence about notes that were left out; an empty one if there are none."""
    return f"Left out: {counted(notes, 'footnote')}, with the numbers in the text." if notes else ""


def tidy(text: str) -> str:
    """Return a text that begins and ends with its words, with at most two empty lines in a row."""
    text = _BLANK_LINES.sub("\n\n\n", text).strip("\n")
    return f"{text}\n" if text else ""


def without_contents(parts: Iterable[Part], text: Callable[[Part], str]) -> Iterator[Part]:
    """Leave out tables of contents: three or more lines in a row that end in a number after a tab or dots.

    These numbers rise, as pages do, or are equal. `text` says the line that a part is.
    """
    run: list[Part] = []
    pages: list[str] = []
    for part in parts:
        if found := _CONTENTS_LINE.fullmatch(text(part)):
            run.append(part)
            pages.append(found["page"])
            continue
        yield from () if _are_contents(pages) else run
        run, pages = [], []
        yield part
    yield from () if _are_contents(pages) else run


def _are_contents(pages: Sequence[str]) -> bool:
    numbers = [int(page) for page in pages if page.isdecimal()]
    return len(pages) >= _CONTENTS_LINES and numbers == sorted(numbers)
