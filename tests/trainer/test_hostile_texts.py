"""Tests of hostile texts: for any content, a text of twice the length takes about twice the time."""

import time
import unicodedata
from collections.abc import Callable
from contextlib import suppress

import numpy as np
import pytest

from tests.support.doubling import REPEATED, growth
from trainer.contract.controls import can_be_seen, odd_controls
from trainer.contract.documents import TextProblem, check_trainable, clean, decode, describe
from trainer.data.text_index import TextIndex
from trainer.generation.endings import Passage
from trainer.text import symbols


def _decoded(data: bytes) -> None:
    with suppress(TextProblem):
        decode(data)


def _checked(text: str) -> None:
    with suppress(TextProblem):
        check_trainable([text])


def _taken(text: str) -> None:
    passage = Passage(len(text) - 1, words=len(text))
    for start in range(0, len(text), 256):
        passage.take([(symbol, None) for symbol in text[start : start + 256]])


def _copied(text: str) -> None:
    TextIndex.build(iter([text])).copied(text[: len(text) // 2])


WORKS: dict[str, Callable[[str], object]] = {
    "cleaned": clean,
    "cleaned and lower-cased": lambda text: clean(text, lowercase=True),
    "looked at for controls": odd_controls,
    "looked at for what can be seen": can_be_seen,
    "decoded": lambda text: _decoded(text.encode()),
    "decoded from UTF-16": lambda text: _decoded(text.encode("utf-16")),
    "decoded from UTF-16 without a mark": lambda text: _decoded(text.encode("utf-16-le")),
    "decoded from Windows-1252": lambda text: _decoded(("é" + text + "è\n").encode("cp1252", "replace")),
    "decoded as RTF": lambda text: _decoded(b"{\\rtf1{\\a" + text.encode()),
    "decoded as PDF": lambda text: _decoded(b"%PDF-1.4\n" + text.encode()),
    "decoded as PostScript": lambda text: _decoded(b"%!PS\n" + text.encode()),
    "counted": describe,
    "checked": _checked,
    "cut into characters": lambda text: list(symbols.clusters(text)),
    "cut into words": lambda text: list(symbols.words(text)),
    "cut where there is no more room": lambda text: symbols.beginning(text, len(text) - 1),
    "taken into a passage": _taken,
    "indexed and compared": _copied,
}


@pytest.mark.parametrize("work", WORKS)
def test_twice_the_text_takes_about_twice_the_time(work: str) -> None:
    WORKS[work]("What is made once is made, and is not measured: \U00010400 \u0301 \x07.")
    grown = {name: growth(WORKS[work], unit) for name, unit in REPEATED.items()}
    assert {name: round(ratio, 1) for name, ratio in grown.items() if ratio >= 3} == {}


def test_a_letter_with_two_hundred_thousand_marks_is_cleaned_in_no_time() -> None:
    began = time.thread_time()
    text = clean("a" + "\u0300\u0316" * 100_000)
    assert time.thread_time() - began < 2  # 0.01 s; half a minute where the marks are sorted
    assert len(text) == 30 and text.startswith("à")


def test_every_mark_that_normalising_sorts_is_counted() -> None:
    points = [chr(point) for point in range(0x110000) if not 0xD800 <= point < 0xE000]
    sorted_ones = [c for c in points if unicodedata.combining(unicodedata.normalize("NFKD", c)[0])]
    assert max(sorted_ones) < "\U0001f000", "the marks are looked for below emoji"
    for mark in sorted_ones:
        assert len(clean(mark * 500)) <= 30
        assert np.all([len(unicodedata.normalize(form, clean(mark * 500))) <= 120 for form in ("NFD", "NFKD")])
