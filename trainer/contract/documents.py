"""Documents: how the site and the trainer clean, describe, check and split a text for training.

The web process imports this module. So it needs only the standard library and other modules of this package.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from trainer.contract import file_errors
from trainer.contract.controls import can_be_seen, plain, storable
from trainer.contract.decoding import Decoded, TextProblem, decode, decode_frozen
from trainer.contract.marks import Form, normalised
from trainer.contract.wording import counted

__all__ = [
    "COUNTED_WORD",
    "UNSPACED",
    "Decoded",
    "Description",
    "TextProblem",
    "as_stored",
    "check_trainable",
    "clean",
    "decode",
    "decode_frozen",
    "describe",
    "read_files",
    "read_frozen",
    "sample_text",
    "spelled",
    "split_held_out",
]

MINIMUM_CHARACTERS = 1_000
PREVIEW_CHARACTERS = 600
OPENING_CHARACTERS = 20_000  # at most these last characters of an opening are read
OPENING_SYMBOLS = 5_000  # and at most these last symbols, which are characters or words


@dataclass(frozen=True)
class Description:
    """The figures and the preview that the site shows of a text."""

    characters: int  # Unicode code points
    words: int
    lines: int
    alphabet: int  # number of different characters
    preview: str


def clean(text: str, lowercase: bool = False) -> str:
    r"""Give the same spelling to everything that looks the same to a reader. The rest stays as its author wrote it.

    Line ends become \n. Control characters and formatting codes are removed, and words that they separate stay
    separate. Unicode is composed (NFC): one file has "é" as one character, another as a letter and a combining accent,
    and a model would have to learn both. Of a row of combining marks only the first thirty stay. Cleaning a clean text
    changes nothing.
    """
    return spelled(plain(text), lowercase)


def spelled(text: str, lowercase: bool = False, form: Form = "NFC") -> str:
    """Return a text in one of Unicode's normal forms, perhaps in lower case. Control characters stay."""
    return normalised(text.lower() if lowercase else text, form)


def as_stored(text: str) -> str:
    r"""Return a text as the site keeps it: with \n at line ends, in NFC, without what can't be stored.

    Control characters stay, so that a person sees them before they go.
    """
    return spelled(storable(text))


class ReadableFile(Protocol):
    """A file, or an object that stands for one. `str()` returns its name."""

    def read_bytes(self) -> bytes: ...


def read_files(files: Iterable[ReadableFile], lowercase: bool = False, frozen: bool = False) -> list[str]:
    """Read, decode and clean files. Raises a TextProblem that names the file.

    `frozen` files are strict UTF-8 and were cleaned before: control characters that were kept stay, and so does the
    normal form.
    """
    return [_read_file(file, lowercase, frozen) for file in files]


def read_frozen(data: bytes, lowercase: bool = False) -> str:
    """Return a text that was decoded and cleaned before, as a training reads it. Raises TextProblem."""
    text = decode_frozen(data)
    return text.lower() if lowercase else text


def _read_file(file: ReadableFile, lowercase: bool, frozen: bool) -> str:
    try:
        data = file.read_bytes()
        return read_frozen(data, lowercase) if frozen else clean(decode(data).text, lowercase)
    except OSError as error:
        raise TextProblem(" ".join(file_errors.explain(error, file)).strip()) from None
    except TextProblem as problem:
        raise TextProblem(f"{file}: {problem}") from None


# Description -------------------------------------------------------------------------------------

# Scripts without spaces between words (Chinese and Japanese): Han characters, kana and iteration marks.
UNSPACED = (
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_WIDE_MARKS = "\u3000-\u3004\u3008-\u303f\uff00-\uff65\uffe0-\uffef"
_CHARACTER_WORD = re.compile(f"[{UNSPACED}]")
_SPACED_WORD = re.compile(f"[^\\s{UNSPACED}{_WIDE_MARKS}]+")
#: Matches what `describe` counts as a word.
COUNTED_WORD = re.compile(f"(?P<character>{_CHARACTER_WORD.pattern})|{_SPACED_WORD.pattern}")


def describe(text: str) -> Description:
    """Count the characters, words and lines of a text.

    Words are separated by spaces. Chinese and Japanese have no spaces, so each Han character and each kana counts as a
    word there, as in word processors. (Thai and related scripts have spaces only between phrases, so their counts are
    too low.)
    """
    return Description(
        characters=len(text),
        words=_count_words(text),
        lines=text.count("\n") + (not text.endswith("\n") and text != ""),
        alphabet=len(set(text)),
        preview=text[:PREVIEW_CHARACTERS],
    )


def _count_words(text: str) -> int:
    if text.isascii():
        return re.subn(r"\S+", "", text)[1]
    return _CHARACTER_WORD.subn("", text)[1] + _SPACED_WORD.subn("", text)[1]


def check_trainable(texts: list[str], minimum: int = MINIMUM_CHARACTERS) -> None:
    """Raise TextProblem if the texts are too short or too uniform for a training."""
    characters = sum(map(len, texts))
    if characters == 0:
        raise TextProblem("There is no text: add one before you train.")
    alphabet = set().union(*texts)
    if not can_be_seen("".join(alphabet)):
        raise TextProblem(
            "The text is nothing but blanks and characters that cannot be seen: choose one that has words in it."
        )
    if len(alphabet) == 1:
        raise TextProblem(
            f"The text is one character repeated ({min(alphabet)!r}), which leaves nothing to "
            "learn: choose another text."
        )
    if characters < minimum:
        raise TextProblem(
            f"The text has {counted(characters, 'character')} and a training needs at least {minimum:,}: add more text."
        )


def split_held_out(text: str) -> tuple[str, str]:
    """Split a document into the part to train on and the held-out part, which is its last 10 % by characters."""
    cut = len(text) * 9 // 10
    return text[:cut], text[cut:]


# Sample text -------------------------------------------------------------------------------------


def sample_text() -> str:
    """Return a text that every machine has: the reference topics of Python's help(), about 380,000 characters.

    The topics are in the order of their names, with their markup. A topic that mostly repeats a longer one is left
    out: a fifth of all topics is repeated text, and if the held-out part repeats the training part, the score of a
    model is too good. The text differs a little between versions of Python.
    """
    from pydoc_data.topics import topics

    seen: set[str] = set()
    kept: list[str] = []
    for name in sorted(topics, key=lambda name: (-len(topics[name]), name)):
        paragraphs = topics[name].split("\n\n")
        repeated = sum(len(paragraph) for paragraph in paragraphs if paragraph in seen)
        if repeated * 2 < len(topics[name]):
            kept.append(name)
            seen.update(paragraphs)
    return clean("\n\n\n".join(topics[name].strip() for name in sorted(kept)) + "\n")
