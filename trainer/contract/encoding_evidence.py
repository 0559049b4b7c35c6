"""The evidence for a file's encoding: which of its lines tell it, and how likely each encoding is by them.

The detection is chardet's; docs/encodings.md has what it reaches.
"""

import re
import unicodedata
from dataclasses import dataclass
from io import BytesIO

from trainer.contract.controls import plain, without_codes
from trainer.contract.encodings import DETECTED, OLD_ENCODINGS
from trainer.contract.letters import misplaced

_SAMPLE_BYTES = 16 * 1024  # chardet compares no more than so many
_PARTS = 16  # of a file, from each of which the sample has some lines
_LONGEST_LINE = 4 * 1024
_JUDGED_BYTES = 4 * 1024  # in which letters and marks are looked at one by one
_WEIGHT_OF_MISPLACED = 0.9
_NOISE = 0.03  # random bytes reach 0.02; prose of which a quarter is odd bytes reaches 0.2
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


def is_damaged_utf8(sample: bytes) -> bool:
    """Whether at least four of five non-ASCII characters are valid UTF-8. In another encoding hardly any would be."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = len(text) - _count(sample, _ASCII) - broken
    return broken * 4 <= sound


@dataclass(frozen=True)
class Candidate:
    """An encoding that a file may have."""

    codec: str  # Python's name
    score: float  # the likelier, the higher; comparable within one file


def ranked(data: bytes) -> list[Candidate]:
    """Return the old encodings that a file may have, the likeliest first; none if no encoding fits.

    chardet compares how often each pair of bytes stands in the file with how often it does in texts of a language in an
    encoding. Its figure, the cosine of the two, is corrected by how frequent the encoding is, and by what share of the
    odd characters would be where no language has them.
    """
    from chardet import detect_all  # not at the top of the module, because the import takes 30 ms

    sample = _letters_alone(_sample(data))
    odd = b"".join(line for line in BytesIO(sample) if not line.isascii())[:_JUDGED_BYTES]
    found = detect_all(
        b"\n" + sample,  # the line end keeps words like BM at the beginning from being a format's magic number
        ignore_threshold=True,
        max_bytes=_SAMPLE_BYTES,
        compat_names=False,
        include_encodings=DETECTED,
    )
    best = max((each["confidence"] for each in found), default=0)
    scored = [
        Candidate(codec, each["confidence"] * _correction(odd, codec, each["language"]))
        for each in found
        if each["confidence"] * 4 > best and (codec := DETECTED.get(each["encoding"] or "")) and _fits(odd, codec)
    ]
    if all(one.score < _NOISE for one in scored) and _count_odd(sample) * 4 > len(sample):
        return []
    order = list(OLD_ENCODINGS)
    return sorted(scored, key=lambda one: (-one.score, order.index(one.codec)))


def _count_odd(sample: bytes) -> int:
    return len(sample.translate(None, delete=_ASCII))


def _correction(odd: bytes, codec: str, language: str | None) -> float:
    wrong = misplaced(odd.decode(codec, "ignore"), language)
    return OLD_ENCODINGS[codec].weight * (1 - _WEIGHT_OF_MISPLACED * wrong)


def _fits(odd: bytes, codec: str) -> bool:
    """Whether nearly all bytes have a meaning in an encoding; the sample may have been cut within a character."""
    text = odd.decode(codec, "replace")
    return text.count("\ufffd") <= max(1, len(text) // 100)


def _letters_alone(sample: bytes) -> bytes:
    """Remove controls, formatting codes and what would begin a tag.

    The detection counts controls as signs of a wrong guess, and trusts the encoding that markup names.
    """
    return without_codes(sample.decode("latin-1")).encode("latin-1").translate(None, delete=_CONTROL_BYTES + b"<")


def _sample(data: bytes) -> bytes:
    """Return a small file as it is; of a larger one, lines with odd letters and some others, from all its parts."""
    if len(data) <= _SAMPLE_BYTES:
        return data
    step = len(data) // _PARTS + 1
    parts = [_part(data, start, min(start + step, len(data))) for start in range(0, len(data), step)]
    odd = b"".join(part for part, _plain in parts)
    return b"".join(plain for _odd, plain in parts) + odd if odd else _cut(data)


def _part(data: bytes, start: int, end: int) -> tuple[bytes, bytes]:
    """Return lines with odd letters and plain lines of a part of the data. It begins after the part's first line end.

    The very first part begins with the data.
    """
    room, plain_room = _SAMPLE_BYTES * 3 // 4 // _PARTS, _SAMPLE_BYTES // 4 // _PARTS
    odd, plain = b"", b""
    lines = BytesIO(data)
    lines.seek(start)
    if start:
        lines.readline(end - start)
    while lines.tell() < end and len(odd) < room:
        line = lines.readline(_LONGEST_LINE)
        if not line.isascii():
            odd += line if line.endswith(b"\n") else b""  # a longer one may begin or end within a character
        elif len(plain) < plain_room:
            plain += line
    return odd[:_LONGEST_LINE], plain


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
    return data[start : start + _SAMPLE_BYTES + 4]  # chardet allows a character that its limit cuts


def _count(data: bytes, values: bytes) -> int:
    return len(data) - len(data.translate(None, delete=values))
