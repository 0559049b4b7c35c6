"""The treatments, in the order in which they are applied, and the choices of a person among them."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Self

from webapp.doctor import (
    blanks,
    compatibility,
    controls,
    decomposition,
    gutenberg,
    hyphens,
    invisible,
    lower_case,
    mojibake,
    page_marks,
    punctuation,
    rare,
    shared,
    wrapping,
)
from webapp.doctor.changes import Change, applied

VERSION = 5  # of the findings; it rises when a treatment finds something else


class Name(StrEnum):
    """The names of the treatments, as they are stored."""

    TWICE = "twice"
    CONTROLS = "controls"
    MOJIBAKE = "mojibake"
    INVISIBLE = "invisible"
    GUTENBERG = "gutenberg"
    SHARED = "shared"
    PAGES = "pages"
    HYPHENS = "hyphens"
    WRAPPING = "wrapping"
    COMPATIBILITY = "compatibility"
    QUOTES = "quotes"
    DASHES = "dashes"
    BLANKS = "blanks"
    LOWER = "lower"
    CHARACTERS = "characters"
    DECOMPOSITION = "decomposition"


@dataclass(frozen=True)
class Choices:
    """What is switched on, how single characters are to be written, and what is cut: shared lines and documents.

    shared: the digests of the lines.
    twice: for each document that is left out the one that stays in its place, by their SHA-256.
    off: those treatments that are on by themselves (STANDARD) and were switched off.
    """

    switches: frozenset[str] = frozenset()
    characters: Mapping[str, str] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()
    twice: Mapping[str, str] = field(default_factory=dict)
    off: frozenset[str] = frozenset()

    @property
    def on(self) -> frozenset[str]:
        """All treatments that are applied."""
        return (self.switches | STANDARD) - self.off

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return the choices that were kept as JSON. Names of treatments that there are no more are left out."""
        return cls(
            frozenset(kept.get("switches", ())) & frozenset(TREATMENTS),
            dict(kept.get("characters", {})),
            frozenset(kept.get("shared", ())),
            dict(kept.get("twice", {})),
            frozenset(kept.get("off", ())) & STANDARD,
        )

    def as_json(self) -> dict[str, Any]:
        """Return them as they are kept: in an order that is always the same; nothing for nothing."""
        found = {
            "switches": [name for name in TREATMENTS if name in self.switches],
            "characters": dict(sorted(self.characters.items())),
            "shared": sorted(self.shared),
            "twice": dict(sorted(self.twice.items())),
            "off": sorted(self.off),
        }
        return {name: value for name, value in found.items() if value}

    def __or__(self, other: "Choices") -> "Choices":
        """Return the choices of a document together with those of its corpus."""
        characters = {**other.characters, **self.characters}
        twice = {**other.twice, **self.twice}
        shared, off = self.shared | other.shared, self.off | other.off
        return Choices(self.switches | other.switches, characters, shared, twice, off)

    def changed_by(self, other: "Choices") -> frozenset[str]:
        """Return the treatments that are on or off otherwise where both choices hold, than by these alone."""
        return (self | other).on ^ self.on


#: on without being asked for: no text is meant to have what they remove
STANDARD = frozenset({Name.CONTROLS})
#: nothing is switched on or off
NOTHING = Choices()

TREATMENTS: Mapping[str, Callable[[str, Choices], Iterable[Change]]] = {
    Name.TWICE: lambda _text, _choices: (),  # whole documents: see `twice`
    Name.CONTROLS: lambda text, _choices: controls.changes(text),
    Name.MOJIBAKE: lambda text, _choices: mojibake.changes(text),
    Name.INVISIBLE: lambda text, _choices: invisible.changes(text),
    Name.GUTENBERG: lambda text, _choices: gutenberg.changes(text),
    Name.SHARED: lambda text, choices: shared.changes(text, choices.shared),
    Name.PAGES: lambda text, _choices: page_marks.changes(text),
    Name.HYPHENS: lambda text, _choices: hyphens.changes(text),
    Name.WRAPPING: lambda text, _choices: wrapping.changes(text),
    Name.COMPATIBILITY: lambda text, _choices: compatibility.changes(text),
    Name.QUOTES: lambda text, _choices: punctuation.quotes(text),
    Name.DASHES: lambda text, _choices: punctuation.dashes(text),
    Name.BLANKS: lambda text, _choices: blanks.changes(text),
    Name.LOWER: lambda text, _choices: lower_case.changes(text),
    Name.CHARACTERS: lambda text, choices: rare.changes(text, choices.characters),
    Name.DECOMPOSITION: lambda text, _choices: decomposition.changes(text),
}


def treated(text: str, choices: Choices, until: Name | None = None) -> str:
    """Return a text with the treatments that are on, or with those of them that come before `until`."""
    for name, changes in TREATMENTS.items():
        if name == until:
            break
        if name in choices.on:
            text = applied(text, changes(text, choices))
    return text
