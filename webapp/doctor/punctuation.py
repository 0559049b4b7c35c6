"""Quotation marks and dashes of one kind, in a text that has several."""

import re
from collections.abc import Iterator

from webapp.doctor.changes import Change

_STRAIGHT, _SINGLE = '"', "'"
#: kinds of marks that a text may use consistently; each is written as the first one where there are several
_DOUBLE_KINDS = ('"', "“”„‟", "«»")
_SINGLE_KINDS = ("'", "‘’‚‛", "‹›", "´")
_DOUBLE_MARK = re.compile("«[\u00a0\u202f]?|[\u00a0\u202f]?»|[“”„‟]")
_SINGLE_MARK = re.compile(r"‹[\u00a0\u202f]?|[\u00a0\u202f]?›|[‘’‚‛]|(?<=[^\W\d_])´(?=[^\W\d_])")

_LONG, _HYPHEN = "—", "-"
# The first class makes the search fast; what comes after it looks back at what it has found.
_DASH = re.compile(
    r"[-–‒―](?:(?<=―)|(?<=[–‒])(?:(?<!\d.)|(?!\d))"
    r"|(?<=[^\s-]-)-(?!-)|(?<!--)(?<=-)-(?=\s)"  # not the beginning of --option, and no ruled line
    r"|(?<=[^\W\d_] -)(?= [^\W\d_]))"
)
_OTHER_HYPHENS = re.compile("[\u2010\u2011]")


def quotes(text: str) -> Iterator[Change]:
    """Make all double quotation marks straight, and all single ones, if the text has more than one kind of them."""
    marks = [
        pattern.pattern
        for kinds, pattern in ((_DOUBLE_KINDS, _DOUBLE_MARK), (_SINGLE_KINDS, _SINGLE_MARK))
        if sum(any(mark in text for mark in kind) for kind in kinds) > 1
    ]
    if marks:
        for found in re.finditer("|".join(marks), text):
            new = _STRAIGHT if found[0].strip()[-1:] in "“”„‟«»" else _SINGLE
            yield Change(found.start(), found.end(), new)


def dashes(text: str) -> Iterator[Change]:
    """Make all dashes between phrases long, if the text has several kinds, and all hyphens the one of the keyboard."""
    found = list(_DASH.finditer(text))
    kinds = {each[0] for each in found}
    changes = [Change(each.start(), each.end(), _LONG) for each in found] if len(kinds) + (_LONG in text) > 1 else []
    if _HYPHEN in text:
        changes += [Change(each.start(), each.end(), _HYPHEN) for each in _OTHER_HYPHENS.finditer(text)]
    return iter(sorted(changes))
