"""The decoding of a file's bytes to text, or to a sentence that says why they are not text.

`decode` guesses the encoding of an unknown file. This happens once, when the file is uploaded or named. After that its
text is kept as UTF-8 ("frozen"), and `decode_frozen` reads the kept copy without a guess.

The web process imports this module. So it needs only the standard library, other modules of this package and, for old
encodings, charset-normalizer.
"""

import re
import unicodedata
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, BOM_UTF32_BE, BOM_UTF32_LE
from contextlib import suppress
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from typing import TYPE_CHECKING

from trainer.contract.controls import can_be_seen, odd_controls, plain, without_codes
from trainer.contract.formats import known_format

if TYPE_CHECKING:
    from charset_normalizer import CharsetMatch

DETECTED_BYTES = 64 * 1024  # a limit, because charset-normalizer tries every encoding on the whole sample


class TextProblem(ValueError):
    """A text that can't be used. The message tells a person in one sentence what is wrong and what to do."""


@dataclass(frozen=True)
class Decoded:
    """The text of a document, and the way its bytes were read."""

    text: str
    encoding: str  # for people: "UTF-8", "Windows-1252 (Western Europe)"
    replaced: int = 0  # characters that could not be read and were replaced by U+FFFD
    nuls: int = 0  # NUL characters, which `clean` removes


_MARKS = (  # UTF-32's little-endian mark begins with UTF-16's
    (BOM_UTF32_LE, "utf-32-le", "UTF-32"),
    (BOM_UTF32_BE, "utf-32-be", "UTF-32"),
    (BOM_UTF16_LE, "utf-16-le", "UTF-16"),
    (BOM_UTF16_BE, "utf-16-be", "UTF-16"),
    (BOM_UTF8, "utf-8", "UTF-8"),
)

# Python's name → the name for people. Real text files have these encodings. If charset-normalizer tries all encodings
# that it knows, it confuses Mac Roman with its Icelandic variant. Of two equally likely encodings, the earlier in this
# table wins.
_LEGACY = {
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "cp949": "EUC-KR (Korean)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp874": "Windows-874 (Thai)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp866": "DOS 866 (Cyrillic)",
    "iso8859_2": "ISO 8859-2 (Central Europe)",
    "mac_roman": "Mac Roman (Western Europe)",
}

# If the evidence for two encodings is about equal, the rare one is wrong. Without this handicap, a French line with
# quotation marks has less "chaos" as Baltic, a German line is as plausible in Mac Roman, and a Japanese one as Thai.
_RARE = frozenset(["cp1257", "cp874", "cp866", "mac_roman"])
_HANDICAP = 0.1

_ASCII = bytes(range(0x80))
_CONTROL_BYTES = bytes(set(range(0x20)) - set(b"\t\n\r"))
_SHOWN = 60  # how many characters of an unreadable line a message quotes
_LINE_END = re.compile("\r\n|\r|\n")
_UNKNOWN = "The file's encoding could not be recognised"
_TWO_ENCODINGS = "Some of the file is in UTF-8 and some is not"
_BINARY = (
    "This is not plain text but a program's own format: open it in the program that made it, "
    "save it as plain text (.txt), and use that file."
)


def decode(data: bytes) -> Decoded:
    """Decode the bytes of a file or of a pasted text: as UTF-8, UTF-16 or UTF-32, else in the likeliest old encoding.

    Control characters stay; `clean` removes them. Raises TextProblem if the bytes are empty, are not text, or have an
    encoding that is not recognised.
    """
    if not data:
        raise TextProblem("The file is empty: choose one that has text in it.")
    _refuse_known_formats(data)
    decoded = _marked(data) or _without_mark(data)
    if not can_be_seen(decoded.text):
        raise TextProblem(
            "The file holds no text, only blanks and characters that cannot be seen: choose one that has text in it."
        )
    return replace(decoded, nuls=decoded.text.count("\0"))


def decode_frozen(data: bytes) -> str:
    """Decode a text that was decoded before and kept as UTF-8. Nothing is guessed, whatever the text begins with.

    Raises TextProblem if the bytes are not UTF-8: then the kept copy is damaged.
    """
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise TextProblem(
            f"This text is damaged: it was kept as UTF-8, and from byte {error.start:,} on it is not. "
            "Put its file back from a copy, or add the text anew."
        ) from None


