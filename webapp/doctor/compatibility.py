"""Compatibility characters (Unicode's NFKC): ligatures, full-width letters, raised digits, no-break blanks."""

import re
import unicodedata
from collections.abc import Iterable

from webapp.doctor.changes import Change, Replacements


def changes(text: str) -> Iterable[Change]:
    """Write them as the plain characters that Unicode gives for them. The text is in NFC already."""
    known = () if text.isascii() else set(text)
    plain = {character: new for character in known if (new := _plain(character)) != character}
    if not plain:
        return ()
    pattern, table = re.compile("[" + "".join(map(re.escape, sorted(plain))) + "]+"), str.maketrans(plain)
    return Replacements(text, pattern, lambda old: old.translate(table))


def _plain(character: str) -> str:
    new = unicodedata.normalize("NFKC", character)
    # An accent that stands alone (´) would become a blank with an accent on it, which nobody writes.
    return character if new != character and new[0] == " " and len(new) > 1 else new
