"""The treatments and rare characters as rows of a form, and the choices that the form has sent."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.http import QueryDict

from trainer.contract.controls import has_controls, plain
from webapp.corpora.models import Corpus, Document
from webapp.corpora.treatment_labels import LABELS, Label
from webapp.doctor.findings import Finding, Place
from webapp.doctor.graphemes import described
from webapp.doctor.rare import Rare
from webapp.doctor.treatments import STANDARD, TREATMENTS, Choices, Name

_SWITCH, _STANDARD, _DO, _AS = "switch", "standard", "do-", "as-"
_CODES = re.compile(r"[0-9A-F]{1,6}(?:-[0-9A-F]{1,6}){0,63}")
LONGEST_REPLACEMENT = 20
_SIGNS = {"\n": "¶\n", "\t": "⇥"}
_ASCII_CONTROLS = (  # their abbreviations in Unicode's charts
    "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US"
)
_ABBREVIATIONS = {**{chr(point): name for point, name in enumerate(_ASCII_CONTROLS.split())}, "\x7f": "DEL"}
_OF_CORPORA = {Name.TWICE, Name.SHARED}  # they compare documents
_NAMED = 5  # documents or corpora
_SHOWN_AT_ONCE = 1  # place of each treatment; the others are behind a click


class ShownPlace(NamedTuple):
    """A place of a text, with signs for what can't be seen."""

    before: str
    old: str
    new: str
    after: str


class Row(NamedTuple):
    """A treatment with its switch."""

    name: str
    label: Label
    is_on: bool
    finding: Finding | None  # None: it would change nothing
    otherwise: list[Corpus | Document]  # those in which it is off where this says on, or on where this says off

    @property
    def named(self) -> list[Corpus | Document]:
        """Those of `otherwise` that are named; how many more there are is told."""
        return self.otherwise[:_NAMED]

    @property
    def unnamed(self) -> int:
        return len(self.otherwise) - len(self.named)

    @property
    def is_standard(self) -> bool:
        """Whether it is on unless somebody switches it off."""
        return self.name in STANDARD

    @property
    def first_places(self) -> list[ShownPlace]:
        return self._places[:_SHOWN_AT_ONCE]

    @property
    def more_places(self) -> list[ShownPlace]:
        return self._places[_SHOWN_AT_ONCE:]

    @property
    def _places(self) -> list[ShownPlace]:
        places = [shown(place) for place in self.finding.places] if self.finding else []
        if self.name == Name.DECOMPOSITION:  # on the screen, a letter and its mark look as before
            return [place._replace(new=_with_marks_apart(place.new)) for place in places]
        return places


Otherwise = Mapping[str, list[Corpus | Document]]


def otherwise(choices: Choices, others: Iterable[Corpus] | Iterable[Document]) -> Otherwise:
    """Return for each treatment the documents of a corpus, or the corpora of a document, that have it otherwise."""
    found: dict[str, list[Corpus | Document]] = {}
    for other in others:
        for name in choices.changed_by(_choices_of(other)):
            found.setdefault(name, []).append(other)
    return found


def _choices_of(other: Corpus | Document) -> Choices:
    is_lower = isinstance(other, Corpus) and other.lowercase
    return other.switched_on | Choices(frozenset({Name.LOWER} if is_lower else ()))


def rows(found: Mapping[str, Finding], choices: Choices, others: Otherwise, of_corpus: bool = False) -> list[Row]:
    """Return the treatments that would change something or are switched on, without the one of single characters.

    A corpus has a field of its own for lower case: see `lower_case`.
    """
    elsewhere = {Name.CHARACTERS, Name.LOWER} if of_corpus else {Name.CHARACTERS}
    somewhere = choices.switches | choices.off | (others.keys() - (set() if of_corpus else _OF_CORPORA))
    return [
        _row(name, found, choices, others)
        for name in TREATMENTS
        if name not in elsewhere and (name in found or name in somewhere)
    ]


def _row(name: str, found: Mapping[str, Finding], choices: Choices, others: Otherwise) -> Row:
    return Row(name, LABELS[name], name in choices.on, found.get(name), others.get(name, []))


def lower_case(found: Mapping[str, Finding], choices: Choices, others: Otherwise) -> Row:
    """Return what would change if a corpus were written in lower case, and the documents that are by themselves."""
    return _row(Name.LOWER, found, choices, others)


def unneeded(shown: Iterable[Row], of_corpus: bool = False) -> list[Label]:
    """Return the labels of the treatments without a row. Some are of a corpus only, since they compare documents."""
    needed = {row.name for row in shown} | {Name.CHARACTERS}
    needed |= {Name.LOWER} if of_corpus else _OF_CORPORA
    return [label for name, label in LABELS.items() if name not in needed]


