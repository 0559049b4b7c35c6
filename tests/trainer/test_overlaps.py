"""Tests of overlaps: documents that are the same or share text are found; refrains and headings do not count."""

import resource
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.texts import LETTERS, LICENCE, prose, with_licences, with_refrain
from trainer.contract import overlaps
from trainer.contract.documents import sample_text
from trainer.contract.overlaps import Kind, Overlap

PLAY = prose(1, 60_000)


def found(*documents: str) -> list[tuple[Kind, tuple[int, ...], float]]:
    return [(overlap.kind, overlap.documents, round(overlap.share, 1)) for overlap in overlaps.find(documents)]


def test_equal_documents_are_named_together_wherever_they_stand() -> None:
    other = prose(2, 5_000)
    assert found(PLAY, other, PLAY, prose(3, 900), other, PLAY) == [
        (Kind.SAME, (0, 2, 5), 1.0),
        (Kind.SAME, (1, 4), 1.0),
    ]


def test_short_documents_that_are_equal_are_found_too() -> None:
    assert found("Out, out!\n", "Brief candle.\n", "OUT,  out!") == [(Kind.SAME, (0, 2), 1.0)]


def test_of_a_document_that_shares_half_it_is_said_which_and_whose_end_that_is() -> None:
    assert found(PLAY[:40_000], PLAY[20_000:]) == [(Kind.PART, (1, 0), 0.5), (Kind.END, (0, 1), 1.0)]


def test_an_extract_stands_in_the_whole() -> None:
    assert found(PLAY, PLAY[10_000:13_000]) == [(Kind.PART, (1, 0), 1.0)]


def test_a_small_overlap_is_found_where_it_is_what_is_held_out() -> None:
    assert found(PLAY[:31_000], PLAY[27_000:]) == [(Kind.END, (0, 1), 1.0)]


def test_a_text_that_is_pasted_twice_overlaps_itself() -> None:
    assert found(PLAY + PLAY) == [(Kind.END, (0, 0), 1.0)]
    assert found(PLAY[:6_000] * 10) == [(Kind.ITSELF, (0,), 0.9)]
    assert found(PLAY + "\n\n" + PLAY[40_000:]) == [(Kind.END, (0, 0), 1.0)]


@pytest.mark.parametrize(
    "documents",
    [
        [PLAY],
        [sample_text()],
        [prose(number, 3_000) for number in range(20)],
        [with_refrain()],
        [with_refrain(lines=8)],
        [with_refrain(20_000), with_refrain(20_000).replace("a", "o")],
        [with_licences()],
        [LICENCE + prose(number, 3_000) for number in range(2)],
        [LICENCE + prose(number, 1_000) for number in range(4)],
        [prose(number, 4_000 + 1_000 * number) + LICENCE for number in range(6)],
        ["\n\n".join(f"ACT {n}\nSCENE {n}. A heath.\n{prose(n, 300)}" for n in range(200))],
        ["Chapter", ""],
        [" \n" * 40_000, PLAY],
    ],
    ids=lambda documents: f"{len(documents)} of {len(documents[0])}",
)
def test_what_is_said_again_and_again_does_not_cry_wolf(documents: list[str]) -> None:
    assert found(*documents) == []


@settings(deadline=None)
@given(st.integers(0, 999), st.sampled_from(sorted(LETTERS)), st.integers(2_000, 6_000))
def test_an_overlap_is_found_in_every_script_however_it_is_spelled(seed: int, script: str, length: int) -> None:
    text, other = prose(seed, 2 * length, script), prose(seed + 1_000, length, script)
    copy = text[length // 2 : length // 2 + length].upper().replace("\n", "  ").replace(". ", " – ")
    documents = [other, text[:length], copy]
    assert [kind for kind, numbers, _ in found(*documents) if set(numbers) == {1, 2}][:1] == [Kind.PART]
    assert all(0 not in numbers for _, numbers, _ in found(*documents))
    assert found(other, text) == []


@pytest.mark.parametrize("piece", ["a", "a ", " \n", ".,;!"], ids=["a letter", "letters", "blanks", "marks"])
def test_a_hostile_text_takes_no_longer_than_its_length_and_little_memory(piece: str) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ordinary = _processor_seconds(sample_text() * 6)
    assert _processor_seconds(piece * (6 * len(sample_text()) // len(piece))) < 6 * ordinary
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 150_000  # KB


def _processor_seconds(text: str) -> float:
    began = time.process_time()
    overlaps.find([text])
    return time.process_time() - began


def test_a_hundred_documents_of_the_same_origin_are_all_named() -> None:
    draft = prose(1, 20_000)
    names = {overlap.documents[0] for overlap in overlaps.find([f"{draft} No {n}." for n in range(100)])}
    assert len(names) == 99


def test_an_overlap_is_data() -> None:
    assert overlaps.find([PLAY, PLAY]) == [Overlap(Kind.SAME, (0, 1))]
