"""Tests of control characters and formatting codes: they are removed from a text, and no two words are joined."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from trainer.contract.controls import can_be_seen, odd_controls
from trainer.contract.documents import clean
from trainer.contract.marks import LONGEST

# Controls that change the look of a word, or are fillers: they may be inside words
_WITHIN_WORDS = "\x00\x7f\ufeff\x02\x03\x0e\x0f\x11\x13\x16"
_CONTROLS = [chr(point) for point in [*range(0x20), *range(0x7F, 0xA0), 0x2028, 0x2029]]
_PARTS = ["\x1b[", "\x1b]8;;", "\x1b\\", "31m", "04,01", "a\b", "_", "\u0344", "\u0316" * 20, "\r\n", "Σ", "İ"]
parts = st.lists(st.text(max_size=3) | st.sampled_from(_CONTROLS + _PARTS)).map("".join)


@given(parts, st.booleans())
@example("\x1b\x1b[0m[31m", False)
@example("a" + "\u0344" * 40 + "\u0316" * 40, False)
@example("İ" + "\u0316" * 30, True)
def test_cleaning_twice_is_cleaning_once_and_leaves_no_control(text: str, lowercase: bool) -> None:
    once = clean(text, lowercase)
    assert clean(once, lowercase) == once
    assert unicodedata.is_normalized("NFC", once)
    assert not set(once) & (set(_CONTROLS) - set("\n\t"))


@pytest.mark.parametrize("control", [c for c in _CONTROLS if c not in _WITHIN_WORDS + "\n\t"], ids=ascii)
def test_a_control_between_two_words_parts_them(control: str) -> None:
    for text in (f"one{control}two", f"one{control}{control}two", f"one {control}two", f"one{control} two"):
        cleaned = clean(text)
        assert cleaned != "onetwo" and cleaned.startswith("one") and cleaned.endswith("two")
    assert clean(f"page.{control}The") != "page.The"


@pytest.mark.parametrize("separator", "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", ids=ascii)
def test_separators_of_lines_pages_and_records_are_line_breaks(separator: str) -> None:
    assert clean(f"one{separator}two") == "one\ntwo"


def test_the_separator_of_units_is_a_blank() -> None:
    assert clean("name\x1fstreet\x1ftown\x1ename") == "name street town\nname"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("end.\n\fNext", "end.\nNext"),
        ("end.\f\nNext", "end.\nNext"),
        ("end.\n\n\f\nNext", "end.\n\n\nNext"),
        ("end. \f Next", "end. \n Next"),
        ("end.\n  \fNext", "end.\n  Next"),
        ("\fTitle\nThe end.\f", "Title\nThe end."),
        ("first page\f\fthird", "first page\n\nthird"),
    ],
)
def test_a_form_feed_at_a_line_end_adds_no_second_break(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x1b[32mok\x1b[0m", "ok"),
        ("\x1b[38;5;208mwarm\x1b[m, \x1b[1;4munder\x1b[22;24m", "warm, under"),
        ("\x1b[01;31m\x1b[Kmatch\x1b[m\x1b[K: rest", "match: rest"),
        ("\x1b]8;;https://example.org/a\x07link\x1b]8;;\x07.", "link."),
        ("\x1b]8;id=1;https://example.org/a\x1b\\link\x1b]8;;\x1b\\.", "link."),
        ("\x1b]0;user@host: ~\x07$ ls", "$ ls"),
        ("\x1bP1$r0m\x1b\\after", "after"),
        ("\x1b(0lqqk\x1b(B \x1b)0\x1b%Gtext\x1b#8", "lqqk text"),
        ("\x1b7saved\x1b8 \x1b=keys\x1b> \x1bcfresh", "saved keys fresh"),
        ("\x1b[?25l\x1b[2Jhidden\x1b[?25h", "hidden"),
        ("one\x1b[5Ctwo\x1b[3;1Hthree", "one two\nthree"),
        ("\x9b31mred\x9b0m", "red"),
    ],
)
def test_codes_of_terminals_go_whole(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\x0304red\x03 and \x0304,01red on black\x03,", "red and red on black,"),
        ("<\x02nick\x02> \x16reversed\x16 \x0freset", "<nick> reversed reset"),
        ("\x1ditalic\x1d, \x1funderlined\x1f. (\x1estruck\x1e)", "italic, underlined. (struck)"),
        ("\x1d\x1fboth\x1f\x1d", "both"),
        ("un\x02believ\x02able, un\x02\x1dbe\x1d\x02lievable", "unbelievable, unbelievable"),
        ("\x04ff0000red\x04", "red"),
    ],
)
def test_codes_of_irc_go_with_their_numbers(text: str, expected: str) -> None:
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("N\bNA\bAM\bME\bE", "NAME"),
        ("N\bN\bNO\bO\bO", "NO"),
        ("_\bf_\bi_\bl_\be and f\b_i\b_l\b_e\b_", "file and file"),
        ("bold\b\b\b\bbold ____\b\b\b\bword", "bold word"),
        ("é\bée\u0301\be\u0301", "éé"),
        ("漢\b漢字\b\b字 __\b\b漢", "漢字 漢"),
        ("+\bo item", "o item"),
        ("one\btwo", "one two"),
        ("\b\bone\b", "one"),
    ],
)
def test_overstriking_is_read_once(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_nul_and_delete_are_fill_and_go() -> None:
    assert clean("wo\x00rd wo\x7frd\r\x00\nx") == "word word\nx"


def test_quotation_marks_that_were_read_as_controls_are_quotation_marks_again() -> None:
    assert clean("It\x92s \x93so\x94 \x96 she said") == "It’s “so” – she said"


def test_joiners_that_scripts_need_stay() -> None:
    text = "می‌خواهم ශ්‍රී 👩🏽‍🚀 soft\u00adhyphen \u200f\u2066x\u2069"
    assert clean(text) == text


def test_only_what_is_no_separator_and_no_code_speaks_against_a_text() -> None:
    assert odd_controls("\x0304red\x03\f\v\x1f\x1b[0mN\bN\x1a") == 0
    assert odd_controls("\x00\x01\x07x\x18") == 4


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u200b\u200d\u2060", "\u0301\u0316", "\u3164\u115f", "\ufe0f\u034f", "\u2800", "\x07\x02"]
)
def test_what_shows_nothing_is_nothing_to_see(text: str) -> None:
    assert not can_be_seen(text * 900)
    assert can_be_seen(text * 900 + "a")


# Combining marks


def test_thirty_marks_may_follow_a_letter() -> None:
    marks = "\u0316" * LONGEST
    assert clean("q" + marks + "x") == "q" + marks + "x"
    assert clean("q" + marks + "\u0301\u0344x") == "q" + marks + "x"


def test_marks_that_a_control_stood_between_are_one_run() -> None:
    assert clean("q" + "\u0316" * 20 + "\x00" + "\u0316" * 20) == "q" + "\u0316" * LONGEST


@given(st.lists(st.sampled_from("aé가ᄀ\u0344\u0f73\u0301\u0316\uff9e\U0001e94a"), max_size=150).map("".join))
def test_marks_in_a_row_are_never_more(text: str) -> None:
    run = longest = 0
    for character in clean(text):
        run = run + 1 if unicodedata.combining(character) else 0
        longest = max(longest, run)
    assert longest <= LONGEST
