"""Tests of documents: a file becomes clean text, or a sentence that says what is wrong and what to do."""

import io
import lzma
import time
import unicodedata
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.contract.controls import can_be_seen
from trainer.contract.documents import (
    TextProblem,
    check_trainable,
    clean,
    decode,
    describe,
    read_files,
    sample_text,
    split_held_out,
)

FRENCH = "Longtemps j’ai attendu près de la fenêtre ; l’été passait déjà, « voilà », dit-elle.\n"
LINE = FRENCH.strip()
POLISH = "Zażółć gęślą jaźń, powiedział człowiek, który siedział na ławce i patrzył na źródło.\n"
FEW_LETTERS = "Мама мыла раму, а папа читал газету у окна.\n"
RUSSIAN = "Ранним утром старик вышел из дома и долго смотрел на реку. Ветер был холодный.\n"
GREEK = "Το πρωί ο γέρος βγήκε από το σπίτι και κοίταζε τη θάλασσα για πολλή ώρα.\n"
TURKISH = "Sabah erkenden yaşlı adam evden çıktı ve uzun süre denize baktı; rüzgâr soğuktu.\n"
HEBREW = "בבוקר יצא הזקן מן הבית והביט זמן רב אל הים, והרוח הייתה קרה מאוד.\n"
ARABIC = "في الصباح خرج الرجل العجوز من البيت ونظر طويلا إلى البحر وكانت الريح باردة.\n"
CHINESE = "清晨，老人走出家门，久久地望着江面上缓缓驶过的船。风很冷，天空却亮得像一面镜子。\n"
JAPANESE = "朝早く、老人は家を出て、長いあいだ海を眺めていた。風は冷たく、カモメが鳴いた。\n"
KOREAN = "이른 아침 노인은 집을 나와 오랫동안 바다를 바라보았다. 바람은 차가웠다.\n"
EMOJI = "😀 fine 👩‍👩‍👧 family 🇫🇷 flag, é and e\u0301\n"

anything = st.text(st.characters(exclude_categories=["Cs"]))
sound = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\n\r\t\f\v\x1b\x1f"))
encodable = sound.filter(lambda text: text.strip("\ufeff") == text and can_be_seen(text))


def refusal(data: bytes) -> str:
    with pytest.raises(TextProblem) as problem:
        decode(data)
    return str(problem.value)


# Decoding


@pytest.mark.parametrize("text", [FRENCH, CHINESE, ARABIC, EMOJI, "a" * 1000, "x\ty\r\nz"])
def test_it_reads_utf8_with_and_without_a_mark(text: str) -> None:
    for codec in ("utf-8", "utf-8-sig"):
        decoded = decode(text.encode(codec))
        assert (decoded.text, decoded.encoding, decoded.replaced) == (text, "UTF-8", 0)


@given(encodable)
def test_whatever_has_a_mark_comes_back_as_it_was(text: str) -> None:
    for codec in ("utf-8-sig", "utf-16", "utf-32"):
        assert decode(text.encode(codec)).text == text
    for mark, codec in ((b"\xfe\xff", "utf-16-be"), (b"\0\0\xfe\xff", "utf-32-be")):
        assert decode(mark + text.encode(codec)).text == text


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("text", [FRENCH, RUSSIAN, CHINESE + "1 2 3\n", EMOJI])
def test_it_knows_utf16_and_utf32_by_their_zero_bytes(text: str, codec: str) -> None:
    decoded = decode(text.encode(codec))
    assert decoded.text == text
    assert decoded.encoding == codec[:6].upper()


