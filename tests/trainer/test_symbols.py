"""Tests of symbols: dividing a text into characters and words loses nothing, and always gives the same result."""

import tracemalloc

import pytest
import regex
from hypothesis import example, given, settings
from hypothesis import strategies as st

from trainer.contract.documents import clean, sample_text
from trainer.contract.vocabulary_file import VocabularyProblem
from trainer.data import random_streams
from trainer.text import symbols, vocabulary_learning
from trainer.text.vocabulary import Vocabulary

PARTS = ["the ", "the", " The", "don’t ", "\n", "\n\n", "  ", "\t", "--", "...", "\r\n", "\x00", "x" * 70]
MARKED = [
    "👩🏽‍🚀",
    "🇫🇷🇩🇪",
    "e\u0301\u0323",
    "क्षि",
    "清晨，",
    "か\u3099",
    "각\u11a8",
    "1️⃣ ",
    "می‌خواهم ",
    "ශ්‍රී ",
    "\u0600١",
]
texts = st.lists(st.one_of(st.sampled_from(PARTS + MARKED), st.text(max_size=8)), max_size=40).map("".join)
levels = pytest.mark.parametrize("level", ["char", "word"])


def _learn(text: str, level: str) -> Vocabulary:
    return vocabulary_learning.learn([text], random_streams.generator(1, "openings"), level)


@levels
@settings(max_examples=150, deadline=None)
@given(trained=texts, other=texts)
def test_the_symbols_of_any_text_joined_are_the_text(level: str, trained: str, other: str) -> None:
    known = _learn(trained * 3 + "a", level)
    for text in (trained, other, other + trained):
        numbers, pieces = known.encode(text), known.pieces(text)
        assert "".join(pieces) == text
        assert known.lengths[numbers].sum() == len(text)
        for number, piece in zip(numbers, pieces, strict=True):
            assert piece == known.symbols[number] if number != known.escape else len(piece) == 1
    assert known.decode(known.encode(trained)) == trained
    assert Vocabulary.from_json(known.to_json()) == known


@given(texts)
@example("a👩🏽‍🚀🇫🇷🇩🇪e\u0301 क्षि\u200d👩\u0600١각\u11a8")
def test_clusters_are_those_of_unicode(text: str) -> None:
    expected = [match for match in regex.finditer(r"\X", text) if len(match[0]) > 1 and match[0] != "\r\n"]
    assert list(symbols.clusters(text)) == [(match.start(), match[0]) for match in expected]


@given(texts)
def test_blocks_leave_no_seam(text: str) -> None:
    cut = [word for found in symbols.words(text) for word in found], list(symbols.clusters(text))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(symbols, "_BLOCK", 3)
        assert ([word for found in symbols.words(text) for word in found], list(symbols.clusters(text))) == cut


def test_no_code_point_is_lost_between_words() -> None:
    every = "".join(map(chr, range(0x110000)))
    assert "".join(word for found in symbols.words(every) for word in found) == every


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The king's men,", ["The", " king", "'s", " men", ","]),
        ("No!\n\n    return", ["No", "!", "\n\n", "   ", " return"]),
        ("清晨，老人", ["清", "晨", "，", "老", "人"]),
        ("ドア", ["ド", "ア"]),
        ("Zażółć gęślą", ["Zażółć", " gęślą"]),
        ("in 1606 -- or", ["in", " 1606", " --", " or"]),
        ("हिन्दी में", ["हिन्दी", " में"]),
        ("x 1️⃣ 👩🏽‍🚀", ["x", " 1️⃣", " 👩🏽‍🚀"]),
    ],
)
def test_words_are_cut_as_a_reader_would(text: str, words: list[str]) -> None:
    assert [word for found in symbols.words(text) for word in found] == words


def test_an_emoji_is_one_symbol_and_never_half() -> None:
    known = _learn("👩🏽‍🚀 and 🇫🇷, 👩 too. " * 10, "char")
    assert {"👩🏽‍🚀", "🇫🇷", "👩"} <= set(known.symbols)
    assert not {"\u200d", "🏽", "🇫"} & set(known.symbols)
    assert len(known.encode("👩🏽‍🚀🇫🇷")) == 2


def test_a_text_without_such_characters_has_the_symbols_it_always_had() -> None:
    known = _learn("Ein schöner Tag. 清晨", "char")
    assert (known.longer, known.characters) == ((), "".join(sorted(set("Ein schöner Tag. 清晨"))))


def test_rare_words_are_spelled_and_common_ones_are_not() -> None:
    known = _learn("the king and the queen " * 30 + "one zebra", "word")
    assert known.pieces(" the king zebra") == [" the", " king", " ", "z", "e", "b", "r", "a"]


def test_the_most_frequent_words_are_symbols(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f" w{letter}" * times for times, letter in enumerate("abcdefgh"))
    assert len(_learn(text, "word").longer) == 6  # one does not occur, and one occurs once
    monkeypatch.setattr(vocabulary_learning, "_WORDS", 3)
    assert _learn(text, "word").longer == (" wf", " wg", " wh")


def test_counting_forgets_the_rare_and_keeps_the_common(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ([f"rare {n}", "common"] for n in range(1000))
    counts = vocabulary_learning._counted(found, room=50)
    assert len(counts) <= 51 and counts["common"] == 1000


def test_a_prompt_that_breaks_off_in_a_word_names_the_words_it_can_become() -> None:
    known = _learn("the woman and the women with the kings and the king " * 30, "word")

    def ways(prompt: str) -> tuple[str, set[str]]:
        begun, numbers = known.begun(prompt)
        return begun, {known.symbols[number] for number in numbers}

    assert ways("and the wom") == (" wom", {" woman", " women"})
    assert ways("and the king") == ("", set())  # the last word is complete
    assert ways("the zeb") == ("", set())  # no known word begins so: it is spelled
    assert {" the", " woman", " "} <= ways("and ")[1]


def test_a_vocabulary_of_the_format_before_is_read() -> None:
    old = '{"level": "char", "characters": "ab", "escape_floor": 0.1, "openings": ["ab"]}'
    assert Vocabulary.from_json(old).symbols == ("a", "b")


@pytest.mark.parametrize("longer", ['["b"]', '["cd", "ab"]', "[1]", '"ab"', f'["{"x" * 65}"]'])
def test_a_damaged_list_of_words_is_refused(longer: str) -> None:
    saved = f'{{"level": "word", "characters": "ab", "longer": {longer}, "escape_floor": 0.1, "openings": ["ab"]}}'
    with pytest.raises(VocabularyProblem):
        Vocabulary.from_json(saved)


@pytest.mark.parametrize("length", range(1, 9))
def test_what_is_cut_off_at_the_end_is_never_half_a_character(length: int) -> None:
    found = symbols.beginning(clean("ab👩🏽‍🚀cd"), length)
    assert found == ("ab👩🏽‍🚀cd"[:length] if length <= 2 or length >= 6 else "ab")


@levels
def test_a_long_text_takes_few_bytes_a_character(level: str) -> None:
    text = sample_text() * 8  # 3 million characters
    tracemalloc.start()
    known = _learn(text, level)
    numbers = known.encode(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert known.lengths[numbers].sum(dtype=int) == len(text)
    assert peak < 8 * len(text)
