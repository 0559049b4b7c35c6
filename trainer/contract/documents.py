"""Documents: texts for training, cleaned, described, checked and split, as site and trainer both do it.

Only the standard library and modules like it (decoding, controls, marks): the web process imports it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from trainer.contract import file_errors
from trainer.contract.controls import can_be_seen, plain
from trainer.contract.decoding import Decoded, TextProblem, decode, decode_frozen
from trainer.contract.marks import composed
from trainer.contract.wording import counted

__all__ = [
    "COUNTED_WORD",
    "UNSPACED",
    "Decoded",
    "Description",
    "TextProblem",
    "check_trainable",
    "clean",
    "decode",
    "decode_frozen",
    "describe",
    "read_files",
    "sample_text",
    "split_held_out",
]

MINIMUM_CHARACTERS = 1_000
PREVIEW_CHARACTERS = 600
OPENING_CHARACTERS = 20_000  # of an opening that are read: its last ones


@dataclass(frozen=True)
class Description:
    """What the site says that it understood of a text."""

    characters: int  # Unicode code points
    words: int
    lines: int
    alphabet: int  # different characters
    preview: str


def clean(text: str, lowercase: bool = False) -> str:
    r"""Make one spelling of what a reader cannot tell apart; all else stays as its author wrote it.

    Line ends become \n; control characters and formatting codes go, and words that they parted stay parted. Unicode is
    composed (NFC): "é" is one character in one file and a letter with an accent to combine in the next, and a model
    would have to learn both. Of combining marks in a row, those after the thirtieth are left out. Cleaning twice is
    cleaning once.
    """
    text = plain(text)
    return composed(text.lower() if lowercase else text)


class ReadableFile(Protocol):
    """A file, or what is given in its place; `str()` is its name."""

    def read_bytes(self) -> bytes: ...


def read_files(files: Iterable[ReadableFile], lowercase: bool = False, frozen: bool = False) -> list[str]:
    """Read, decode and clean files; a TextProblem names the file. What was frozen is read as that, without a guess."""
    return [_read_file(file, lowercase, frozen) for file in files]


def _read_file(file: ReadableFile, lowercase: bool, frozen: bool) -> str:
    try:
        data = file.read_bytes()
        return clean(decode_frozen(data) if frozen else decode(data).text, lowercase)
    except OSError as error:
        raise TextProblem(" ".join(file_errors.explain(error, file)).strip()) from None
    except TextProblem as problem:
        raise TextProblem(f"{file}: {problem}") from None


# What is in it -----------------------------------------------------------------------------------

# Chinese and Japanese: Han, kana, and the marks between them.
UNSPACED = (
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
)
_WIDE_MARKS = "\u3000-\u3004\u3008-\u303f\uff00-\uff65\uffe0-\uffef"
_CHARACTER_WORD = re.compile(f"[{UNSPACED}]")
_SPACED_WORD = re.compile(f"[^\\s{UNSPACED}{_WIDE_MARKS}]+")
COUNTED_WORD = re.compile(f"(?P<character>{_CHARACTER_WORD.pattern})|{_SPACED_WORD.pattern}")  # of `describe`


def describe(text: str) -> Description:
    """Count what a person wants to know of a text.

    A word is what stands between spaces. Chinese and Japanese have none, so there each Han
    character and kana counts as a word, as word processors count. (Thai and its neighbours have
    spaces between phrases only; their counts are low.)
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
    """Raise TextProblem where there is too little for a training to learn from."""
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
    """Split a document into what is trained on and its last 10 %, by characters."""
    cut = len(text) * 9 // 10
    return text[:cut], text[cut:]


# A text that is on every machine -----------------------------------------------------------------


def sample_text() -> str:
    """The reference topics that Python's own help() shows, as one text of about 380,000 characters.

    In the order of their names, markup as it stands. A topic that mostly repeats a longer one is
    left out: a fifth of the topics' text stands there twice, and a held-out part that was seen in
    training flatters a model. The text differs a little between versions of Python.
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
