"""The search for passages. Each word of the query has to stand in a passage or its title, in upper or lower case.

The patterns list both cases of every letter. So SQLite, PostgreSQL in any locale, and Python, which marks the matches
on the page, all find the same.
"""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Coalesce, Concat

from webapp.passages.models import Passage
from webapp.studies.models import Study

Pieces = list[tuple[str, bool]]  # a text in pieces, each with whether it is a match

_BEFORE, _AFTER = 60, 160  # characters that an excerpt shows before and after the first match


@dataclass(frozen=True)
class Search:
    """The conditions of a search. Empty ones exclude nothing."""

    LONGEST: ClassVar[int] = 100  # characters of a query

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
        """Return the passages that match. With a query, each has its opening and its text together as `whole`."""
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
        """Cut a text into matches and the pieces between them."""
        if not self._patterns:
            return [(text, False)]
        pieces = re.split(f"({'|'.join(self._patterns)})", text)
        return [(piece, bool(number % 2)) for number, piece in enumerate(pieces) if piece]

    def excerpt(self, text: str) -> Pieces:
        """Return one line around the first match, cut into pieces; an empty list when nothing matches."""
        found = re.search("|".join(self._patterns), text) if self._patterns else None
        return self.marked(_around(text, found.start(), found.end())) if found else []


def _either_case(letter: str) -> str:
    """Return a pattern that matches a letter as it is, in upper case (where ß is SS) and in lower case."""
    spellings = sorted({letter, letter.lower(), letter.upper()})
    return re.escape(letter) if len(spellings) == 1 else f"(?:{'|'.join(map(re.escape, spellings))})"


def _around(text: str, start: int, end: int) -> str:
    """Return text[start:end] with some words before and after it, on one line with single blanks."""
    before, after = text[max(0, start - _BEFORE) : start], text[end : end + _AFTER]
    if start > _BEFORE:
        before = "…" + re.sub(r"\A\S*\s", "", before)  # not from the middle of a word
    if end + _AFTER < len(text):
        after = re.sub(r"\s\S*\Z", "", after) + " …"
    return " ".join((before + text[start:end] + after).split())
