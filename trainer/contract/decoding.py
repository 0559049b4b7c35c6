"""The decoding of a file's bytes to text, or to a sentence that says why they are not text.

`decode` guesses the encoding of an unknown file. This happens once, when the file is uploaded or named. After that its
text is kept as UTF-8 ("frozen"), and `decode_frozen` reads the kept copy without a guess.

The web process imports this module. So it needs only the standard library, other modules of this package and, for old
encodings, chardet.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, replace

from trainer.contract import encoding_evidence as evidence
from trainer.contract import marks
from trainer.contract.controls import can_be_seen, odd_controls, plain
from trainer.contract.encodings import MARKS, OLD_ENCODINGS, SEVEN_BIT
from trainer.contract.formats import known_format
from trainer.contract.seven_bit import from_cesu8, seven_bit_encoding


class TextProblem(ValueError):
    """A text that can't be used. The message tells a person in one sentence what is wrong and what to do."""


@dataclass(frozen=True)
class Decoded:
    """The text of a document, and the way its bytes were read."""

    text: str
    encoding: str  # for people: "UTF-8", "Windows-1252 (Western Europe)"
    replaced: int = 0  # characters that could not be read and were replaced by U+FFFD
    nuls: int = 0  # NUL characters, which `clean` removes
    surplus_marks: int = 0  # combining marks after the 30th of a row, which `clean` removes


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
    return replace(decoded, nuls=decoded.text.count("\0"), surplus_marks=marks.surplus(decoded.text))


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
    for mark, codec, name in MARKS:
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
    is_odd = evidence.count_controls(data) > _few(data) and _has_odd_controls(data.decode("latin-1"))
    if not is_odd:
        if codec := seven_bit_encoding(data):
            return _read(data, codec, SEVEN_BIT[codec])
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
    if (text := from_cesu8(data)) is not None:
        return Decoded(text, "CESU-8")
    if evidence.is_damaged_utf8(data):
        return _read(data, "utf-8", "UTF-8")
    if evidence.is_joined(data):
        raise _unreadable(data, "utf-8", "UTF-8", _TWO_ENCODINGS)
    ranking = evidence.ranked(data)
    if not ranking:
        raise _unreadable(data, "utf-8", "UTF-8", _UNKNOWN)
    codec = likeliest(data, ranking).codec
    return _read(data, codec, OLD_ENCODINGS[codec].label)


def likeliest(data: bytes, ranking: list[evidence.Candidate]) -> evidence.Candidate:
    """Return the encoding to read a file in: the first of a ranking, which has one at least, that reads all of it."""
    best = next((one for one in ranking if reads_all(data, one.codec)), ranking[0])
    if best.score * 10 < ranking[0].score * 9:  # the first was damaged, rather than this one right
        best = ranking[0]
    return _simplest(data, best, ranking)


def _simplest(data: bytes, best: evidence.Candidate, ranking: list[evidence.Candidate]) -> evidence.Candidate:
    """Return, of the likely encodings that read the file alike, the one that is first in the table: KOI8-R, not -U."""
    text = data.decode(best.codec, "replace")
    likely = (one for one in ranking if one.score * 10 >= best.score * 9)
    alike = [one for one in likely if data.decode(one.codec, "replace") == text]
    return min([best, *alike], key=lambda one: list(OLD_ENCODINGS).index(one.codec))


def reads_all(data: bytes, codec: str) -> bool:
    """Whether all of these bytes are text in an encoding."""
    try:
        data.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _wide(data: bytes) -> Decoded | None:
    """Decode UTF-16 or UTF-32 without a byte order mark. Return None if the result does not look like text."""
    for codec in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        with suppress(UnicodeDecodeError):
            text = data.decode(codec)
            if evidence.reads_like_text(text):
                return Decoded(text, codec[:6].upper())
    return None


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
