"""The findings about units in words: what each follows, how strongly, and its example in colours."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from webapp.inside.models import Look
from webapp.studies.models import Study

_BREAKS = 2  # line breaks in a row in an example, at most
_SHADES = 5  # of colour on each side of 0

#: what a unit does that follows a feature
_FOLLOWS = {
    "inside_quotes": gettext_lazy("knows when it is inside quotation marks"),
    "inside_brackets": gettext_lazy("knows when it is inside brackets"),
    "line_position": gettext_lazy("knows how much of the line has passed"),
    "since_line_break": gettext_lazy("counts the line"),
    "word_position": gettext_lazy("counts the letters of a word"),
    "inside_word": gettext_lazy("knows words from what is between them"),
    "capital": gettext_lazy("sees capitals"),
    "digit": gettext_lazy("sees digits"),
    "after_speaker": gettext_lazy("knows that somebody has just begun to speak"),
    "blank_line": gettext_lazy("sees blank lines"),
    "heading": gettext_lazy("knows headings"),
    "rhyme": gettext_lazy("knows the word that rhymes, at the end of a verse"),
}


@dataclass(frozen=True)
class Finding:
    """One unit and what it follows. Layer and unit are counted from 0."""

    layer: int
    unit: int
    does: str
    r: float
    example: list[tuple[str, str]]  # symbols, each with the name of its colour

    @property
    def sentence(self) -> str:
        """What it does, as in "unit 37 of layer 2 counts the line"."""
        return _("unit %(unit)s of layer %(layer)s %(does)s") % {
            "unit": self.unit + 1,
            "layer": self.layer + 1,
            "does": self.does,
        }

    @property
    def query(self) -> str:
        """The query with which the page that holds units shows this one."""
        return f"?layer={self.layer + 1}&unit={self.unit + 1}"

    @property
    def figure(self) -> str:
        return f"{self.r:+.2f}".replace("-", "−")


def findings(look: Look) -> list[Finding]:
    """Return the findings of a look at units, the strongest first."""
    return [_finding(look.study, found) for found in (look.result or {}).get("units", [])]


def _finding(study: Study, found: dict[str, Any]) -> Finding:
    example = found["example"]
    return Finding(
        layer=found["layer"],
        unit=found["unit"],
        does=_does(study, found),
        r=found["strength"] if found["positive"] else -found["strength"],
        example=list(_without_gaps(zip(example["symbols"], map(shade, example["values"]), strict=True))),
    )


def _without_gaps(example: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield an example with one blank line at most where it has several, so that it takes little room."""
    breaks = 0
    for symbol, colour in example:
        is_break = not symbol.strip("\n")
        kept = symbol[: max(0, _BREAKS - breaks)] if is_break else symbol
        breaks = breaks + len(symbol) if is_break else 0
        if kept:
            yield kept, colour


def _does(study: Study, found: dict[str, Any]) -> str:
    number = found.get("document")
    if found["feature"] == "document" and number is not None and number < len(study.documents):
        return _("knows that it reads “%(name)s”") % {"name": study.documents[number]["name"]}
    return str(_FOLLOWS.get(found["feature"], found["feature"].replace("_", " ")))


def shade(value: float) -> str:
    """Return the name of the colour of a value from −1 to 1: "low-3" … "zero" … "high-5"."""
    step = round(min(1.0, abs(value)) * _SHADES)
    if not step:
        return "zero"
    return f"{'high' if value > 0 else 'low'}-{step}"
