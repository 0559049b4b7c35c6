"""The conversion of plain text to Markdown (CommonMark) that looks the same: no sign is markup, and lines stay."""

import re

from trainer.contract.blanks import UNSEEN

_BLANK_LINES = re.compile(f"(?:\\A|\n)(?:[{UNSEEN}]*\n)+")
_MARKS = re.compile(r"[\\`*_\[\]<>&~|$#]")
_MARKS_AT_START = re.compile(r"\A(\d*)([-+=:.)])")  # of list items, also numbered ones, and of lines under a heading


def paragraphs(text: str) -> str:
    """Return a text's paragraphs. Line breaks and indents are kept."""
    found = [part.split("\n") for part in _BLANK_LINES.split(text.rstrip()) if part]
    return "\n\n".join("\\\n".join(map(_line, lines)) for lines in found)


def _line(line: str) -> str:
    text = line.lstrip(" \t")
    indent = line[: len(line) - len(text)].expandtabs(4)
    return "&nbsp;" * len(indent) + escaped(text.rstrip())


def escaped(line: str) -> str:
    """Return a line in which no sign has a meaning in Markdown."""
    return _MARKS_AT_START.sub(r"\1\\\2", _MARKS.sub(r"\\\g<0>", line))


def quoted(markdown: str) -> str:
    """Return paragraphs as a quotation."""
    return "\n".join(f"> {line}".rstrip() for line in markdown.split("\n")) if markdown else ""