def _refuse_known_formats(data: bytes) -> None:
    if found := known_format(data):
        kind, advice = found
        raise TextProblem(f"This is {kind}, not plain text: {advice}.")


def _marked(data: bytes) -> Decoded | None:
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _checked(_read(data[len(mark) :], codec, name))
    return None


def _checked(decoded: Decoded) -> Decoded:
    """Return the decoded document. Raises TextProblem if it is not text, although its encoding is known."""
    _refuse_known_formats(decoded.text.encode(errors="replace"))
    if _has_odd_controls(decoded.text):
        raise TextProblem(_BINARY)
    return decoded


def _without_mark(data: bytes) -> Decoded:
    is_odd = _removed(data, _CONTROL_BYTES) > _few(data) and _has_odd_controls(data.decode("latin-1"))
    if not is_odd:
        with suppress(UnicodeDecodeError):
            return Decoded(data.decode(), "UTF-8")
    if 0 in data and (wide := _wide(data)):  # English in UTF-16 has a NUL after each letter
        return _checked(wide)
    if is_odd:
        raise TextProblem(_BINARY)
    return _old_encoding(data)


def _few(text: str | bytes) -> int:
    """Return how many odd controls, including NUL, a text may have: up to 2 % are an accident, more are binary data."""
    return max(1, len(text) // 50)


def _has_odd_controls(text: str) -> bool:
    return odd_controls(text) > _few(text)


def _old_encoding(data: bytes) -> Decoded:
    """Decode what is not valid UTF-8: a damaged file in UTF-8, or a file in an encoding older than Unicode."""
    sample = _sample(data)
    if _is_damaged_utf8(sample):
        return _read(data, "utf-8", "UTF-8")
    if _is_joined(data):
        raise _unreadable(data, "utf-8", "UTF-8", _TWO_ENCODINGS)
    codec = _detected(_letters_alone(sample))
    if codec is None:
        raise _unreadable(data, "utf-8", "UTF-8", _UNKNOWN)
    return _read(data, codec, _LEGACY[codec])


def _letters_alone(sample: bytes) -> bytes:
    """Remove controls and formatting codes, because the detection counts them as signs of a wrong guess."""
    return without_codes(sample.decode("latin-1")).encode("latin-1").translate(None, delete=_CONTROL_BYTES)


def _wide(data: bytes) -> Decoded | None:
    """Decode UTF-16 or UTF-32 without a byte order mark. Return None if the result does not look like text."""
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        with suppress(UnicodeDecodeError):
            text = data.decode(codec)
            if _reads_like_text(text):
                return Decoded(text, codec[:6].upper())
    return None


def _reads_like_text(text: str) -> bool:
    """Whether a text has hardly any unassigned characters, and enough of the characters that separate words.

    Other bytes, when they are read as UTF-16, give rare Han characters without any space or comma.
    """
    sample = plain(text[:4000] + text[len(text) // 2 :][:4000])
    kinds = [unicodedata.category(c) for c in sample]
    unassigned = sum(kind in ("Cn", "Co") for kind in kinds)
    between = sum(c in " \n\u3000\u3001\u3002\uff0c" for c in sample)
    ascii_share = sum(c.isascii() for c in sample) / max(1, len(sample))
    return unassigned * 50 <= len(sample) and (between * 100 >= len(sample) or ascii_share > 0.5)


def _read(data: bytes, codec: str, name: str) -> Decoded:
    """Decode, and replace and count broken characters. Raises TextProblem if they are more than 1 %."""
    try:
        return Decoded(data.decode(codec), name)
    except UnicodeDecodeError:
        text = data.decode(codec, "replace")
    replaced = text.count("\ufffd")
    if replaced > max(1, len(text) // 100):
        raise _unreadable(data, codec, name, _TWO_ENCODINGS if codec == "utf-8" else _UNKNOWN)
    return Decoded(text, name, replaced)


def _unreadable(data: bytes, codec: str, name: str, reason: str) -> TextProblem:
    """Return the problem of a file that is not in an encoding. It names the first wrong line and quotes its beginning.

    The bytes must not be valid in this encoding.
    """
    try:
        data.decode(codec)
    except UnicodeDecodeError as error:
        before = _LINE_END.split(data[: error.start].decode(codec))
        after = _LINE_END.split(data[error.start :][: 4 * _SHOWN].decode(codec, "replace"))
        line = f"line {len(before):,} is the first that is not {name} (“{_beginning(before[-1], after[0])}”)"
    return TextProblem(
        f"{reason}: {line}. Open the file in an editor, put right what looks wrong there, save it as UTF-8, "
        "and use that file."
    )


def _beginning(read: str, unread: str) -> str:
    """Return the beginning of a line, for a message; of a long line, the part around its first bad character."""
    if len(read) >= _SHOWN:
        read = "…" + read[-_SHOWN // 2 :]
    line = " ".join(plain(read + unread).split())
    return line if len(line) <= _SHOWN else line[:_SHOWN] + "…"


def _is_joined(data: bytes) -> bool:
    """Whether the file joins lines in UTF-8 with lines in another encoding.

    It does if one line is too long to be valid UTF-8 by chance, or if a twentieth of the lines are valid. Lines in an
    old encoding hardly ever are. Chinese is the closest case: one in seven pairs of bytes in GB18030 is also valid
    UTF-8.
    """
    lines = [line for line in data.splitlines() if not line.isascii()]
    sound = [length for length in map(_utf8_bytes, lines) if length >= 4]
    return max(sound, default=0) >= 16 or len(sound) * 20 >= len(lines)


def _utf8_bytes(line: bytes) -> int:
    """Return how many bytes of a line are not ASCII; 0 if the line is not valid UTF-8."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return 0
    return _removed(line, _ASCII)


def _sample(data: bytes) -> bytes:
    """Return the lines that are not pure ASCII, since only these show the encoding; or a part of one very long line."""
    lines: list[bytes] = []
    room = DETECTED_BYTES
    for line in BytesIO(data):
        if line.isascii():
            continue
        if len(line) > room:
            break
        lines.append(line)
        room -= len(line)
    return b"".join(lines) or _cut(data)


def _cut(data: bytes) -> bytes:
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 1000) if first else 0
    return data[start : start + DETECTED_BYTES]


def _is_damaged_utf8(sample: bytes) -> bool:
    """Whether at least four of five non-ASCII characters are valid UTF-8. In another encoding hardly any would be."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    sound = len(text) - _removed(sample, _ASCII) - broken
    return broken * 4 <= sound


def _removed(data: bytes, values: bytes) -> int:
    return len(data) - len(data.translate(None, delete=values))


def _doubt(match: "CharsetMatch", codec: str) -> float:
    """Return how doubtful an encoding is, from -1 (certain) to 2.

    It adds up the figures of the detection and the share of misplaced capitals. It is rounded to 0.01, because smaller
    differences mean nothing.
    """
    return round(match.chaos - match.coherence + _HANDICAP * (codec in _RARE) + _turned_capitals(str(match)), 2)


def _turned_capitals(text: str) -> float:
    """Return the share of small non-ASCII letters that are followed by a capital.

    It is high if KOI8-R was read as Windows-1251 or the reverse: small letters of one are capitals of the other.
    """
    after = [second for first, second in pairwise(text) if first.islower() and not first.isascii()]
    return sum(map(str.isupper, after)) / max(1, len(after))


def _detected(sample: bytes) -> str | None:
    """Return the likeliest encoding older than Unicode; None if no encoding fits."""
    from charset_normalizer import from_bytes  # not at the top of the module, because the import takes 50 ms

    # The two encodings of Central Europe differ at 0x80 to 0x9f: Windows has letters there, ISO has controls.
    impossible = "iso8859_2" if re.search(rb"[\x80-\x9f]", sample) else "cp1250"
    candidates = [codec for codec in _LEGACY if codec != impossible]
    # A sample that was cut may end inside a character, which has up to four bytes.
    trims = range(4) if len(sample) == DETECTED_BYTES else range(1)
    scored = [
        (_doubt(match, codec), candidates.index(codec), codec)
        for trim in trims
        for match in from_bytes(
            sample[: len(sample) - trim],
            cp_isolation=candidates,
            preemptive_behaviour=False,
            enable_fallback=False,
        )
        for codec in match.could_be_from_charset
        if codec in candidates
    ]
    return min(scored)[2] if scored else None
