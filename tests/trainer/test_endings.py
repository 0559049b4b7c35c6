"""Tests of the end of a passage: by length, words, ending or paragraph, whatever pieces the text comes in."""

import random
from pathlib import Path

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from tests.trainer.conftest import TINY, Serving, Trained, trainer
from trainer.contract.blanks import count_blank_lines, without_leading
from trainer.contract.documents import describe
from trainer.generation.endings import Passage


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
    """Cut a text by what `describe` counts, and by nothing else."""
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
        assert found[:-1] == symbols[: max(0, len(found) - 1)]  # only the last one may be cut
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
    assert passage.take([("Hel", 1)]) == []  # a symbol is returned as a whole
    assert passage.take([("lo", 2)]) == [("Hel", 1), ("lo", 2)]
    assert passage.is_over


# Paragraphs

BLANKS = [
    "",
    " ",
    "\t",
    "   \t ",
    "\u00a0",
    "\u3000\u3000",
    "\u2009",
    "\u200b",
    "\u200f",
    "\u2060",
    "\u3164",
    "\r",
    "\x0c",
]


def _first_paragraph(text: str) -> str:
    """Return a text up to the first blank line after a visible character, found line by line."""
    lines = text.split("\n")
    is_blank = [not regex.sub(r"[\s\p{DI}]", "", line) for line in lines]
    first = next((number for number, blank in enumerate(is_blank) if not blank), len(lines))
    stop = next((number for number in range(first, len(lines) - 1) if is_blank[number]), len(lines))
    return "\n".join(lines[:stop])


def _cut(text: str, sizes: list[int]) -> list[str]:
    symbols: list[str] = []
    while text:
        size = sizes[len(symbols) % len(sizes)]
        symbols.append(text[:size])
        text = text[size:]
    return symbols


@pytest.mark.parametrize("blank", BLANKS)
def test_a_line_on_which_nothing_can_be_seen_ends_a_paragraph(blank: str) -> None:
    text = f"One,\n  and two.\n{blank}\nThree."
    assert "".join(_grown(Passage(99, paragraph=True), [[text]])) == "One,\n  and two."
    assert "".join(_grown(Passage(99, paragraph=True), [[f"{blank}\n{blank}\n\n{text}"]])).endswith("\n  and two.")
    assert count_blank_lines(text) == 1


lines = st.lists(st.sampled_from([*BLANKS, "a", " b", "清 ", "c\u200bd"]), max_size=9).map("\n".join).filter(bool)


@given(lines, st.lists(st.integers(1, 4), min_size=1), st.integers(1, 4))
@example("a\n \n", [1], 1)
@example(" \n\na\n\n\nb", [2], 3)
def test_a_paragraph_ends_at_the_same_place_however_it_comes_in_pieces(text: str, sizes: list[int], at: int) -> None:
    symbols, passage = _cut(text, sizes), Passage(len(text), paragraph=True)
    found = _grown(passage, [symbols[start : start + at] for start in range(0, len(symbols), at)])
    assert "".join(found) == _first_paragraph(text)
    assert passage.is_over


@given(st.characters())
def test_what_cannot_be_seen_is_white_space_and_what_unicode_ignores(character: str) -> None:
    unseen = character.isspace() or bool(regex.match(r"\p{DI}", character))
    assert (without_leading(character) == "") == unseen


def test_every_kind_of_blank_is_known() -> None:
    every = "".join(map(chr, range(0x110000)))
    unseen = [*filter(str.isspace, every), *regex.findall(r"\p{DI}", every)]
    assert without_leading("".join(unseen) + "a") == "a"
    assert count_blank_lines("\n" + "".join(unseen).replace("\n", "") + "\n") == 1


def test_an_ending_of_two_line_ends_is_taken_to_the_letter() -> None:
    assert "".join(_grown(Passage(99, ending="\n\n"), [["One.\n \nTwo.\n\nThree."]])) == "One.\n \nTwo."


# With models


@pytest.fixture(scope="module")
def verses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that knows a text by heart. The blank lines of that text contain blanks."""
    folder = tmp_path_factory.mktemp("verses")
    text = "".join(f"One line,\nand its rhyme.\n{blank}\n" for blank in [" ", "\t", "\u00a0 ", "\u3000"] * 100)
    (folder / "text.txt").write_text(text, encoding="utf-8")
    options = [*TINY, "--units", 32, "--rate", 0.02, "--steps", 150, "--json"]
    run = trainer("train", folder / "text.txt", "--out", folder / "model", *options)
    assert run.code == 0, run.errors
    return folder / "model"


def test_the_command_ends_with_the_paragraph_whose_blank_lines_hold_blanks(verses: Path) -> None:
    options = ["--prompt", "One li", "--temperature", 0, "--length", 60]
    whole = trainer("sample", verses, *options).output
    assert whole.startswith("One line,\nand its rhyme.\n") and not whole.startswith("One line,\nand its rhyme.\n\n")
    assert trainer("sample", verses, *options, "--paragraph").output == "One line,\nand its rhyme.\n"


def test_a_request_ends_with_the_paragraph(serving: Serving, verses: Path) -> None:
    wanted = {"model": str(verses), "prompt": "One li", "temperature": 0, "length": 60, "passages": 2}
    assert set(serving.texts(**wanted, paragraph=True).values()) == {"ne,\nand its rhyme."}
    assert set(serving.texts(**wanted, ending="\n").values()) == {"ne,"}


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


def test_the_command_ends_before_a_text(trained: Trained) -> None:
    whole = trainer("sample", trained.path, "--length", 200, "--seed", 3).output[:-1]
    assert "e" in whole[1:]
    found = trainer("sample", trained.path, "--length", 200, "--seed", 3, "--until", "e").output[:-1]
    assert found == whole[: whole.index("e")]
