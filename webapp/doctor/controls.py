"""Control characters and formatting codes: what terminals, chats and old files have beside their text."""

import re
from collections.abc import Iterator

from trainer.contract.controls import has_controls, plain
from webapp.doctor.changes import Change

# Lines that have controls, with those between them that are blank: breaks on both sides of a blank line are one.
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff"
_LINE = f"[^\n{_CONTROL}]*[{_CONTROL}][^\n]*"
_LINES = re.compile(f"^{_LINE}(?:\n[ \t\n]*^{_LINE})*", re.MULTILINE)
_NEXT = re.compile(f"[{_CONTROL}]|\\Z")

# Controls in a row with what belongs to them: codes of terminals and chats, overstrikes, blanks between breaks.
_CODES = re.compile(
    rf"""(?: \x1b\[[0-?]*[ -/]*[@-~] | \x03[0-9]{{1,2}}(?:,[0-9]{{1,2}})? | \x04[0-9A-Fa-f]{{6}} | _\x08
    | \x08+[^\n\x08] | [\x0b\x0c\x1c-\x1e](?:[ \t\n]*[\x0b\x0c\x1c-\x1e])* | [{_CONTROL}] )+""",
    re.VERBOSE,
)
_ALIKE = (12, 6, 1)  # characters that two texts have in common again after a difference: the first number that is found
_NEW = 3  # characters that stand in the place of a difference, at most: a mark, a blank, two line ends
_NEAR = 100  # characters of a difference, unless the text goes on with the most of _ALIKE only after more


def changes(text: str) -> Iterator[Change]:
    """Yield the changes that make a text plain, as `plain` makes it, one for each control or code."""
    if not has_controls(text):
        return
    for found in _LINES.finditer(text):
        start, end = found.span()
        before, after = text[start - 1 : start], text[end : end + 1]  # line ends: beside them no line is broken
        new = plain(before + found[0] + after)[len(before) :].removesuffix(after)
        yield from _differences(found[0], new, start)


def _differences(old: str, new: str, start: int) -> Iterator[Change]:
    """Yield the changes that make the new piece of a text from the old one, which begins at `start`.

    `here` is a place in the old piece, `there` the same place in the new one. `plain` does not say what it changed. So
    both pieces are read side by side: up to where they differ, then over the difference. What follows a code shows
    where it ends.
    """
    here = there = 0
    while True:
        same = _same(old[here : _end(old, here)], new, there)
        here, there = here + same, there + same
        if here == len(old) and there == len(new):
            return
        gone, come = _difference(old, here, new, there)
        yield Change(start + here, start + here + gone, new[there : there + come])
        here, there = here + gone, there + come


def _end(old: str, here: int) -> int:
    """Return the place of the next control, which no new text has."""
    found = _NEXT.search(old, here)
    return found.start() if found else len(old)


def _same(piece: str, new: str, there: int) -> int:
    """Return how many characters of a piece stand in the new text too, from this place on."""
    if new.startswith(piece, there):
        return len(piece)
    other = new[there : there + len(piece)]
    return next((n for n, (a, b) in enumerate(zip(piece, other, strict=False)) if a != b), len(other))


def _difference(old: str, here: int, new: str, there: int) -> tuple[int, int]:
    """Return how many characters of the old text are removed here, and how many of the new one stand in their place.

    After these, both texts go on alike.
    """
    return _codes(old, here, new, there) or _anything(old, here, new, there)


def _codes(old: str, here: int, new: str, there: int) -> tuple[int, int] | None:
    """As `_difference`, if a known code begins here in the old text and nothing but it is removed; else None."""
    if found := _CODES.match(old, here):
        for alike in _ALIKE[1:]:
            following = old[found.end() : found.end() + alike]
            for come in range(min(_NEW, len(new) - there) + 1):
                if new.startswith(following, there + come) and (following or there + come == len(new)):
                    return found.end() - here, come
    return None


def _anything(old: str, here: int, new: str, there: int) -> tuple[int, int]:
    """As `_difference`, whatever was changed: look for the nearest place from which both texts go on alike."""
    for alike in _ALIKE:
        found = []
        for come in range(min(_NEW, len(new) - there) + 1):
            following = new[there + come : there + come + alike]
            at = old.find(following, here, here + _NEAR + alike) if following else -1
            if at >= 0:
                found.append((at - here, come))
        if found:
            return min(found)
    at = old.find(new[there : there + _ALIKE[0]], here) if there < len(new) else -1
    return (len(old) - here, len(new) - there) if at < 0 else (at - here, 0)
