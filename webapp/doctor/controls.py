"""Control characters and formatting codes: what terminals, chats and old files have beside their text."""

import re
from collections.abc import Iterator

from trainer.contract.controls import has_controls, plain
from webapp.doctor.changes import Change

# Lines that have controls, with those between them that are blank: breaks on both sides of a blank line are one.
_CONTROL = "\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff"
_LINE = f"[^\n{_CONTROL}]*[{_CONTROL}][^\n]*"
_LINES = re.compile(f"^{_LINE}(?:\n[ \t\n]*^{_LINE})*", re.MULTILINE)


def changes(text: str) -> Iterator[Change]:
    """Remove them as `plain` does: words that they separate stay separate, and Windows' quotation marks come back."""
    if not has_controls(text):
        return
    for found in _LINES.finditer(text):
        start, end = found.span()
        before, after = text[start - 1 : start], text[end : end + 1]  # line ends: beside them no line is broken
        new = plain(before + found[0] + after)[len(before) :].removesuffix(after)
        first = _same(found[0], new)
        last = _same(found[0][first:][::-1], new[first:][::-1])
        yield Change(start + first, end - last, new[first : len(new) - last])


def _same(one: str, other: str) -> int:
    """Return how many characters two texts have in common at their beginning."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
