"""Tests of reading a text: vocabulary, streams, windows, and the held-out part."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.contract.vocabulary_file import VocabularyProblem
from trainer.data import corpus, random_streams
from trainer.data.streams import Streams, Windows
from trainer.data.training_text import TrainingText
from trainer.text import vocabulary, vocabulary_learning
from trainer.text.vocabulary import Vocabulary


def _learn(*texts: str) -> Vocabulary:
    return vocabulary_learning.learn(list(texts), random_streams.generator(1, "openings"))


without_marks = st.characters(max_codepoint=0x2FF)


@settings(max_examples=50, deadline=None)
@given(st.text(without_marks, min_size=1), st.text(without_marks))
def test_known_characters_come_back_and_others_are_the_escape(text: str, other: str) -> None:
    known = _learn(text)
    assert known.decode(known.encode(text)) == text
    numbers = known.encode(other)
    assert [number == known.escape for number in numbers] == [character not in text for character in other]
    assert Vocabulary.from_json(known.to_json()) == known


def test_numbers_take_no_more_room_than_they_need() -> None:
    assert _learn("abc").encode("abc").itemsize == 1
    assert _learn("".join(map(chr, range(300)))).encode("abc").itemsize == 2


def test_long_texts_are_numbered_in_pieces_without_a_seam(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "häßlich 字 🂡" * 50
    whole = _learn(text).encode(text)
    monkeypatch.setattr(vocabulary, "CHUNK", 7)
    assert _learn(text).encode(text).tolist() == whole.tolist()


def test_the_escape_is_likelier_where_new_characters_are_frequent() -> None:
    assert _learn("aab" * 100).escape_floor < _learn("aab" * 100 + "xyz").escape_floor


@pytest.mark.parametrize("damaged", ["", "{}", "[]", '{"level": "char", "characters": "ba", "escape_floor": 0.1}'])
def test_a_damaged_vocabulary_is_refused(damaged: str) -> None:
    with pytest.raises(VocabularyProblem):
        Vocabulary.from_json(damaged)


def test_streams_go_on_where_they_were() -> None:
    streams = Streams(TrainingText(np.arange(1000) % 251), batch=4, sequence=10, seed=1)
    before = streams.at(3)
    after = streams.at(4)
    np.testing.assert_array_equal(before[1][:, -1], after[0][:, 0])
    np.testing.assert_array_equal(before[0][:, 1:], before[1][:, :-1])
    assert not after[2]


def test_streams_begin_anew_elsewhere_in_every_epoch() -> None:
    streams = Streams(TrainingText(np.arange(1000)), batch=4, sequence=10, seed=1)
    assert streams.steps_per_epoch == 25
    assert [step for step in range(75) if streams.at(step)[2]] == [0, 25, 50]
    assert streams.at(0)[0][0, 0] != streams.at(25)[0][0, 0]
    read = np.concatenate([streams.at(step)[0].ravel() for step in range(25)])
    assert sorted(read) == list(range(1000))  # an epoch reads every character once


def test_windows_are_read_once_an_epoch_in_another_order() -> None:
    ids = np.arange(120)
    windows = Windows(TrainingText(ids), batch=7, sequence=50, seed=1)  # 70 windows
    first, second = (np.concatenate([windows.at(step)[1] for step in range(start, start + 10)]) for start in (0, 10))
    assert sorted(first) == sorted(second) == list(range(50, 120))
    assert first.tolist() != second.tolist()
    read, after, _ = windows.at(0)
    np.testing.assert_array_equal(read[:, -1] + 1, after)
    assert read.shape == (7, 50)


def test_the_last_batch_of_an_epoch_is_full() -> None:
    windows = Windows(TrainingText(np.arange(60)), batch=30, sequence=50, seed=1)  # 10 windows
    assert windows.at(0)[0].shape == (30, 50)


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.integers(0, 1000))
def test_a_shuffle_is_a_permutation(size: int, seed: int) -> None:
    shuffled = random_streams.Shuffle(size, random_streams.generator(seed, "order"))[0:size]
    assert sorted(shuffled) == list(range(size))


def test_random_streams_depend_on_seed_purpose_and_index_alone() -> None:
    first = random_streams.generator(1, "cut", 2).random()
    assert first == random_streams.generator(1, "cut", 2).random()
    assert (
        len(
            {
                first,
                *(random_streams.generator(*key).random() for key in ((2, "cut", 2), (1, "order", 2), (1, "cut", 3))),
            }
        )
        == 4
    )


def test_each_document_is_split_before_they_are_joined(tmp_path: Path) -> None:
    for name, character in (("a", "a"), ("b", "b")):
        (tmp_path / name).write_text(character * 900 + "x" * 100)
    read = corpus.read([tmp_path / "a", tmp_path / "b"], lowercase=False, seed=1)
    assert read.vocabulary.characters == "ab"  # the x are held out, so training never sees them
    assert read.vocabulary.decode(read.train.ids) == "a" * 900 + "b" * 900
    assert [len(part) for part in read.held_out] == [100, 100]
    assert set(read.held_out[1].ids[read.held_out[1].context :]) == {read.vocabulary.escape}
    assert read.characters == 2000


def test_lower_case_is_a_choice(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("Some Words. " * 100)
    assert "S" in corpus.read([tmp_path / "a"], lowercase=False, seed=1).vocabulary.characters
    assert "S" not in corpus.read([tmp_path / "a"], lowercase=True, seed=1).vocabulary.characters
