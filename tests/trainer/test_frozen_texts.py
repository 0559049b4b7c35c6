"""Tests of frozen texts: a text that was decoded and cleaned once is read again without any guess."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.trainer.conftest import SHALLOW, Serving, trainer
from trainer.contract.documents import TextProblem, clean, decode, decode_frozen, read_files

LINES = "Out, out, brief candle! Life's but a walking shadow, a poor player.\n" * 40
#: Texts with the structure of a program's format. As unknown files they are refused.
FORMATS = {
    "PDF": f"%PDF-1.4\n1 0 obj\n<< /Type /Catalog >>\nendobj\n{LINES}",
    "RTF": "{\\rtf1\\ansi " + LINES.replace("\n", "\\par \\b \\i0\n"),
    "PostScript": f"%!PS-Adobe-3.0\n%%Title: Macbeth\n10 10 moveto\nshowpage\n{LINES}",
}
BEGINNINGS = ["", "\ufeff", "\ufeff\ufeff\ufeff", "\x02", "\x1b[0m", "\x0f", *FORMATS.values()]
CODECS = ["utf-8", "utf-16", "utf-16-le", "utf-32", "cp1252"]


@given(st.lists(st.sampled_from(BEGINNINGS), max_size=3), st.text(), st.sampled_from(CODECS))
@example(["\ufeff\ufeff\ufeff", FORMATS["PDF"]], "", "utf-8")
@example(["\x1b[0m", FORMATS["RTF"]], "", "utf-16")
def test_what_is_accepted_once_is_read_again_as_it_was(beginning: list[str], rest: str, codec: str) -> None:
    try:
        text = clean(decode("".join([*beginning, rest]).encode(codec, "replace")).text)
    except TextProblem:
        return
    assert clean(decode_frozen(text.encode())) == text


@given(st.binary())
def test_other_bytes_are_a_damaged_file(data: bytes) -> None:
    try:
        assert decode_frozen(data).encode() == data
    except TextProblem as problem:
        assert str(problem).startswith("This text is damaged: ")


def test_frozen_texts_train_whatever_they_look_like(serving: Serving, tmp_path: Path) -> None:
    files, model = {name: tmp_path / f"{number}.txt" for number, name in enumerate(FORMATS)}, tmp_path / "model"
    for name, file in files.items():
        file.write_text(FORMATS[name], encoding="utf-8")
        refused = trainer("train", file, "--out", model)
        assert refused.code == 2 and name in refused.errors
    trained = trainer("train", *files.values(), "--frozen", "--out", model, *SHALLOW, "--steps", 3, "--json")
    assert trained.code == 0, trained.errors
    assert trained.events[0]["characters"] == sum(map(len, FORMATS.values()))
    score = trained.events[-1]["score"]["held_out"]
    scored = trainer("score", model, *files.values(), "--frozen", "--json")
    assert scored.events[0]["held_out"]["whole"] == pytest.approx(score["whole"], abs=1e-6)
    answer = serving.ask(do="score", model=str(model), files=[*map(str, files.values())], frozen=True)[-1]
    assert answer["score"]["held_out"]["whole"] == pytest.approx(score["whole"], abs=1e-6)
    for name, file in files.items():
        assert name in serving.ask(do="score", model=str(model), files=[str(file)])[-1]["reason"]


def test_a_damaged_file_is_named_and_not_guessed_at(tmp_path: Path) -> None:
    file = tmp_path / "0.txt"
    file.write_bytes(LINES.encode() + "Être ou ne pas être".encode("cp1252"))
    run = trainer("train", file, "--frozen", "--out", tmp_path / "model", "--json")
    assert run.code == 2 and len(run.errors.splitlines()) == 1
    assert run.events[-1]["reason"].startswith(f"{file}: This text is damaged: ")
    assert not (tmp_path / "model").exists()


def test_what_was_kept_on_purpose_stays(tmp_path: Path) -> None:
    file, kept = tmp_path / "0.txt", "Le garc\u0327on\x1b[0m\u200b\n"
    file.write_text(kept, encoding="utf-8")
    assert read_files([file], frozen=True) == [kept] and read_files([file]) != [kept]


def test_lower_case_is_a_choice_of_the_training_still(tmp_path: Path) -> None:
    file = tmp_path / "0.txt"
    file.write_text("Out, OUT", encoding="utf-8")
    assert read_files([file], lowercase=True, frozen=True) == ["out, out"]
