"""Rare characters: which ones a text hardly has, and the text with them left out or written otherwise."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from webapp.doctor import graphemes
from webapp.doctor.changes import Change

RARE = 10  # times: what stands in a text less often can't be learned
_LISTED = 60
_UNSPACED = re.compile(
    "[\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff]"
)
_ORDINARY = re.compile(r"[\n\t -~]")
_PLAIN = {
    **dict.fromkeys("’‘‚‛ʼʹ′", "'"),
    **dict.fromkeys("“”„‟«»″", '"'),
    **dict.fromkeys("—–―‒", "-"),
    **{"…": "...", "œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae", "ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L"},
    **{"đ": "d", "Đ": "D", "ð": "d", "þ": "th", "ı": "i", "×": "x", "•": "*", "·": ".", "\u00a0": " "},
}


class Rare(NamedTuple):
    """A character that stands in a text less than ten times. `suggested` is what it may be written as."""

    character: str  # a grapheme cluster
    times: int
    suggested: str  # empty: it may be left out


class Rarities(NamedTuple):
    """The rare characters of a text: the first ones to decide about, how many there are, and their share of it."""

    listed: list[Rare]
    kinds: int
    share: float


def counted(text: str) -> Counter[str]:
    """Count the grapheme clusters of a text, all but Han, kana and Hangul, of which many are rare in any text."""
    counts = graphemes.counts(text)
    for character in [character for character in counts if _UNSPACED.match(character)]:
        del counts[character]
    return counts


def found(counts: Counter[str]) -> Rarities:
    """Return the rare characters by the counts of all. The characters of a plain keyboard are none."""
    every = [(character, times) for character, times in counts.items() if times < RARE]
    strange = sorted((times, character) for character, times in every if not _ORDINARY.fullmatch(character))
    listed = [Rare(character, times, _suggested(character, counts)) for times, character in strange[:_LISTED]]
    share = sum(times for _character, times in every) / max(1, counts.total())
    return Rarities(listed, len(strange), share)


def _suggested(character: str, counts: Counter[str]) -> str:
    """Return a plainer way to write a character with what the text has often; empty if there is none."""
    decomposed = unicodedata.normalize("NFKD", character)
    base = "".join(point for point in decomposed if not unicodedata.combining(point))
    for plain in (_PLAIN.get(character), base):
        if plain and plain != character and all(counts[point] >= RARE for point in plain):
            return plain
    return ""


def changes(text: str, mapping: Mapping[str, str]) -> Iterator[Change]:
    """Write characters as a mapping says; what is mapped to nothing is left out. Clusters stay whole."""
    wanted = [character for character in mapping if character in text]
    if not wanted:
        return
    pattern = re.compile("|".join(map(re.escape, sorted(wanted, key=len, reverse=True))))
    for found in pattern.finditer(text):
        start, end = found.span()
        if graphemes.is_whole(text, start, end):
            yield Change(start, end, mapping[found[0]])