@pytest.mark.parametrize("times", [1, 20, 2000])
@pytest.mark.parametrize(
    ("text", "codec", "name"),
    [
        (FRENCH, "cp1252", "Windows-1252 (Western Europe)"),
        ("Über den Wäldern hängt Nebel, die Straße glänzt naß.\n", "latin-1", "Windows-1252"),
        ("Mañana iré a la montaña con el niño; ¿quién más vendrá?\n", "latin-1", "Windows-1252"),
        (POLISH, "cp1250", "Windows-1250 (Central Europe)"),
        (POLISH, "iso8859-2", "ISO 8859-2 (Central Europe)"),
        (RUSSIAN, "cp1251", "Windows-1251 (Cyrillic)"),
        (RUSSIAN, "koi8-r", "KOI8-R (Cyrillic)"),
        (FEW_LETTERS, "cp1251", "Windows-1251 (Cyrillic)"),
        (FEW_LETTERS, "koi8-r", "KOI8-R (Cyrillic)"),
        (GREEK, "cp1253", "Windows-1253 (Greek)"),
        (TURKISH, "cp1254", "Windows-1254 (Turkish)"),
        (HEBREW, "cp1255", "Windows-1255 (Hebrew)"),
        (ARABIC, "cp1256", "Windows-1256 (Arabic)"),
        (CHINESE, "gb18030", "GB18030 (Chinese)"),
        (JAPANESE, "shift-jis", "Shift-JIS (Japanese)"),
        (JAPANESE, "euc-jp", "EUC-JP (Japanese)"),
        (KOREAN, "euc-kr", "EUC-KR (Korean)"),
    ],
)
def test_it_recognises_old_encodings(text: str, codec: str, name: str, times: int) -> None:
    decoded = decode((text * times).encode(codec))
    assert decoded.text == text * times
    assert decoded.encoding.startswith(name)


def test_the_one_accent_of_a_long_english_text_is_enough() -> None:
    text = "The river was quiet that morning, and nobody spoke of it.\n" * 5000 + "A café.\n"
    assert decode(text.encode("latin-1")).text == text


def test_an_old_encoding_without_line_ends_is_recognised() -> None:
    text = CHINESE.strip() * 5000  # one line, longer than the sample that the detection reads
    for shift in ("", "a", "ab", "abc"):
        assert decode((shift + text).encode("gb18030")).text == shift + text


def test_a_damaged_character_is_replaced_and_counted() -> None:
    decoded = decode(RUSSIAN.encode() * 10 + b"\xff" + RUSSIAN.encode())
    assert decoded.text == RUSSIAN * 10 + "\ufffd" + RUSSIAN
    assert (decoded.encoding, decoded.replaced) == ("UTF-8", 1)


def test_a_text_cut_within_its_last_character_is_read() -> None:
    decoded = decode(CHINESE.strip().encode()[:-1])
    assert decoded.text == CHINESE.strip()[:-1] + "\ufffd"
    assert decode(b"\xff\xfe" + RUSSIAN.encode("utf-16-le")[:-1]).replaced == 1


@pytest.mark.parametrize(
    "data",
    [b"", b"\xef\xbb\xbf", b" \n\t\n", "  \n".encode("utf-16"), "\u200b\u2060\n".encode() * 900, b"\x02\x0f\f" * 900],
)
def test_it_refuses_an_empty_file(data: bytes) -> None:
    assert "choose one that has text in it" in refusal(data)


def zipped(name: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("first.bin", bytes(10_000))
        archive.writestr(name, "<xml/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "advice"),
    [
        (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n...", "This is a PDF", "save it as plain text (.txt)"),
        (zipped("word/document.xml"), "a Word document (.docx)", "save it as plain text"),
        (zipped("notes.txt"), "a ZIP archive", "unpack it"),
        (b"\x1f\x8b\x08\x00rest", "a gzip archive", "unpack it"),
        (lzma.compress(b"text"), "an xz archive", "unpack it"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a PNG picture", "choose a file that has words"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "a JPEG picture", "choose a file that has words"),
        (b"{\\rtf1\\ansi Hello}", "an RTF document", "save it as plain text"),
    ],
)
def test_it_names_a_file_that_is_not_text(data: bytes, kind: str, advice: str) -> None:
    sentence = refusal(data)
    assert kind in sentence
    assert advice in sentence


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 20,
        b"plain words\x00and a zero byte. " * 30,
        b"\x00" * 500,
        (1).to_bytes(4, "little") * 500,
        bytes(range(1, 32)) * 50,
    ],
)
def test_it_refuses_bytes_that_no_text_has(data: bytes) -> None:
    assert "plain text (.txt)" in refusal(data)


def test_a_few_nuls_in_a_sound_text_are_counted_and_go() -> None:
    for codec in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"):
        decoded = decode((FRENCH * 9 + "\x00" + FRENCH * 9 + "\x00").encode(codec))
        assert (clean(decoded.text), decoded.nuls, decoded.replaced) == (FRENCH * 18, 2, 0)
    assert decode(FRENCH.encode()).nuls == 0


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\f".join([LINE] * 300), f"{LINE}\n{LINE}\n"),
        (f"nom\x1f{LINE}\x1e" * 300, f"nom {LINE}\nnom {LINE}\n"),
        (f"\x0304<anna>\x03 \x02où\x02, {LINE}\n" * 300, f"<anna> où, {LINE}\n<anna> où, {LINE}\n"),
        (f"\x1b[32m{LINE}\x1b[0m\n" * 300, f"{LINE}\n{LINE}\n"),
        (("".join(f"{c}\b{c}" for c in LINE) + "\n") * 300, f"{LINE}\n{LINE}\n"),
    ],
    ids=["form feeds", "records", "irc", "terminal", "manual page"],
)
def test_a_text_full_of_separators_and_codes_is_a_text(text: str, expected: str, codec: str) -> None:
    assert clean(decode(text.encode(codec)).text).startswith(expected)


