"""Compatibility characters (Unicode's NFKC): ligatures, full-width letters, raised digits, no-break blanks."""

import re
import unicodedata
from collections.abc import Iterator

from webapp.doctor.changes import Change


def changes(text: str) -> Iterator[Change]:
    """Write them as the plain characters that Unicode gives for them. The text is in NFC already."""
    if text.isascii():
        return
    plain = {character: new for character in set(text) if (new := _plain(character)) != character}
    if plain:
        pattern = re.compile("[" + "".join(map(re.escape, sorted(plain))) + "]+")
        for found in pattern.finditer(text):
            yield Change(found.start(), found.end(), "".join(plain[character] for character in found[0]))


def _plain(character: str) -> str:
    new = unicodedata.normalize("NFKC", character)
    # An accent that stands alone (´) would become a blank with an accent on it, which nobody writes.
    return character if new != character and new[0] == " " and len(new) > 1 else new
