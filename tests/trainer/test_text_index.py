"""Tests of the text index: it finds every copied run, none twice, at the right place, and fast."""

import threading
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.contract.documents import sample_text
from trainer.data.text_index import Span, TextIndex

MACBETH = "She should have died hereafter;\nThere would have been a time for such a word.\n"
CHINESE = "臣本布衣，躬耕於南陽，苟全性命於亂世，不求聞達於諸侯。先帝不以臣卑鄙，猥自枉屈，三顧臣於草廬之中。"
CANDLES = "🕯👩‍👩‍👧é🕯🏴󠁧󠁢󠁥󠁮󠁧󠁿 brief candle 🕯🕯🕯 out, out 🕯"


def pieces(text: str, spans: list[Span]) -> list[str]:
    return [text[span.start : span.start + span.length] for span in spans]


def naive(documents: list[str], text: str, minimum: int) -> tuple[set[int], int]:
    """Return the characters that are in a run, and the length of the longest run, in a simple way."""
    runs = [
        range(start, end)
        for start in range(len(text))
        for end in range(start + minimum, len(text) + 1)
        if any(text[start:end] in document for document in documents)
    ]
    return {place for run in runs for place in run}, max(map(len, runs), default=0)


letters = st.text("abé🕯", max_size=40)


@given(st.lists(letters, max_size=3), letters, st.integers(1, 4))
def test_exactly_what_lies_in_a_run_is_marked_at_its_place(documents: list[str], text: str, minimum: int) -> None:
    spans = TextIndex.build(documents).copied(text, minimum)
    marked = [place for span in spans for place in range(span.start, span.start + span.length)]
    covered, longest = naive(documents, text, minimum)
    assert marked == sorted(covered)
    assert max((span.length for span in spans), default=0) == longest
    for span, piece in zip(spans, pieces(text, spans), strict=True):
        assert span.length and documents[span.document][span.at : span.at + span.length] == piece


def test_a_run_of_twenty_counts_and_one_of_nineteen_does_not() -> None:
    source = TextIndex.build([MACBETH])
    assert source.copied("zz" + MACBETH[3:23] + "zz") == [Span(2, 20, 0, 3)]
    assert source.copied("zz" + MACBETH[3:22] + "zz") == []


@pytest.mark.parametrize("text", ["", "hereafter", "zzz" * 100])
def test_what_is_too_short_or_new_has_no_copies(text: str) -> None:
    assert TextIndex.build([MACBETH]).copied(text) == []


def test_a_run_does_not_go_over_the_border_of_two_documents() -> None:
    source = TextIndex.build([MACBETH, CHINESE])
    assert pieces(both := MACBETH + CHINESE, spans := source.copied(both)) == [MACBETH, CHINESE]
    assert [span.document for span in spans] == [0, 1]


@pytest.mark.parametrize("document", [CHINESE, CANDLES])
def test_places_are_code_points_whatever_their_bytes(document: str) -> None:
    source = TextIndex.build(["é" * 5000 + "\n", "z" * 9000 + document * 2])
    assert source.copied("Ω" + document[2:25]) == [Span(1, 23, 1, 9002)]


def test_of_runs_that_overlap_the_longest_stays_whole() -> None:
    source = TextIndex.build(["abcdefghijklmnopqrstuvwxyz", "fghijklmnopqrstuvwxyz" + "0123456789" * 4])
    spans = source.copied("abcdefghijklmnopqrstuvwxyz" + "0123456789" * 4)
    assert spans == [Span(0, 5, 0, 0), Span(5, 61, 1, 0)]


def test_the_first_of_several_places_is_named() -> None:
    assert TextIndex.build(["z", f"zz{MACBETH}{MACBETH}", MACBETH]).copied(MACBETH[:30]) == [Span(0, 30, 1, 2)]


def test_a_text_that_is_copied_whole_is_one_span_and_found_at_once() -> None:
    text = sample_text()[:100_000]
    source = TextIndex.build(["before it", text])
    began = time.process_time()
    assert source.copied(text) == [Span(0, 100_000, 1, 0)]
    assert time.process_time() - began < 1  # 0.003 s where this was written


def test_a_loop_of_one_letter_is_marked_in_as_few_pieces_as_do() -> None:
    spans = TextIndex.build(["-" * 70 + "\n" + MACBETH]).copied("-" * 7_000)
    assert [span.length for span in spans] == [70] * 100


def test_a_long_text_of_short_runs_takes_less_than_seconds() -> None:
    text = sample_text()
    shuffled = "".join(text[place : place + 30] for place in range(0, 300_000, 450))
    began = time.process_time()
    assert len(TextIndex.build([text]).copied(shuffled)) > 500
    assert time.process_time() - began < 5  # 0.07 s where this was written


@pytest.mark.parametrize(
    ("text", "has_paragraphs"),
    [
        ("One.\n\nTwo.\n\nThree.\n", True),
        ("One.\n \t\nTwo.\n\u3000\nThree.\n", True),
        ("One.\nTwo.\n", False),
        ("One\n\n" + "Line.\n" * 100, False),
        ("One.", False),
        ("", False),
    ],
)
def test_a_text_has_paragraphs_where_blank_lines_part_them(text: str, has_paragraphs: bool, path: Path) -> None:
    built = TextIndex.build([text])
    built.save(path)
    assert built.has_paragraphs == TextIndex.load(path).has_paragraphs == has_paragraphs


def test_no_texts_have_no_copies() -> None:
    assert TextIndex.build([]).copied(MACBETH) == TextIndex.build(["", ""]).copied(MACBETH) == []


# On the disk ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "source.index"


def test_a_saved_index_finds_what_it_found(path: Path) -> None:
    built = TextIndex.build([MACBETH, CHINESE])
    built.save(path)
    assert TextIndex.load(path).copied(CHINESE) == built.copied(CHINESE) == [Span(0, len(CHINESE), 1, 0)]
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("place", [0, 40, -1, -300])
def test_one_changed_byte_is_damage(path: Path, place: int) -> None:
    TextIndex.build([MACBETH]).save(path)
    damaged = bytearray(path.read_bytes())
    damaged[place] ^= 1
    path.write_bytes(damaged)
    with pytest.raises(ValueError, match="damaged"):
        TextIndex.load(path)


@pytest.mark.parametrize("length", [0, 10, 100, 500])
def test_half_a_file_is_damage(path: Path, length: int) -> None:
    TextIndex.build([MACBETH]).save(path)
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(ValueError, match="damaged"):
        TextIndex.load(path)


def test_two_that_save_at_once_leave_a_whole_one(path: Path) -> None:
    source = TextIndex.build([sample_text()])
    savers = [threading.Thread(target=source.save, args=[path]) for _ in range(4)]
    for saver in savers:
        saver.start()
    for saver in savers:
        saver.join()
    assert TextIndex.load(path).copied(sample_text()[:50]) == [Span(0, 50, 0, 0)]
    assert list(path.parent.iterdir()) == [path]


def test_an_index_in_use_stays_whole_when_its_file_is_removed(path: Path) -> None:
    TextIndex.build([MACBETH]).save(path)
    source = TextIndex.load(path)
    path.unlink()
    assert source.copied(MACBETH) == [Span(0, len(MACBETH), 0, 0)]