@pytest.mark.parametrize("crossing", [(10, 10), (9, 1), (1, 9), (2000, 2000), (100, 2000)])
def test_a_file_in_two_encodings_is_refused_and_the_first_bad_line_is_shown(crossing: tuple[int, int]) -> None:
    first, second = (FRENCH * crossing[0]).encode(), (FRENCH * crossing[1]).encode("cp1252")
    sentence = refusal(first + second)
    assert "Some of the file is in UTF-8 and some is not" in sentence
    assert f"line {crossing[0] + 1:,} is the first that is not UTF-8 (“Longtemps j\ufffdai attendu pr" in sentence
    assert "line 1 is the first" in refusal(second + first)


def test_of_a_long_line_what_is_around_its_first_bad_character_is_shown() -> None:
    data = RUSSIAN.encode() * 20 + b"\x1b[1m" + b"word " * 50 + b"here \xff\xfe\xff and there\r\n" + b"\xff" * 90
    shown = "“…word word word word word here \ufffd\ufffd\ufffd and there”"
    assert f"line 21 is the first that is not UTF-8 ({shown})" in refusal(data)


def test_it_says_so_when_no_encoding_fits() -> None:
    noise = bytes((i * i * 7919 + i * 31) % 128 + 128 for i in range(3000))
    assert "save it as UTF-8" in refusal(noise)
    halves_of_pairs = b"\x00\xd8" + "a".encode("utf-16-le")
    assert "save it as UTF-8" in refusal(b"\xff\xfe" + halves_of_pairs * 100)


@given(st.binary(max_size=300))
def test_any_bytes_end_in_text_or_in_a_sentence(data: bytes) -> None:
    try:
        text = decode(data).text
    except TextProblem as problem:
        assert str(problem).endswith(".")
    else:
        clean(text).encode()


@pytest.mark.parametrize("codec", ["utf-8", "utf-16", "cp1252"])
def test_twenty_megabytes_are_read_cleaned_and_described_in_seconds(codec: str) -> None:
    data = (FRENCH * 110_000).encode(codec)
    began = time.process_time()
    describe(clean(decode(data).text))
    assert time.process_time() - began < 30  # 1.3 s where this was written


# Cleaning


@given(anything, st.booleans())
def test_cleaning_twice_is_cleaning_once(text: str, lowercase: bool) -> None:
    once = clean(text, lowercase)
    assert clean(once, lowercase) == once


@given(anything)
def test_clean_text_has_no_controls_and_is_composed(text: str) -> None:
    cleaned = clean(text)
    assert all(unicodedata.category(c) != "Cc" or c in "\n\t" for c in cleaned)
    assert unicodedata.is_normalized("NFC", cleaned)


def test_every_kind_of_line_end_becomes_one() -> None:
    assert clean("a\r\nb\rc\nd\x85e\r\n\r\nf") == "a\nb\nc\nd\ne\n\nf"


