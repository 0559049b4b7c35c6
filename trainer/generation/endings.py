"""The ends of a passage: after a number of code points or words, after its paragraph, or before a given string."""

from bisect import bisect
from itertools import accumulate
from typing import Any

import regex

from trainer.contract.blanks import PARAGRAPH_END, without_leading
from trainer.contract.documents import COUNTED_WORD
from trainer.text.symbols import beginning

Symbol = tuple[str, Any]  # the text of a symbol, and its details, which are passed through unchanged


class Passage:
    """A passage while it is written. It takes symbols, and returns them when they are certain to be in the passage.

    Args:
        length: code points, at most. The last word is cut; a character of several code points that does not fit is left
            out.
        words: the passage ends after this number of words, as `documents.describe` counts them; 0 for no limit.
        ending: the passage ends before this string, which is searched after the blanks at its beginning; "" for none.
        paragraph: the passage ends before a blank line instead. That line may contain blanks.
    """

    def __init__(self, length: int, words: int = 0, ending: str = "", paragraph: bool = False) -> None:
        self.is_over = False
        self._length, self._words = _Length(length), _Words(words)
        self._ending = _Ending(PARAGRAPH_END if paragraph else regex.escape(ending))
        self._held: list[Symbol] = []  # they may be part of the ending

    @property
    def room(self) -> int:
        """The number of code points that the passage may still take."""
        return self._length.room

    def take(self, symbols: list[Symbol]) -> list[Symbol]:
        """Take the next symbols. Return those that are now certain; the last one is cut where the passage ends."""
        text, before = _joined(symbols), len(_joined(self._held))
        end = self._end(text)
        self.is_over = end is not None
        sure = before + (len(text) - len(self._ending.begun) if end is None else end)
        taken, self._held = _parted(self._held + symbols, sure)
        if self.is_over and (left := sure - len(_joined(taken))):
            last, details = self._held[0]
            taken.append((last[:left], details))
        return taken

    def _end(self, text: str) -> int | None:
        """Return where the passage ends in the next piece of its text; None if it does not end there.

        A negative number is in the held symbols. An ending counts only if all of it is in the passage, so that the
        division of the text into pieces does not matter.
        """
        ends = [end for end in (self._length.end(text), self._words.end(text)) if end is not None]
        end = min(ends, default=None)
        earlier = self._ending.end(text[:end])
        return end if earlier is None else earlier


class _Length:
    def __init__(self, length: int) -> None:
        self.room = length

    def end(self, text: str) -> int | None:
        if len(text) < self.room:
            self.room -= len(text)
            return None
        end, self.room = len(beginning(text, self.room)), 0
        return end


class _Words:
    def __init__(self, words: int) -> None:
        self._left = words
        self._open = ""  # the last character, if it is in a word that may continue

    def end(self, text: str) -> int | None:
        if not self._left:
            return None
        before, text = len(self._open), self._open + text
        self._open = ""
        for word in COUNTED_WORD.finditer(text):
            if word.end() == len(text) and not word["character"]:
                self._open = text[-1]
                break
            self._left -= 1
            if not self._left:
                return word.end() - before
        return None


class _Ending:
    def __init__(self, pattern: str) -> None:
        self._pattern = regex.compile(pattern) if pattern else None
        self._is_blank = True
        self.begun = ""  # the end of the text, if it may be the beginning of the ending

    def end(self, text: str) -> int | None:
        if self._pattern is None:
            return None
        searched = without_leading(text) if self._is_blank else self.begun + text
        self._is_blank = not searched
        found = self._pattern.search(searched, partial=True)
        if found and not found.partial:
            return len(text) - len(searched) + int(found.start())
        self.begun = found[0] if found else ""
        return None


def _parted(symbols: list[Symbol], stop: int) -> tuple[list[Symbol], list[Symbol]]:
    """Return the symbols that end at or before this position of their joined text, and the others."""
    whole = bisect(list(accumulate(len(text) for text, _ in symbols)), stop)
    return symbols[:whole], symbols[whole:]


def _joined(symbols: list[Symbol]) -> str:
    return "".join(text for text, _ in symbols)
