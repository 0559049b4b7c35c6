"""The profile of a text: its language and how its lines are laid out, by which texts are compared."""

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from webapp.doctor.stop_words import LANGUAGE_OF_SCRIPT, SCRIPTS, STOP_WORDS

_PARTS, _PART = 8, 4_000  # of a text that are read, and characters of each
_WORD = re.compile(r"[^\W\d_]+")
_LEAST_SHARE = 0.1  # of the words are stop words of a language
_MOST = 2 / 3  # of the documents are alike, for another one to be unlike them
_FEWEST = 3  # documents
_LONG_LINE, _SHORT_LINE = 120, 60  # characters


class Profile(NamedTuple):
    """What is compared between texts."""

    language: str  # ISO 639 code, or the name of a script ("latin") where the language is unknown; empty: no letters
    line: int  # characters of the line in the middle, of those with something in them
    capitals: float  # share of the letters with case


def profile_of(text: str) -> Profile:
    """Return the profile of a text, by parts from all over it."""
    step = max(_PART, len(text) // _PARTS)
    sample = "\n".join(text[start : start + _PART] for start in range(0, len(text), step))
    lengths = [len(line) for line in sample.split("\n") if line.strip()]
    upper, lower = sum(map(str.isupper, sample)), sum(map(str.islower, sample))
    return Profile(language_of(sample), int(median(lengths or [0])), round(upper / max(1, upper + lower), 3))


def language_of(text: str) -> str:
    """Return the language of a text, by its script and its frequent short words."""
    letters = Counter(map(_script, filter(str.isalpha, text)))
    if not letters:
        return ""
    if letters["kana"] * 10 > letters.total():  # Japanese has Han characters too
        return "ja"
    script = letters.most_common(1)[0][0]
    if script in LANGUAGE_OF_SCRIPT:
        return LANGUAGE_OF_SCRIPT[script]
    words = Counter(_WORD.findall(text.lower()))
    shares = {
        code: sum(words[word] for word in known) / max(1, words.total())
        for code, (of, known) in STOP_WORDS.items()
        if of == script
    }
    best = max(shares, key=lambda code: shares[code], default="")
    return best if best and shares[best] >= _LEAST_SHARE else script


def _script(letter: str) -> str:
    point = ord(letter)
    return next((name for first, last, name in SCRIPTS if first <= point <= last), "other")


class Unlike(NamedTuple):
    """A document that differs from most others: its number, in what, what it has and what the others have."""

    document: int
    trait: str  # "language" or "lines" or "capitals"
    here: str
    elsewhere: str


def unlike(profiles: Sequence[Profile]) -> list[Unlike]:
    """Return the documents that are unlike at least two thirds of all, which are three or more."""
    traits = {
        "language": [profile.language for profile in profiles],
        "lines": ["" if not p.line else _lines(p.line) for p in profiles],
        "capitals": ["all" if p.capitals > 0.8 else "some" if p.capitals else "none" for p in profiles],
    }
    found = []
    for trait, values in traits.items():
        known = Counter(filter(None, values))
        common, times = known.most_common(1)[0] if known else ("", 0)
        if len(profiles) >= _FEWEST and times >= _MOST * len(profiles):
            found += [Unlike(n, trait, here, common) for n, here in enumerate(values) if here not in ("", common)]
    return found


def _lines(length: int) -> str:
    return "long" if length > _LONG_LINE else "short" if length < _SHORT_LINE else "middle"
