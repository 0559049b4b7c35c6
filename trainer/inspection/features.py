"""The features of a text that a reader knows: what each character is, and where it stands.

Each function takes a text and returns a number for every character, (characters,). Quotation marks and brackets that
are not closed end with the paragraph.
"""

from collections.abc import Callable, Mapping
from itertools import pairwise

import numpy as np
import regex

_LIMIT = 200  # characters of a line or a word, beyond which places are not told apart
_QUOTES = {"“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", "「": "」", "『": "』", '"': '"'}
_BRACKETS = {"(": ")", "[": "]", "{": "}", "（": "）", "【": "】"}
_LONGEST_HEADING = 60
_RHYME_LINES = 4  # among so many lines before it, a line may find its rhyme
_VERSE = 0.15  # of the lines of a text have to rhyme with an earlier one; of blank verse, 6 % do by chance

_WORD = regex.compile(r"[\p{L}\p{N}\p{M}]+(?:['’-][\p{L}\p{N}\p{M}]+)*")
_NAME = r"\p{Lu}[\p{L}\p{M}'’.-]*(?: \p{Lu}[\p{L}\p{M}'’.-]*){0,3}"
#: “ROMEO:” or “Anna: hello”; “MACBETH.” and the rest of the line; a line of capitals; then the first line of the speech
_SPEAKER = regex.compile(
    rf"(?m)^[ \t]*(?:{_NAME}:|\p{{Lu}}{{2,}}(?:[ '’]\p{{Lu}}{{2,}}){{0,3}}(?:\.|[ \t]*$))[ \t]*\n?(?P<speech>.*)$"
)
_BLANK_LINES = regex.compile(r"\n[ \t]*\n\s*")
_HEADING = regex.compile(r"(?:(?<=\n[ \t]*\n)|(?<![\s\S]))[^\n]*\p{L}[^\n]*(?=\n[ \t]*\n)")
_VOWELS = "aeiouyàâäáãåæéèêëíìîïóòôöõøœúùûüýÿаеёиоуыэюяαεηιουω"
_ENDING = regex.compile(rf"[{_VOWELS}]+[^{_VOWELS}]*e?$")

Feature = Callable[[str], np.ndarray]


def inside_quotes(text: str) -> np.ndarray:
    """1 from an opening quotation mark to the closing one."""
    found, closing = np.zeros(len(text)), ""
    for place, character in enumerate(text):
        if closing:
            found[place] = 1
            is_apostrophe = character == "’" and text[place + 1 : place + 2].isalpha()
            if (character in closing and not is_apostrophe) or text.startswith("\n\n", place):
                closing = ""
        elif character in _QUOTES:
            found[place], closing = 1, _QUOTES[character]
    return found


def inside_brackets(text: str) -> np.ndarray:
    """1 from an opening bracket to the closing one."""
    found, closing = np.zeros(len(text)), ""
    for place, character in enumerate(text):
        if character in _BRACKETS:
            closing += _BRACKETS[character]
        found[place] = bool(closing)
        if closing and character == closing[-1]:
            closing = closing[:-1]
        elif text.startswith("\n\n", place):
            closing = ""
    return found


def _since(marks: np.ndarray) -> np.ndarray:
    """Return the distance of each place from the last mark at or before it, or from the beginning."""
    places = np.arange(len(marks))
    found: np.ndarray = places - np.maximum.accumulate(np.where(marks, places, 0))
    return found


def _characters(text: str, test: Callable[[str], bool]) -> np.ndarray:
    return np.array([test(character) for character in text], bool)


def line_position(text: str) -> np.ndarray:
    """How much of the line has passed, from 0 to 1 at its end."""
    found = np.zeros(len(text))
    ends = [-1, *(match.start() for match in regex.finditer("\n", text)), len(text)]
    for before, end in pairwise(ends):
        line = slice(before + 1, end + 1)
        found[line] = np.linspace(0, 1, len(found[line]))
    return found


def since_line_break(text: str) -> np.ndarray:
    """The logarithm of the number of characters since the last line break, plus one."""
    breaks = _characters(text, "\n".__eq__)
    found: np.ndarray = np.log1p(np.minimum(_since(breaks), _LIMIT))
    return found


def inside_word(text: str) -> np.ndarray:
    """1 in a word, 0 between words."""
    found = np.zeros(len(text))
    for word in _WORD.finditer(text):
        found[word.start() : word.end()] = 1
    return found


def word_position(text: str) -> np.ndarray:
    """The place of a letter in its word, from 1; 0 between words."""
    found = np.zeros(len(text))
    for word in _WORD.finditer(text):
        found[word.start() : word.end()] = np.minimum(np.arange(1, len(word[0]) + 1), _LIMIT)
    return found


def capital(text: str) -> np.ndarray:
    """1 at a capital letter."""
    return _characters(text, str.isupper).astype(float)


def digit(text: str) -> np.ndarray:
    """1 at a digit."""
    return _characters(text, str.isdigit).astype(float)


def after_speaker(text: str) -> np.ndarray:
    """1 in the first line after the name of a speaker, as in plays, interviews and chats."""
    found = np.zeros(len(text))
    for match in _SPEAKER.finditer(text):
        found[slice(*match.span("speech"))] = 1
    return found


def blank_line(text: str) -> np.ndarray:
    """1 at the line breaks and blanks of blank lines."""
    found = np.zeros(len(text))
    for match in _BLANK_LINES.finditer(text):
        found[match.start() : match.end()] = 1
    return found


def heading(text: str) -> np.ndarray:
    """1 in a heading: a short line between blank lines that does not end as a sentence does."""
    found = np.zeros(len(text))
    for match in _HEADING.finditer(text):
        line = match[0].strip()
        if len(line) <= _LONGEST_HEADING and line[-1] not in ".,;:?!…”\"'»)" and not line[0].islower():
            found[match.start() : match.end()] = 1
    return found


def rhyme(text: str) -> np.ndarray:
    """1 in the last word of a line that rhymes with one of the lines before it. All 0 where few lines rhyme.

    Spelling decides: the words differ, and end alike from their last vowels on.
    """
    found = np.zeros(len(text))
    lines = [match for match in regex.finditer(r"[^\n]+", text) if _WORD.search(match[0])]
    words = [list(_WORD.finditer(text, line.start(), line.end()))[-1] for line in lines]
    spoken = [word[0].lower() for word in words]
    sounds = [ending[0] if (ending := _ENDING.search(word)) else "" for word in spoken]
    rhyming = 0
    for place, sound in enumerate(sounds):
        earlier = range(max(0, place - _RHYME_LINES), place)
        alike = (sounds[other] == sound and spoken[other] != spoken[place] for other in earlier)
        if sound not in ("", "e") and any(alike):
            found[words[place].start() : words[place].end()] = 1
            rhyming += 1
    return found if rhyming >= _VERSE * len(lines) else np.zeros(len(text))


FEATURES: Mapping[str, Feature] = {
    feature.__name__: feature
    for feature in (
        inside_quotes,
        inside_brackets,
        line_position,
        since_line_break,
        inside_word,
        word_position,
        capital,
        digit,
        after_speaker,
        blank_line,
        heading,
        rhyme,
    )
}
DOCUMENT = "document"  # the feature of a text among several
