"""Letters that were read in a wrong encoding and saved so ("Ã©" for é). ftfy knows which encodings get mixed up."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import islice

from webapp.doctor.changes import Change

#: single-byte encodings in which UTF-8 is read by mistake; ftfy tries the same ones
_WRONG = ("cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "cp1257", "iso8859_2", "mac_roman", "cp437")
_BATCH = 100  # lines that are repaired at once
_SURE = 20  # lines of which each has a sequence of UTF-8 are that by no accident
_AROUND = 300  # characters of a long line that are looked at on each side
_LOST_QUOTE = re.compile(
    "â€(?![\u0080-\u00bf€‚ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œŸž])"
)  # its third byte has no sign in Windows-1252


def changes(text: str) -> Iterator[Change]:
    """Repair each line that has letters of that kind."""
    if text.isascii():
        return
    lines = iter(_suspects(text))
    while batch := list(islice(lines, _BATCH)):
        for start, old, new in _repaired_all(batch):
            if new != old:
                yield _smallest(old, new, start)


def _suspects(text: str) -> Iterator[tuple[int, str]]:
    """Yield each line that may be wrong, or a piece of a long one, after its place."""
    end = 0
    while found := _suspect().search(text, end):
        start, end = _surroundings(text, found.start(), found.end(), end)
        yield start, text[start:end]


def _repaired_all(batch: list[tuple[int, str]]) -> Iterator[tuple[int, str, str]]:
    """Yield the place of each line, the line and the line repaired. All at once is faster than one after the other."""
    together = _LOST_QUOTE.sub("â€\x9d", "\n".join(line for _start, line in batch))
    repaired = (_surely_repaired(together) or _repaired(together)).split("\n")
    is_in_step = len(repaired) == len(batch)
    for number, (start, line) in enumerate(batch):
        new = repaired[number] if is_in_step else line
        yield start, line, _repaired(line) if new == line else new


def _surely_repaired(lines: str) -> str | None:
    """Return many lines whose bytes are all valid UTF-8, as ftfy would after looking at each letter; else None."""
    if lines.count("\n") < _SURE:
        return None
    import ftfy.bad_codecs  # noqa: F401  # its encodings know all 256 bytes

    for codec in ("sloppy-windows-1252", "sloppy-windows-1251"):
        try:
            return lines.encode(codec).decode()
        except UnicodeError:
            continue
    return None


def _repaired(text: str) -> str:
    from ftfy import fix_encoding  # not at the top: it is needed for few texts, and takes time to import

    return fix_encoding(_LOST_QUOTE.sub("â€\x9d", text))


def _surroundings(text: str, start: int, end: int, done: int) -> tuple[int, int]:
    """Return the line of a place, or of a long line the words around it, after what was looked at already."""
    first = max(text.rfind("\n", max(0, start - _AROUND), start) + 1, start - _AROUND, done)
    last = text.find("\n", end, end + _AROUND)
    if first == start - _AROUND:
        first = max(text.rfind(" ", first, start) + 1, done)
    if last < 0:
        last = text.find(" ", end + _AROUND)
    return first, len(text) if last < 0 else last


def _smallest(old: str, new: str, start: int) -> Change:
    """Return the change from an old line to a new one without what they have in common at both ends."""
    shorter = min(len(old), len(new))
    before = next((n for n in range(shorter) if old[n] != new[n]), shorter)
    after = next((n for n in range(shorter - before) if old[-1 - n] != new[-1 - n]), shorter - before)
    return Change(start + before, start + len(old) - after, new[before : len(new) - after])


@cache
def _suspect() -> re.Pattern[str]:
    """Return a pattern for what the UTF-8 of one character looks like in the wrong encodings.

    The first two classes, of all encodings together, make the search fast.
    """
    heads = {codec: _characters(codec, 0xC2, 0xF5) for codec in _WRONG}
    tails = {codec: _characters(codec, 0x80, 0xC0) for codec in _WRONG}
    sequences = []
    for codec in _WRONG:
        tail = f"[{tails[codec]}]"
        for first, last, more in ((0xC2, 0xE0, ""), (0xE0, 0xF0, tail), (0xF0, 0xF5, tail * 2)):
            sequences.append(f"(?<=[{_characters(codec, first, last)}]){tail}{more}")
    any_head, any_tail = ("".join(sorted(set("".join(each.values())))) for each in (heads, tails))
    return re.compile(f"[{any_head}](?=[{any_tail}])(?:{'|'.join(sequences)})|â€")


def _characters(codec: str, first: int, last: int) -> str:
    """Return the characters of the bytes from `first` to before `last`, for a class; controls are none of a text."""
    read = bytes(range(first, last)).decode(codec, "ignore")
    return "".join(re.escape(character) for character in read if ord(character) >= 0xA0)
