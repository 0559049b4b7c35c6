"""The search for passages: each word of the query has to stand in a passage or its title, in either case.

A pattern spells both cases of every letter out. So SQLite, PostgreSQL in any locale, and Python, which marks what
was found, find the same.
"""

import re
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Concat

from webapp.passages.models import Passage
from webapp.studies.models import Study

Pieces = list[tuple[str, bool]]  # a text in pieces, each with whether it is what was searched for

LONGEST = 100  # characters that may be searched for
_BEFORE, _AFTER = 60, 160  # characters that an excerpt shows around its first find


@dataclass(frozen=True)
class Search:
    """What to look for; all that is left open narrows nothing."""

    query: str = ""
    starred: bool = False
    study: Study | None = None

    @property
    def is_narrow(self) -> bool:
        return bool(self.query or self.starred or self.study)

    @cached_property
    def _patterns(self) -> list[str]:
        return ["".join(map(_either_case, word)) for word in self.query.split()]

    def among(self, passages: QuerySet[Passage]) -> QuerySet[Passage]:
        """Return those that are meant; where words are, each has its opening and its text as `whole`."""
        if self.starred:
            passages = passages.filter(starred=True)
        if self.study:
            passages = passages.filter(study=self.study)
        if self._patterns:
            opening = Coalesce("opening__text", Value(""), output_field=TextField())
            passages = passages.annotate(whole=Concat(opening, "text", output_field=TextField()))
        for pattern in self._patterns:
            passages = passages.filter(Q(title__regex=pattern) | Q(whole__regex=pattern))
        return passages

    def marked(self, text: str) -> Pieces:
        """Cut a text where what was searched for begins and ends."""
        if not self._patterns:
            return [(text, False)]
        pieces = re.split(f"({'|'.join(self._patterns)})", text)
        return [(piece, bool(number % 2)) for number, piece in enumerate(pieces) if piece]

    def excerpt(self, text: str) -> Pieces:
        """Return the place of the first find in one line, marked; nothing where nothing is found."""
        found = re.search("|".join(self._patterns), text) if self._patterns else None
        return self.marked(_around(text, found.start(), found.end())) if found else []


def _either_case(letter: str) -> str:
    """Return a pattern for a letter as it is, as a capital and as a small one (which may be two: ß and SS)."""
    spellings = sorted({letter, letter.lower(), letter.upper()})
    return re.escape(letter) if len(spellings) == 1 else f"(?:{'|'.join(map(re.escape, spellings))})"


def _around(text: str, start: int, end: int) -> str:
    """Return text[start:end] with some words before and after it; its blanks and line ends become one blank each."""
    before, after = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
    if start > _BEFORE:
        before = "…" + re.sub(r"\A\S*\s", "", before)  # not from the middle of a word
    if end + _AFTER < len(text):
        after = re.sub(r"\s\S*\Z", "", after) + " …"
    return " ".join((before + text[start:end] + after).split())