def test_marks_go_and_nothing_that_can_be_seen_does() -> None:
    assert clean("\ufeffa\x00b\x7f\td \ufeffe\ud800") == "ab\td e"
    text = "  Two  spaces,\u00a0a hard one, “quotes”, \u200f‏עברית, tabs\t\tand a tail \n\n\n"
    assert clean(text) == text


def test_one_letter_is_one_character_however_it_was_typed() -> None:
    assert clean("e\u0301") == clean("é") == "é"


def test_lower_case_is_a_choice() -> None:
    assert clean("ÉCOLE Σας") == "ÉCOLE Σας"
    assert clean("ÉCOLE Σας", lowercase=True) == "école σας"


# Describing


def test_it_counts_characters_words_lines_and_alphabet() -> None:
    description = describe("to be\nor not to be\n")
    assert (description.characters, description.words) == (19, 6)
    assert (description.lines, description.alphabet) == (2, 8)


def test_an_unfinished_last_line_counts() -> None:
    assert [describe(text).lines for text in ("", "a", "a\n", "a\nb", "\n")] == [0, 1, 1, 2, 1]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("风很冷。", 3),
        ("朝早く、カモメが鳴いた。", 10),
        ("老人 and the sea，海", 6),
        ("이른 아침 노인은", 3),
        ("في الصباح خرج", 3),
        ("déjà vu — 😀", 4),
        ("nospacesatall", 1),
        ("", 0),
    ],
)
def test_words_are_counted_as_readers_of_the_script_would(text: str, words: int) -> None:
    assert describe(text).words == words


def test_the_preview_is_the_beginning() -> None:
    assert describe("abc").preview == "abc"
    assert describe("é" * 5000).preview == "é" * 600


# What a training needs


@pytest.mark.parametrize(
    ("texts", "sentence"),
    [
        ([], "There is no text"),
        (["", ""], "There is no text"),
        (["aaaa" * 1000], "one character repeated ('a')"),
        (["aaaa" * 1000, "aa"], "one character repeated"),
        (["\n \n" * 1000], "nothing but blanks"),
        (["\u200b" * 1000, "\u3164\u0301 "], "nothing but blanks and characters that cannot be seen"),
        (["a few words", "and more"], "19 characters and a training needs at least 1,000"),
    ],
)
def test_it_says_what_is_missing_for_a_training(texts: list[str], sentence: str) -> None:
    with pytest.raises(TextProblem, match=r"\.$") as problem:
        check_trainable(texts)
    assert sentence in str(problem.value)


def test_enough_text_passes_though_it_comes_in_pieces() -> None:
    check_trainable([CHINESE * 15, "ab" * 250])
    check_trainable(["ab"], minimum=2)


@given(anything)
def test_the_last_tenth_is_held_out(text: str) -> None:
    train, held_out = split_held_out(text)
    assert train + held_out == text
    assert len(train) == int(len(text) * 0.9)


# Files


def test_files_are_read_and_cleaned(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"One\r\nTwo")
    (tmp_path / "b.txt").write_bytes(FRENCH.encode("cp1252"))
    texts = read_files([tmp_path / "a.txt", tmp_path / "b.txt"], lowercase=True)
    assert texts == ["one\ntwo", FRENCH.lower()]


def test_a_problem_names_its_file(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    for path, reason in (("empty.txt", "is empty"), ("none.txt", "no such file"), ("", "folder")):
        with pytest.raises(TextProblem) as problem:
            read_files([tmp_path / path])
        assert str(problem.value).startswith(f"{tmp_path / path}: ")
        assert reason in str(problem.value)


# The sample


def test_the_sample_is_a_text_that_trains() -> None:
    text = sample_text()
    check_trainable([text], minimum=200_000)
    assert clean(text) == text == sample_text()


def test_the_samples_held_out_part_is_not_in_its_training_part() -> None:
    train, held_out = split_held_out(sample_text())
    paragraphs = [paragraph for paragraph in held_out.split("\n\n") if len(paragraph) >= 60]
    repeated = [paragraph for paragraph in paragraphs if paragraph in train]
    assert len(repeated) < len(paragraphs) / 20
