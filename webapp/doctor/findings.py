"""The findings in a text: for each treatment, how many places it would change, and some of them before and after."""

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

from webapp.doctor import graphemes, rare
from webapp.doctor.changes import Change, Replacements, applied
from webapp.doctor.profile import Profile, profile_of
from webapp.doctor.treatments import TREATMENTS, Choices, Name

CHARACTERS = 5_000_000  # that are looked at while somebody waits: that takes under three seconds
_SHOWN = 4  # places
_KEPT = 16  # changes, of which some are shown
_AROUND = 70  # characters before and after a place, and at most
_LINES = 2  # lines
_LONGEST = 300  # characters of a place; of a longer one its two ends are shown


class Place(NamedTuple):
    """A place of a text: what is before and after it, what stands there and what would."""

    before: str
    old: str
    new: str
    after: str


@dataclass(frozen=True)
class Finding:
    """What a treatment would change in a text: how many places and characters, and some of the places."""

    count: int
    characters: int  # by which the text gets shorter; negative if it gets longer
    places: list[Place]


@dataclass(frozen=True)
class Findings:
    """All that was found in a text."""

    treatments: Mapping[str, Finding]  # by name; those that would change something
    counts: Counter[str]  # of grapheme clusters, as `rare.counted` counts them
    profile: Profile
    looked_at: int  # characters

    def as_json(self) -> dict[str, Any]:
        return {
            "treatments": {
                name: [one.count, one.characters, [list(place) for place in one.places]]
                for name, one in self.treatments.items()
            },
            "counts": dict(self.counts),
            "profile": list(self.profile),
            "looked_at": self.looked_at,
        }

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """Return the findings that `as_json` has returned."""
        treatments = {
            name: Finding(count, characters, [Place(*place) for place in places])
            for name, (count, characters, places) in kept["treatments"].items()
        }
        return cls(treatments, Counter(kept["counts"]), Profile(*kept["profile"]), kept["looked_at"])


def find(text: str, choices: Choices, whole: bool = False) -> Findings:
    """Return what each treatment would change in a text after those before it that are switched on.

    Only its first CHARACTERS are looked at, unless the `whole` text shall be.
    """
    if not whole:
        text = text[: graphemes.cut(text, CHARACTERS)]
    looked_at, profile = len(text), profile_of(text)
    found: dict[str, Finding] = {}
    counts: Counter[str] = Counter()
    for name, changes_of in TREATMENTS.items():
        if name == Name.CHARACTERS:
            counts = rare.counted(text)
        survey, changes = _Survey(), changes_of(text, choices)
        new = applied(text, survey.watch(changes)) if name in choices.on else text
        if name not in choices.on:
            survey.note(changes)
        if survey.count:
            found[name] = survey.finding(text)
        text = new
    return Findings(found, counts, profile, looked_at)


class _Survey:
    """The changes of a treatment as they pass by: how many, and a few from all over the text. There may be millions."""

    def __init__(self) -> None:
        self.count = self.shorter = 0
        self._kept: list[Change] = []
        self._every = 1  # one change in this many is kept

    def watch(self, changes: Iterable[Change]) -> Iterator[Change]:
        """Yield the changes, and note them: all are known when the last one was yielded."""
        count = shorter = following = 0
        for change in changes:
            if count == following:
                following = self._keep(change)
            count += 1
            start, end, new = change
            shorter += end - start - len(new)
            yield change
        self.count, self.shorter = count, shorter

    def note(self, changes: Iterable[Change]) -> None:
        """Note changes that are not made."""
        if isinstance(changes, Replacements) and (surveyed := changes.survey(_KEPT)):
            self.count, self.shorter, self._kept = surveyed
        else:
            deque(self.watch(changes), maxlen=0)

    def _keep(self, change: Change) -> int:
        """Keep a change. Return the number of the next one that is to be kept."""
        self._kept.append(change)
        if len(self._kept) > _KEPT:
            self._kept = self._kept[::2]
            self._every *= 2
        return len(self._kept) * self._every

    def finding(self, text: str) -> Finding:
        step = max(1, len(self._kept) // _SHOWN)
        some = self._kept[::step][:_SHOWN]
        return Finding(self.count, self.shorter, [_place(text, change) for change in some])


def _place(text: str, change: Change) -> Place:
    """Return a place with its surroundings, cut at blanks or at least between grapheme clusters."""
    start, end = graphemes.cut(text, change.start), change.end
    stop = graphemes.cut(text, end)
    if stop < end:  # the change ends within a cluster, which is shown whole
        stop = next(at for at in range(end + 1, len(text) + 1) if graphemes.cut(text, at) == at)
    first = max(_cut_near(text, start - _AROUND), _lines_before(text, start))
    last = min(_cut_near(text, stop + _AROUND), _lines_after(text, stop))
    old = text[start:stop]
    new = text[start : change.start] + change.new + text[end:stop]
    return Place(
        ("…" if first else "") + text[first:start],
        _shortened(old),
        _shortened(new),
        text[stop:last] + ("…" if last < len(text) else ""),
    )


def _lines_before(text: str, place: int) -> int:
    for _line in range(_LINES):
        place = text.rfind("\n", 0, max(0, place))
        if place < 0:
            return 0
    return place + 1


def _lines_after(text: str, place: int) -> int:
    for _line in range(_LINES):
        place = text.find("\n", place + 1)
        if place < 0:
            return len(text)
    return place


def _cut_near(text: str, place: int) -> int:
    place = min(max(place, 0), len(text))
    if not 0 < place < len(text):
        return place
    blank = max(text.rfind(mark, max(0, place - 15), place) for mark in " \n")
    return blank + 1 if blank >= 0 else graphemes.cut(text, place)


def _shortened(text: str) -> str:
    if len(text) <= _LONGEST:
        return text
    half = _LONGEST // 2
    return f"{text[: graphemes.cut(text, half)]} … {text[_cut_near(text, len(text) - half) :]}"
