"""Where a passage ends: length, words, an ending; exactly, however it comes in pieces."""

import random
from pathlib import Path

import pytest

from tests.trainer.conftest import Serving, Trained, trainer
from trainer.passage import Passage
from trainer.text import describe


def _grown(passage: Passage, chunks: list[list[str]]) -> list[str]:
    """Give a passage its symbols in chunks, and return the symbols that it makes of them."""
    taken: list[str] = []
    for chunk in chunks:
        if not passage.is_over:
            taken += [text for text, _ in passage.take([(text, None) for text in chunk])]
    return taken


def _before(text: str, ending: str) -> str:
    place = text.find(ending, len(text) - len(text.lstrip()))
    return text if place < 0 else text[:place]


def _expected(text: str, words: int, ending: str) -> str:
    """Cut a text with nothing but what `describe` counts."""
    if words and describe(text).words >= words:
        text = next(text[:end] for end in range(len(text), -1, -1) if describe(text[:end]).words == words)
        text = text.rstrip(" \n。")
    return _before(text, ending)


@pytest.mark.parametrize("words", [0, 1, 3])
@pytest.mark.parametrize("ending", ["\n\n", "a", "ba\na", "清 "])
def test_it_ends_at_the_same_place_however_it_comes_in_pieces(words: int, ending: str) -> None:
    source = random.Random(f"{words} {ending}")
    for _ in range(500):
        symbols = ["".join(source.choices("ab \n清。", k=source.randint(1, 3))) for _ in range(12)]
        text = "".join(symbols)
        passage = Passage(len(text), words, ending)
        size = source.randint(1, 4)
        found = _grown(passage, [symbols[start : start + size] for start in range(0, len(symbols), size)])
        assert "".join(found) == _expected(text, words, ending)
        assert found[:-1] == symbols[: max(0, len(found) - 1)]  # the last alone may be cut
        assert passage.is_over


def test_what_may_become_the_ending_is_held_back_until_it_is_sure() -> None:
    passage = Passage(100, ending="\n\n")
    assert passage.take([("\n", 1), ("\n", 2), ("One", 3), ("\n", 4)]) == [("\n", 1), ("\n", 2), ("One", 3)]
    assert passage.take([("two", 5)]) == [("\n", 4), ("two", 5)]
    assert passage.take([(".\n", 6)]) == []
    assert passage.take([("\n", 7)]) == [(".", 6)]
    assert passage.is_over


def test_what_was_held_back_comes_where_there_is_no_more_room() -> None:
    passage = Passage(5, ending="lo!")
    assert passage.take([("Hel", 1)]) == []  # a symbol comes whole
    assert passage.take([("lo", 2)]) == [("Hel", 1), ("lo", 2)]
    assert passage.is_over


# With models


def test_a_passage_has_so_many_words(serving: Serving, any_model: Path) -> None:
    wanted = {"model": str(any_model), "prompt": "The ", "length": 400, "seed": 2, "passages": 5, "temperature": 1.0}
    whole = serving.texts(**wanted)
    for words in (1, 2, 8):
        for number, text in serving.texts(words=words, **wanted).items():
            assert whole[number].startswith(text)
            assert describe(text).words == words
            assert not text[-1].isspace()
            assert whole[number][len(text)].isspace()


def test_each_passage_ends_before_its_ending(serving: Serving, any_model: Path) -> None:
    wanted = {"model": str(any_model), "prompt": "The ", "length": 120, "seed": 2, "passages": 5, "temperature": 1.0}
    whole = serving.texts(**wanted)
    ending = whole[2][14:18]  # a passage's first piece has 16 symbols
    assert len(_before(whole[2], ending)) < 120
    found = serving.texts(ending=ending, **wanted)
    assert found == {number: cut for number, text in whole.items() if (cut := _before(text, ending))}


def test_an_ending_that_never_comes_leaves_the_length(serving: Serving, any_model: Path) -> None:
    wanted = {"model": str(any_model), "length": 80}
    assert serving.texts(ending="€", **wanted) == serving.texts(**wanted)


def test_the_command_ends_with_the_paragraph(trained: Trained) -> None:
    whole = trainer("sample", trained.path, "--length", 200, "--seed", 3).output[:-1]
    assert "e" in whole[1:]
    found = trainer("sample", trained.path, "--length", 200, "--seed", 3, "--until", "e").output[:-1]
    assert found == whole[: whole.index("e")]
