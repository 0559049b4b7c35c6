"""Lines that many documents of a corpus share: menus, notices, signatures."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from hashlib import blake2b

from webapp.doctor.changes import Change, after_blank_lines

_SHORTEST = 20  # characters: shorter lines are the same by chance
_FEWEST = 3  # documents
_SHARE = 0.3  # of the documents
_MOST = 2_000  # lines that are kept
_LINE = re.compile(r"[^\n]+\n?")


def found(texts: Iterable[str]) -> list[str]:
    """Return the digests of the lines that at least three documents share, and at least three in ten of them."""
    times: Counter[str] = Counter()
    documents = 0
    for text in texts:
        documents += 1
        times.update({line for line in map(_normal, text.split("\n")) if len(line) >= _SHORTEST})
    enough = max(_FEWEST, documents * _SHARE)
    return [_digest(line) for line, count in times.most_common(_MOST) if count >= enough]


def changes(text: str, digests: Collection[str]) -> Iterator[Change]:
    """Remove the lines with these digests. Such lines that follow each other are one place."""
    start: int | None = None
    end = 0
    for found in _LINE.finditer(text) if digests else ():
        line = _normal(found[0])
        if len(line) >= _SHORTEST and _digest(line) in digests:
            if start is not None and found.start() > end:
                yield Change(start, end, "")
                start = None
            start = found.start() if start is None else start
            end = after_blank_lines(text, found.end())
    if start is not None:
        yield Change(start, end, "")


def _normal(line: str) -> str:
    return " ".join(line.split())


def _digest(line: str) -> str:
    return blake2b(line.encode(errors="replace"), digest_size=8).hexdigest()