def shown(place: Place) -> ShownPlace:
    old, new = _visible(place.old), _visible(place.new)
    return ShownPlace(_with_controls(place.before), old, new, _with_controls(place.after))


def _with_marks_apart(text: str) -> str:
    """Return a decomposed text with each mark on a circle of its own."""
    return "".join(f"\N{DOTTED CIRCLE}{one}" if unicodedata.combining(one) else one for one in text)


def _with_controls(text: str) -> str:
    """Return a text with signs for its control characters."""
    return "".join(sign(one) if has_controls(one) and one not in _SIGNS else one for one in text)


def _visible(text: str) -> str:
    """Return a text with signs for what can't be seen: line ends, blanks alone, invisible characters."""
    if text.strip(" ") == "":
        return "·" * len(text)
    return "".join(_SIGNS.get(character) or sign(character) for character in text)


def sign(character: str) -> str:
    """Return a character, or the abbreviation or number of one that can't be seen."""
    if character.isprintable():
        return character
    return f"[{_ABBREVIATIONS.get(character) or f'U+{ord(character):04X}'}]"


# Rare characters -----------------------------------------------------------------------------------------------------


class CharacterRow(NamedTuple):
    """A rare character, and what is to become of it."""

    codes: str  # its code points, which name its fields
    shown: str
    names: str
    times: int | None  # None: it does not stand in the text any more
    action: str  # "keep", "drop" or "write"
    replacement: str


def character_rows(listed: list[Rare], choices: Choices) -> list[CharacterRow]:
    """Return the rare characters, and those about which it was decided before."""
    every = {one.character: one for one in listed}
    for character in choices.characters:
        every.setdefault(character, Rare(character, 0, ""))
    return [_character_row(one, choices.characters.get(one.character)) for one in every.values()]


def _character_row(one: Rare, decided: str | None) -> CharacterRow:
    codes = "-".join(f"{ord(point):X}" for point in one.character)
    visible = sign(one.character) if len(one.character) == 1 else one.character
    action = "keep" if decided is None else "write" if decided else "drop"
    return CharacterRow(codes, visible, described(one.character), one.times or None, action, decided or one.suggested)


# What was sent -------------------------------------------------------------------------------------------------------


def chosen(data: QueryDict, before: Choices) -> Choices:
    """Return what a form asks for. Characters that it did not show stay as they were decided before."""
    characters = dict(before.characters)
    for field, action in data.items():
        if (character := _character(field)) is not None:
            replacement = _replacement(str(data.get(_AS + field.removeprefix(_DO), "")))
            characters.pop(character, None)
            if action == "drop" or (action == "write" and replacement not in ("", character)):
                characters[character] = "" if action == "drop" else replacement
    switches, shown = set(data.getlist(_SWITCH)), STANDARD & set(data.getlist(_STANDARD))
    return _choices(switches, characters, (before.off - shown) | (shown - switches), before)


def _replacement(text: str) -> str:
    return plain(text).replace("\n", "")[:LONGEST_REPLACEMENT]


def asked_for(switches: Iterable[str], characters: Mapping[str, str], off: Iterable[str], before: Choices) -> Choices:
    """Return what a program asks for: all switches that are on, and all characters that are written otherwise.

    `off` are those that would be on by themselves.

    A character with an empty replacement is left out. One that is replaced by itself stays.
    """
    written = {character: _replacement(given) if given else "" for character, given in characters.items()}
    kept = {one: new for one, new in written.items() if new != one and (new or not characters[one])}
    return _choices(set(switches), kept, STANDARD & set(off), before)


def _choices(given: set[str], characters: dict[str, str], off: frozenset[str], before: Choices) -> Choices:
    """Return the choices with these switches and characters; `before` has the lines that documents share."""
    switches = given & set(TREATMENTS) - {Name.CHARACTERS} - STANDARD
    if characters:
        switches.add(Name.CHARACTERS)
    shared = before.shared if Name.SHARED in switches else frozenset[str]()
    twice = before.twice if Name.TWICE in switches else {}
    return Choices(frozenset(switches), characters, shared, twice, off)


def _character(field: str) -> str | None:
    codes = field.removeprefix(_DO)
    if not field.startswith(_DO) or not _CODES.fullmatch(codes):
        return None
    points = [int(code, 16) for code in codes.split("-")]
    return "".join(map(chr, points)) if max(points) < 0x110000 else None
