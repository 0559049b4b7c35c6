"""Tests of guessed encodings: `bench/encodings.py` measures more of them, and docs/encodings.md has its tables."""

import pytest

from bench.encodings import Outcome, of_every_pair, outcome, samples, share
from bench.languages import ENCODINGS, HELD_OUT
from trainer.contract.decoding import decode

JAPANESE = "むかしむかし、あるところに、おじいさんとおばあさんがいました。\n"
CHINESE = "从前有一个渔夫，他住在海边的小屋里。\n"


@pytest.fixture(scope="module")
def outcomes() -> list[Outcome]:
    return [outcome(sample) for sample in samples(100, seed=7)]


@pytest.mark.parametrize(("least", "most", "wanted"), [(1, 1, 0.9), (10, 200, 0.98)])
def test_odd_letters_are_read_right(outcomes: list[Outcome], least: int, most: int, wanted: float) -> None:
    assert share([one for one in outcomes if least <= one.sample.odd_lines <= most]) >= wanted


def test_held_out_sentences_measure_every_pair_of_language_and_encoding() -> None:
    measured = {(one.language, one.codec) for one in of_every_pair(HELD_OUT, ENCODINGS, 1, 0, seed=7)}
    assert measured == {(language, codec) for language, codecs in ENCODINGS.items() for codec in codecs}


@pytest.mark.parametrize(("text", "codec"), [(JAPANESE, "iso2022_jp"), (CHINESE, "hz")])
def test_encodings_of_seven_bits_are_not_taken_for_utf8(text: str, codec: str) -> None:
    assert decode(text.encode(codec) * 3).text == text * 3


def test_braces_and_tildes_of_a_program_are_not_chinese() -> None:
    text = "x = ~{a, b}; y = ~{}~ and {~}\n"
    assert decode(text.encode()).text == text


def test_cesu8_is_read_whole() -> None:
    in_cesu8 = b"\xed\xa0\xbc\xed\xbe\xad and \xed\xa0\xbc\xed\xbe\xa8\n"  # each emoji is two surrogates
    assert decode(in_cesu8).text == "🎭 and 🎨\n"


@pytest.mark.parametrize("sign", ["£", "©", "°", "½"])
def test_one_sign_in_english_is_windows_1252(sign: str) -> None:
    text = "The river was quiet that morning, and nobody spoke of it.\n" * 20 + f"It was {sign}4 then.\n"
    assert decode(text.encode("cp1252")).text == text


@pytest.mark.parametrize(
    ("line", "codec"),
    [
        ("La città era ancora vuota quando il lattaio cominciò il suo giro.", "cp850"),
        ("• bread • cheese •", "cp1252"),
        ("It was “done” •", "cp1252"),
    ],
    ids=["Italian in an encoding of DOS", "a list", "a line that ends with a bullet"],
)
def test_a_bullet_right_after_a_letter_is_one_of_its_letters(line: str, codec: str) -> None:
    text = "The river was quiet that morning, and nobody spoke of it.\n" * 20 + f"{line}\n"
    assert decode(text.encode(codec)).text == text


def test_a_file_longer_than_the_sample_is_judged_by_all_its_parts() -> None:
    text = "Nothing odd stands in this line of the story.\n" * 2_000 + "Łódź leży daleko, żółw idzie wolno.\n" * 20
    assert decode(text.encode("cp1250")).text == text
