"""The evidence for a file's encoding: which of its lines tell it, and how likely each encoding is by them."""

import re
import unicodedata
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from trainer.contract.controls import plain, without_codes
from trainer.contract.encodings import OLD_ENCODINGS, RARE

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

_SAMPLE_BYTES = 64 * 1024  # a limit, because charset-normalizer tries every encoding on the whole sample
_HANDICAP = 0.1  # of a rare encoding
_ASCII = bytes(range(0x80))
_CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\r"))


def count_controls(data: bytes) -> int:
    """Return how many bytes would be control characters in ASCII, other than tabs and line ends."""
    return _count(data, _CONTROL_BYTES)


def reads_like_text(text: str) -> bool:
    """Whether a text has hardly any unassigned characters, and enough of the characters that separate words.

    Other bytes, when they are read as UTF-16, give rare Han characters without any space or comma.
    """
    sample = plain(text[:4000] + text[len(text) // 2 :][:4000])
    kinds = [unicodedata.category(c) for c in sample]
    unassigned = sum(kind in ("Cn", "Co") for kind in kinds)
    between = sum(c in " \n\u3000\u3001\u3002\uff0c" for c in sample)
    ascii_share = sum(c.isascii() for c in sample) / max(1, len(sample))
    return unassigned * 50 <= len(sample) and (between * 100 >= len(sample) or ascii_share > 0.5)


def is_joined(data: bytes) -> bool:
    """Whether the file joins lines in UTF-8 with lines in another encoding.

    It does if one line is too long to be valid UTF-8 by chance, or if a twentieth of the lines are valid. Lines in an
    old encoding hardly ever are. Chinese is the closest case: one in seven pairs of bytes in GB18030 is also valid
    UTF-8.
    """
    lines = [line for line in data.splitlines() if not line.isascii()]
    sound = [length for length in map(_utf8_bytes, lines) if length >= 4]
    return max(sound, default=0) >= 16 or len(sound) * 20 >= len(lines)


def non_ascii_lines(data: bytes) -> bytes:
    """Return the lines that are not pure ASCII, since only these show the encoding; or a part of one very long line."""
    lines: list[bytes] = []
    room = _SAMPLE_BYTES
    for line in BytesIO(data):
        if line.isascii():
            continue
        if len(line) > room:
            break
        lines.append(line)
        room -= len(line)
    return b"".join(lines) or _cut(data)


def is_damaged_utf8(sample: bytes) -> bool:
    """Whether at least four of five non-ASCII characters are valid UTF-8. In another encoding hardly any would be."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = len(text) - _count(sample, _ASCII) - broken
    return broken * 4 <= sound


def likeliest_old_encoding(sample: bytes) -> str | None:
    """Return the Python name of the likeliest encoding older than Unicode; None if no encoding fits."""
    from charset_normalizer import from_bytes  # not at the top of the module, because the import takes 50 ms

    letters = _letters_alone(sample)
    # The two encodings of Central Europe differ at 0x80 to 0x9f: Windows has letters there, ISO has controls.
    impossible = "iso8859_2" if re.search(rb"[\x80-\x9f]", letters) else "cp1250"
    candidates = [codec for codec in OLD_ENCODINGS if codec != impossible]
    # A sample that was cut may end inside a character, which has up to four bytes.
    trims = range(4) if len(letters) == _SAMPLE_BYTES else range(1)
    scored = [
        (_doubt(match, codec), candidates.index(codec), codec)
        for trim in trims
        for match in from_bytes(
            letters[: len(letters) - trim],
            cp_isolation=candidates,
            preemptive_behaviour=False,
            enable_fallback=False,
        )
        for codec in match.could_be_from_charset
        if codec in candidates
    ]
    return min(scored)[2] if scored else None


def _letters_alone(sample: bytes) -> bytes:
    """Remove controls and formatting codes, because the detection counts them as signs of a wrong guess."""
    return without_codes(sample.decode("latin-1")).encode("latin-1").translate(None, delete=_CONTROL_BYTES)


def _doubt(match: "CharsetMatch", codec: str) -> float:
    """Return how doubtful an encoding is, from -1 (certain) to 2.

    It adds up the figures of the detection and the share of misplaced capitals. It is rounded to 0.01, because smaller
    differences mean nothing.
    """
    return round(match.chaos - match.coherence + _HANDICAP * (codec in RARE) + _turned_capitals(str(match)), 2)


def _turned_capitals(text: str) -> float:
    """Return the share of small non-ASCII letters that are followed by a capital.

    It is high if KOI8-R was read as Windows-1251 or the reverse: small letters of one are capitals of the other.
    """
    after = [second for first, second in pairwise(text) if first.islower() and not first.isascii()]
    return sum(map(str.isupper, after)) / max(1, len(after))


def _utf8_bytes(line: bytes) -> int:
    """Return how many bytes of a line are not ASCII; 0 if the line is not valid UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return 0
    return _count(line, _ASCII)


def _cut(data: bytes) -> bytes:
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 1000) if first else 0
    return data[start : start + _SAMPLE_BYTES]


def _count(data: bytes, values: bytes) -> int:
    return len(data) - len(data.translate(None, delete=values))
