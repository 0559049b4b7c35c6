"""The copied runs of a passage: pieces of it that also stand in the text that its model was trained on.

`Passage.copied` is {"spans": [[start, length, document, at], …], "new": share of the characters that are not copied}.
All places are in code points, and `document` is an index of `Study.all_documents`. It is null when the passage was not
compared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from webapp.doctor import graphemes
from webapp.passages.models import Passage

_QUOTED = 60  # characters of the longest run
_LEAST = 20  # characters of a run; the rest of a run beside a longer one may be shorter
_UNSEEN = re.compile(r"[\n\t]|[^\S\n\t](?=\s|\Z)|(?<![^\s])[^\S\n\t]")
_SIGNS = {"\n": "⏎", "\t": "⇥"}


class Index(Protocol):
    """What finds the copied runs of a text. Workers have the trainer's index, which the web process may not import."""

    def copied(self, text: str, /) -> Sequence[tuple[int, int, int, int]]:
        """Return for each run its start and length in the text, its document, and its place there."""


@dataclass(frozen=True)
class Copied:
    """A piece of a passage that also stands in a text of its model. Places are code points, from 0."""

    start: int
    text: str
    name: str  # of the document
    at: int  # where it stands in the document
    address: str  # of the page that shows it there

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def place(self) -> str:
        """The place in the document, counted from 1, as people do."""
        return _("{name}, at character {number}").format(name=self.name, number=f"{self.at + 1:,}")


def compare(index: Index, text: str) -> dict[str, Any]:
    """Compare a passage's text with the texts of its model. Return the value of `Passage.copied`.

    A run that consists of blanks alone does not count as copied.
    """
    found = [list(span) for span in index.copied(text) if text[span[0] : span[0] + span[1]].strip()]
    copied = sum(length for _, length, *_ in found)
    return {"spans": found, "new": round(1 - copied / max(1, len(text)), 6)}


def spans(passage: Passage) -> list[Copied]:
    """Return the copied pieces of a passage, in order. A passage that was not compared has none."""
    return [_named(passage, *span) for span in (passage.copied or {"spans": []})["spans"]]


def _named(passage: Passage, start: int, length: int, document: int, at: int) -> Copied:
    page = reverse("studies:source", args=[passage.study_id, document])
    name = passage.study.all_documents[document]["name"]
    return Copied(start, passage.text[start : start + length], name, at, f"{page}?at={at}&length={length}#place")


def longest(passage: Passage) -> Copied | None:
    """Return the longest copied piece, and the first one of equal length."""
    return max(spans(passage), key=lambda span: len(span.text), default=None)


def sentence(passage: Passage) -> str:
    """Return a sentence that says how much of a passage is new, and quotes the longest copied run."""
    pattern, words, named = _sentence(passage)
    return pattern.format(**words, where=f" ({named.place})" if named else "")


def html_sentence(passage: Passage, public: bool = False) -> str:
    """Return the sentence as HTML, with a link to the place of the longest run, unless the page is `public`."""
    pattern, words, named = _sentence(passage)
    where = format_html(' (<a href="{}">{}</a>)', named.address, named.place) if named and not public else ""
    return format_html(pattern, **words, where=where)


def _sentence(passage: Passage) -> tuple[str, dict[str, Any], Copied | None]:
    """Return a pattern, the words that go into it, and the run that it names."""
    found, named = spans(passage), longest(passage)
    if passage.copied is None:
        return _not_compared(passage), {}, None
    if named is None:
        return _("Nothing of 20 characters or more in it stands in the text that was learned."), {}, None
    pattern = _pattern(len(found)) if len(named.text) >= _LEAST else _pattern_of_rests(len(found))
    words = {"share": _percent(passage.copied["new"]), "count": len(found), "length": f"{len(named.text):,}"}
    return pattern, words | {"quote": _quote(named)}, named


def _pattern(runs: int) -> str:
    return ngettext(
        "{share} of it is new. One run of 20 characters or more stands in the text that was learned. "
        "It has {length} characters: “{quote}”{where}.",
        "{share} of it is new. {count} runs of 20 characters or more stand in the text that was learned. "
        "The longest has {length} characters: “{quote}”{where}.",
        runs,
    )


def _pattern_of_rests(runs: int) -> str:
    """Return the pattern where the longest run has only blanks and is not marked: the marks are rests beside it."""
    return ngettext(
        "{share} of it is new. One run of 20 characters or more stands in the text that was learned, with blanks that "
        "are not marked. What is marked is “{quote}”{where}.",
        "{share} of it is new. {count} runs of 20 characters or more stand in the text that was learned, with blanks "
        "that are not marked. The longest mark is “{quote}”{where}.",
        runs,
    )


def _not_compared(passage: Passage) -> str:
    if passage.is_being_written:
        return _("Once it is written, it is compared with the text that was learned.")
    if not passage.study.all_documents:
        return _("It can’t be compared with the text that was learned: the model was uploaded without it.")
    return _("It has not been compared with the text that was learned.")


def _percent(share: float) -> str:
    """Round a share. Only exactly 0 and 1 become 0 % and 100 %, so that small parts are not rounded away."""
    percent = round(100 * share)
    return f"{percent if share in (0, 1) else min(99, max(1, percent))} %"


def _quote(span: Copied) -> str:
    cut = graphemes.cut(span.text, _QUOTED - 1) if len(span.text) > _QUOTED else len(span.text)
    return visible(span.text[:cut]) + "…" * (cut < len(span.text))


def visible(text: str) -> str:
    """Return a run with a sign for each line end, tab and blank that a reader could miss: as many characters as it has.

    A blank between two words stays a blank.
    """
    return _UNSEEN.sub(lambda found: _SIGNS.get(found[0], "␣"), text)
