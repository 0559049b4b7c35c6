"""Documents of a corpus that stand twice, or nearly: which of them are left out. They are given by their SHA-256."""

from collections.abc import Iterable, Mapping, Sequence

NEARLY = 80  # percent of a document that stand in another one


def found(overlaps: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """Return for each document that stands twice the one that stays, from the overlaps of a corpus."""
    twice: dict[str, str] = {}
    for overlap in overlaps:
        contents = overlap.get("contents")
        if not isinstance(contents, list) or not contents:
            continue  # of a corpus that was counted by an older version
        if overlap["kind"] == "same":
            twice |= {content: contents[0] for content in contents[1:]}
        elif overlap["kind"] == "part" and int(str(overlap["percent"])) >= NEARLY:
            twice[contents[0]] = contents[1]
    return twice


def are_read(contents: Sequence[str], twice: Mapping[str, str]) -> list[bool]:
    """Return whether each document is read, in order.

    Of documents that are the same byte for byte, the first is read. Another document is left out only as long as the
    one that stays in its place is there.
    """
    there, before = frozenset(contents), set[str]()
    read = []
    for content in contents:
        is_copy = content in before and twice.get(content) == content
        read.append(not is_copy and not _leads_to_another(content, twice, there))
        before.add(content)
    return read


def _leads_to_another(content: str, twice: Mapping[str, str], there: frozenset[str]) -> bool:
    """Whether another document stays in the place of this one. Where all point at each other, each is read."""
    seen, now = {content}, content
    while (other := twice.get(now, now)) != now and other in there:
        if other in seen:
            return False
        seen.add(other)
        now = other
    return now != content
