"""The difference of two texts, as it is shown before an edit is saved."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.factory import TEXT
from webapp.differences import Kind, difference

TEXTS = st.text(st.sampled_from("ab .\n!é"), max_size=60)


def shown(before: str, after: str) -> list[tuple[str, str]]:
    return [(piece.kind.value, piece.text) for piece in difference(before, after).pieces]


def test_the_words_that_differ_are_shown_among_those_around_them() -> None:
    assert shown("To be or not to be. That is it.", "To be or not to be. That was it.") == [
        ("same", "To be or not to be. That "),
        ("removed", "is "),
        ("added", "was "),
        ("same", "it."),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("one\n", "one\n\n", [("same", "one\n"), ("added", "\n")]),
        ("", "new", [("added", "new")]),
        ("old", "", [("removed", "old")]),
        ("same", "same", [("same", "same")]),
    ],
)
def test_small_changes(before: str, after: str, expected: list[tuple[str, str]]) -> None:
    assert shown(before, after) == expected
    assert bool(difference(before, after)) is (before != after)


def test_a_line_end_that_changes_has_a_sign() -> None:
    assert [piece.with_signs for piece in difference("a", "a\n").pieces if piece.kind is Kind.ADDED] == ["¶\n"]


def test_a_character_of_several_code_points_is_never_divided() -> None:
    assert shown("कि कि", "की कि") == [("removed", "कि "), ("added", "की "), ("same", "कि")]
    assert shown("e\u0301", "e\u0300") == [("removed", "e\u0301"), ("added", "e\u0300")]
    family = "👩‍👩‍👧"
    around = [piece.text for piece in difference(family * 90 + "a", family * 90 + "b").pieces]
    assert around == ["", family * (len(around[1]) // len(family)), "a", "b"] and len(around[1]) >= 155


def test_what_stands_around_a_change_begins_and_ends_with_whole_words() -> None:
    words = "understudy " * 100
    found = [piece.text for piece in difference(f"{words}old. {words}", f"{words}new. {words}").pieces if piece.text]
    assert [set(around.split()) for around in found] == [{"understudy"}, {"old"}, {"new"}, {".", "understudy"}]
    assert found[-1].endswith("understudy ")


@given(TEXTS, TEXTS)
def test_both_texts_can_be_put_together_again(before: str, after: str) -> None:
    pieces = difference(before, after).pieces  # these are too short for gaps
    assert "".join(piece.text for piece in pieces if piece.kind is not Kind.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.kind is not Kind.REMOVED) == after


def test_of_what_is_the_same_only_the_surroundings_are_shown() -> None:
    found = difference(TEXT, TEXT[:2500] + "Out, out! " + TEXT[2500:])
    assert (found.removed, found.added, found.is_cut) == (0, 10, False)
    assert sum(len(piece.text) for piece in found.pieces) < 400
    assert [piece.kind.value for piece in found.pieces] == ["gap", "same", "added", "same", "gap"]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a. b! " * 400_000, "b! a. " * 400_000),
        ("a" * 2_000_000, "b" * 2_000_000),
        ("".join(f"{n % 97}\n" for n in range(1_900)), "".join(f"{n % 89}\n" for n in range(1_900))),
    ],
    ids=["very many sentences", "one word", "repetitions"],
)
def test_texts_that_differ_everywhere_take_seconds_and_not_minutes(before: str, after: str) -> None:
    begun = time.process_time()
    found: Any = difference(before, after)
    assert found and sum(len(piece.text) for piece in found.pieces) <= 60_000
    assert time.process_time() - begun < 20
