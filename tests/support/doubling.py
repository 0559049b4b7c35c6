"""Hostile texts, and whether reading one that is twice as long takes about twice the time."""

import time
from collections.abc import Callable

_LONG_ENOUGH = 0.008  # seconds, above what a clock and a memory allocator blur
_LONGEST = 100_000  # characters: where they take less than that, the square of their number is not at work
_ATTEMPTS = 4

# What a pattern or a normalisation may read again and again. Each is repeated to any length.
REPEATED = {
    "blanks": " ",
    "line ends": "\n",
    "blank lines": "  \n",
    "lines of blanks and a word": "\n" + " " * 44 + "x",
    "tabs": "\t",
    "one letter": "a",
    "digits": "1",
    "marks of two classes": "\u0300\u0316",
    "marks that are decomposed into marks": "\u0344\u0f73",
    "marks of a rare script": "\U0001e944\U0001e94a",
    "marks for half-width kana": "\uff9e\uff9f",
    "letters with thirty marks": "a" + "\u0316" * 30,
    "sigmas": "Σ'",
    "regional indicators": "\U0001f1e6",
    "joined emoji": "\U0001f469\u200d",
    "joiners": "\u200d",
    "variation selectors": "\ufe0f",
    "jamo": "\u1100",
    "prepended marks": "\u0600",
    "conjuncts": "\u0915\u094d",
    "brackets": "[",
    "braces": "{",
    "backslashes": "\\",
    "full stops and quotation marks": '."',
    "quotation marks": '"',
    "stars": "*_",
    "NULs": "\x00",
    "backspaces": "\b",
    "overstruck letters": "a\ba",
    "steps back over other letters": "ab\b\b",
    "form feeds": "\f",
    "form feeds and blanks": " \f",
    "bells between letters": "x\x07",
    "begun escape sequences": "\x1b[",
    "begun titles": "\x1b]",
    "begun titles of one character": "\x9d1;",
    "colours": "\x0304,",
    "bold": "\x02",
    "italics that do not end": " \x1dx",
    "underlines": "\x1f",
}


def repeated(unit: str, length: int) -> str:
    """Return a text of about so many characters: a letter, one thing many times, and a letter."""
    return "a" + unit * (length // len(unit)) + "z"


def growth(work: Callable[[str], object], unit: str) -> float:
    """Return how much longer a text of twice the length takes: 2 where the work grows as the text, 4 as its square.

    It is processor time of this thread, of a text long enough to be measured. Most are clear at the first look, since
    chance makes a text seem slower and not faster. What seems slow is measured again, the best of three, also at twice
    the length: chance passes, and a square does not.
    """
    length, before = 1_000, 0.0
    while before < _LONG_ENOUGH and length < _LONGEST:
        length *= 2
        before = _cost(work, repeated(unit, length))
    if before < _LONG_ENOUGH:
        return 1
    ratio = _cost(work, repeated(unit, 2 * length)) / min(before, _cost(work, repeated(unit, length)))
    if ratio < 3:
        return ratio
    for _attempt in range(_ATTEMPTS):
        ratio = _best(work, repeated(unit, 2 * length)) / _best(work, repeated(unit, length))
        if ratio < 3:
            break
        length *= 2
    return ratio


def _best(work: Callable[[str], object], text: str) -> float:
    return min(_cost(work, text) for _ in range(3))


def _cost(work: Callable[[str], object], text: str) -> float:
    began = time.thread_time()
    work(text)
    return time.thread_time() - began
