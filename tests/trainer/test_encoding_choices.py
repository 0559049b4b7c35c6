"""The choice of an encoding: which are likely, how certain that is, and where a file turns to another one."""

import pytest

from trainer.contract.decoding import TextProblem
from trainer.contract.encoding_choices import LABELS, choices, decode_as, odd_lines, telling_lines, turn

FRENCH = "Le garçon est allé à la forêt où l’été était déjà fini.\nA plain line.\n"
WORDS = ["un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"]
IN_FRENCH = "".join(f"Ça n’a pas été facile, {word} était là à Noël.\nplain {word}\n" for word in WORDS)
PEOPLE = ["мать", "сестра", "жена", "дочь", "тётя", "бабушка", "подруга", "соседка", "хозяйка", "учительница"]
IN_RUSSIAN = "".join(f"Он был не в доме, и {one} не знала, как это было.\nplain\n" for one in PEOPLE)


def test_the_likeliest_comes_first_and_every_other_one_can_be_chosen() -> None:
    found = choices(IN_RUSSIAN.encode("koi8_r"))
    assert found[0].codec == "koi8_r" and {choice.codec for choice in found} == set(LABELS)
    certainties = [choice.certainty for choice in found if choice.codec != "koi8_u"]
    assert certainties[0] > 0.95 and certainties == sorted(certainties, reverse=True)
    assert choices("é".encode())[0].label == "UTF-8" and choices("é".encode())[0].certainty == 1


def test_more_lines_make_a_guess_more_certain() -> None:
    certainties = [choices((FRENCH * times).encode("cp1252"))[0].certainty for times in (1, 3, 20)]
    assert 0.5 < certainties[0] < certainties[1] <= certainties[2] < 1


def test_bytes_are_read_in_the_encoding_that_is_chosen() -> None:
    decoded = decode_as("Größe".encode("cp1252"), "cp850")
    assert (decoded.text, decoded.encoding, decoded.replaced) == ("Gr÷▀e", "DOS 850 (Western Europe)", 0)
    assert decode_as(b"a\x81b\0" + "\u0301".encode("utf-8") * 0, "cp1252").replaced == 1
    assert decode_as(b"\xef\xbb\xbfyes", "utf-8").text == "yes"
    with pytest.raises(TextProblem, match="nothing in the file that can be seen"):
        decode_as(b"\x81\x8d", "cp1252")


def test_lines_with_odd_letters_have_their_numbers() -> None:
    lines, count = odd_lines(("plain\n" * 4 + "ä\n" + "plain\n" * 10 + "ö\n").encode("cp1252"))
    assert [(line.number, line.read_as("cp1252")) for line in lines] == [(5, "ä"), (16, "ö")] and count == 2
    lines, count = odd_lines("é\n".encode("cp1252") * 1000, most=5)
    assert [line.number for line in lines] == [1, 201, 401, 601, 801] and count == 1000
    (long,), _ = odd_lines(b"word " * 1000 + "Größe".encode("cp1252") + b" word" * 1000)
    assert "Größe" in long.read_as("cp1252") and len(long.data) <= 300


def test_lines_are_shown_that_have_letters_of_each_kind_and_none_twice() -> None:
    text = "Il était là.\n" * 300 + "Le prix est de 30 £.\n" + "Où ?\n" * 300
    lines, count = telling_lines(text.encode("cp1252"))
    assert [line.read_as("cp1252") for line in lines] == ["Il était là.", "Le prix est de 30 £.", "Où ?"]
    assert [line.number for line in lines][1] == 301 and count == 601
    many, _ = telling_lines("".join(f"Chaque été {number}\n" for number in range(300)).encode("cp1252"))
    assert len(many) == 8 and many[-1].number > 200


def test_a_guess_is_less_certain_where_another_encoding_fits_nearly_as_well_or_none_fits_well() -> None:
    clear, tied, strange = (
        choices(data)[0].certainty
        for data in (
            IN_FRENCH.encode("cp1252"),
            ("La città dormiva.\n" + "They went home and said nothing.\n" * 3).encode("cp850"),
            "Perciò nessuno.\n".encode("cp1252"),
        )
    )
    assert clear > 0.99 and tied < 0.8 and strange < 0.98


def test_a_foreign_phrase_in_english_prose_is_read_as_windows_1252() -> None:
    for phrase in ("Così è la vita.", "Die Straße war schmal.", "Vi köpte smör och ägg.", "Perciò nessuno parlò più."):
        data = (f"“{phrase}”\n" + "They went home and said nothing of it to anybody.\n" * 20).encode("cp1252")
        assert choices(data)[0].codec == "cp1252", phrase


@pytest.mark.parametrize(("before", "after"), [("cp1252", "cp1251"), ("mac_roman", "koi8_r"), ("cp1252", "cp866")])
def test_a_file_in_two_encodings_is_told_the_line_where_it_turns(before: str, after: str) -> None:
    found = turn(IN_FRENCH.encode(before) + IN_RUSSIAN.encode(after, "replace"))
    assert found and found.line == IN_FRENCH.count("\n") + 1
    assert (found.before, found.after) == (LABELS[before], LABELS[after])


@pytest.mark.parametrize("data", [IN_FRENCH.encode("cp1252"), IN_RUSSIAN.encode("cp1251"), b"", b"plain\n" * 99])
def test_a_file_in_one_encoding_does_not_turn(data: bytes) -> None:
    assert turn(data) is None


def test_lines_without_end_take_no_longer_than_others() -> None:
    data = b"a" * 2_000_000 + b"\n" + b"b" * 2_000_000 + "é".encode("cp1252")
    (line,), count = odd_lines(data)
    assert (line.number, count) == (2, 1) and line.read_as("cp1252").endswith("bé")
