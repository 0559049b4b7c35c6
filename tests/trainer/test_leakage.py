"""Tests of leakage: the shares of held-out text that make a score less meaningful."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.texts import LETTERS, LICENCE, prose, with_licences, with_refrain
from trainer.contract.documents import sample_text, split_held_out
from trainer.data import leakage, random_streams
from trainer.data.leakage import Shares
from trainer.text import vocabulary_learning


def shares(documents: Sequence[str]) -> Shares:
    train, held_out = map(list, zip(*map(split_held_out, documents), strict=True))
    known = vocabulary_learning.learn(train, random_streams.generator(1, "openings"), "char")
    return leakage.shares(known, train, held_out)


PLAY = prose(1, 60_000)
COPIES = {
    "overlapping documents": ([PLAY[:36_000], PLAY[24_000:]], 0.5),
    "documents that overlap by a twentieth": ([PLAY[:30_000], PLAY[27_000:]], 0.476),
    "one document of five": ([PLAY[10_000 * n : 10_000 * n + 10_000 + 2_000 * (n == 2)] for n in range(5)], 0.23),
    "overlapping, with other line breaks": ([PLAY[:36_000], " ".join(PLAY[24_000:].split())], 0.5),
    "a text pasted twice": ([PLAY * 2], 1),
    "a text pasted ten times": ([PLAY[:6_000] * 10], 1),
    "the last fifth pasted again": ([PLAY + PLAY[-12_000:]], 1),
    "cut into windows that overlap": ([PLAY[start : start + 1_500] for start in range(0, 58_000, 1_350)], 0.98),
    "cut into windows of which four overlap": ([PLAY[n : n + 4_000] for n in range(0, 56_000, 1_000)], 0.98),
    "one line again and again": (["All work and no play makes Jack a dull boy.\n" * 1_000], 1),
}


@pytest.mark.parametrize("name", COPIES)
def test_held_out_text_that_also_stands_in_the_training_text_is_measured(name: str) -> None:
    documents, copied = COPIES[name]
    assert shares(documents).copied == pytest.approx(copied, abs=0.02)


HABITS = {
    "prose": [PLAY],
    "the sample": [sample_text()],
    "a refrain of four lines": [with_refrain()],
    "a refrain of twelve lines": [with_refrain(lines=12)],
    "a licence before each chapter": [with_licences()],
    "a licence at the head of each document": [LICENCE + prose(n, 8_000) for n in range(2)],
    "a licence at the end of each document": [prose(n, 4_000 + 1_000 * n) + LICENCE for n in range(6)],
    "headings": ["\n\n".join(f"ACT {n}\nSCENE {n}. A heath.\n{prose(n, 300)}" for n in range(200))],
    "the same file twice": [PLAY, PLAY],
}


@pytest.mark.parametrize("name", HABITS)
def test_what_a_text_says_again_and_again_is_no_copy(name: str) -> None:
    assert shares(HABITS[name]).copied < 0.005


@settings(deadline=None)
@given(st.integers(0, 999), st.integers(250, 1_500), st.integers(0, 5_000), st.sampled_from(sorted(LETTERS)))
def test_a_passage_that_is_said_once_more_is_a_copy_in_every_script(
    seed: int, length: int, place: int, script: str
) -> None:
    train = prose(seed, 9_000, script)
    known = vocabulary_learning.learn([train], random_streams.generator(1, "openings"), "char")
    new, copy = prose(1_000 + seed, 1_000, script), train[place : place + length]
    found = leakage.shares(known, [train], [new + copy])
    assert found.copied == pytest.approx(length / (1_000 + length), abs=0.02)
    assert leakage.shares(known, [train], [new]).copied == 0


def test_characters_that_training_has_not_seen_are_counted_by_code_points() -> None:
    body = "So fair and foul a day I have not seen.\n" * 50
    known = vocabulary_learning.learn([body], random_streams.generator(1, "openings"), "char")
    assert leakage.shares(known, [body], ["день ж day."]).unseen == pytest.approx(5 / 11)
    words = vocabulary_learning.learn([body], random_streams.generator(1, "openings"), "word")
    assert leakage.shares(words, [body], ["So fair день a day"]).unseen == pytest.approx(4 / 18)


def test_an_end_that_is_held_out_twice_is_a_repetition() -> None:
    assert shares([PLAY, PLAY, prose(2, 60_000)]).repeated == pytest.approx(1 / 3)
    assert shares([PLAY, prose(2, 60_000)]).repeated == 0
