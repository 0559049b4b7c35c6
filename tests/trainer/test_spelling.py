"""Tests of spelling: a text that a model reads is cleaned in the same way as its training text."""

import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trainer.conftest import SHALLOW, Event, Serving, trainer
from trainer.contract.documents import clean
from trainer.generation import loaded_model, passages
from trainer.generation.loaded_model import Model
from trainer.text import vocabulary_learning

TEXT = """Élan and Ça: nobody answered him, NOBODY ANSWERED HIM.
The quick Brown Fox; Jumps over the Lazy Dog, vexing Quiz Warlords.
H\u0331amor J\u030cin h\u0331amor j\u030cin, Ångström, Ñandú ñandú; Ёлка ёлка.

İstanbul'da 한국 ﬁ ½ Ωμέγα ωμέγα.
"""
HOW = {"as written": [], "lower-cased": ["--lowercase"], "before it was brought": []}
LOWER = ("lower-cased", "before it was brought")
TUTORIAL = ["--recipe", "tutorial", "--units", "12", "--steps", "2", "--threads", "2"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Models of one text: one as it is written, one with `lowercase`, and one of the text in lower case."""
    folder = tmp_path_factory.mktemp("spelled")
    for name, options in HOW.items():
        (folder / "text.txt").write_text((TEXT.lower() if name == LOWER[1] else TEXT) * 10, encoding="utf-8")
        run = trainer("train", folder / "text.txt", "--out", folder / name, *SHALLOW, "--steps", 3, *options, "--json")
        assert run.code == 0, run.errors
    (folder / "text.txt").write_text(TEXT * 10, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def models(folder: Path) -> dict[str, Model]:
    return {name: loaded_model.load(folder / name) for name in HOW}


def decomposed(text: str) -> str:
    return unicodedata.normalize("NFD", text)


FORMS: dict[str, Callable[[str], str]] = {
    "typed": lambda text: text,
    "decomposed": decomposed,
    "from Windows": lambda text: decomposed(text).replace("\n", "\r\n"),
    "from an old Mac": lambda text: text.replace("\n", "\r"),
    "with a byte order mark": lambda text: "\ufeff" + text,
}
LETTERS = sorted({*clean(TEXT)} - {"\u0331", "\u030c"} | {"H\u0331", "J\u030c"})  # characters as a reader sees them
THERE_AND_BACK = [letter for letter in LETTERS if clean(letter.upper(), True) == clean(letter, True)]


@pytest.mark.parametrize("name", HOW)
@given(text=st.lists(st.sampled_from(LETTERS)).map("".join), form=st.sampled_from(sorted(FORMS)))
def test_every_form_of_a_text_is_read_as_the_text_was(
    models: dict[str, Model], name: str, text: str, form: str
) -> None:
    model, given_ = models[name], FORMS[form](text)
    assert model.spelled(given_) == model.spelled(clean(text)) == clean(text, name in LOWER)
    assert passages.unknown(model, given_) == []


@pytest.mark.parametrize("name", LOWER)
@given(text=st.lists(st.sampled_from(THERE_AND_BACK)).map("".join), form=st.sampled_from(sorted(FORMS)))
def test_where_the_text_was_lower_cased_capitals_are_too(
    models: dict[str, Model], name: str, text: str, form: str
) -> None:
    model, given_ = models[name], FORMS[form](text.upper())
    assert model.spelled(given_) == clean(text, True)
    assert passages.unknown(model, given_) == []


@settings(max_examples=30)
@given(st.text())
def test_spelling_twice_is_spelling_once(models: dict[str, Model], text: str) -> None:
    for model in models.values():
        assert model.spelled(model.spelled(text)) == model.spelled(text)


def test_a_model_that_knows_capitals_tells_them_apart(models: dict[str, Model]) -> None:
    assert models["as written"].spelled("Nobody") == "Nobody"
    assert passages.unknown(models["as written"], "UNDER X") == ["U", "X"]


def test_a_model_whose_text_was_decomposed_reads_openings_so(models: dict[str, Model]) -> None:
    learned = vocabulary_learning.learn([decomposed(TEXT)], np.random.default_rng(0))
    model = replace(models["as written"], vocabulary=learned)
    assert passages.unknown(model, "Élan 한국 ñandú") == []
    assert model.spelled("E\u0301lan é") == decomposed("Élan é")
    assert not any(model.vocabulary.is_decomposed for model in models.values())


def test_what_is_really_unknown_is_told_as_it_is_read(models: dict[str, Model]) -> None:
    for name in LOWER:
        assert passages.unknown(models[name], "NOBODY ЖЖ €") == ["ж", "€"]


# On the command line, and with models kept warm


def _written(serving: Serving, model: Path, **wanted: object) -> tuple[list[str], str]:
    """Return the unknown characters of an opening, and the written text."""
    answer = serving.ask(do="sample", model=str(model), **{"length": 60, "temperature": 1.5, **wanted})
    assert answer[-1]["event"] == "done", answer[-1]
    return _told(answer)


def _told(events: list[Event]) -> tuple[list[str], str]:
    unknown = [character for event in events for character in event.get("characters", ())]
    return unknown, "".join(event.get("text", "") for event in events)


@pytest.mark.parametrize(
    ("name", "typed", "meant"),
    [
        ("as written", "E\u0301lan\r\nC\u0327a\r", "Élan\nÇa\n"),
        ("as written", "H\u0331amor J\u030cin", "H\u0331amor J\u030cin"),
        ("lower-cased", "NOBODY ANSWERED HIM", "nobody answered him"),
        ("lower-cased", "H\u0331AMOR J\u030cIN E\u0301LAN", "ẖamor ǰin élan"),
        ("before it was brought", "NOBODY ANSWERED H\u0331IM", "nobody answered ẖim"),
    ],
)
def test_an_opening_is_read_as_the_text_was(folder: Path, serving: Serving, name: str, typed: str, meant: str) -> None:
    expected = _written(serving, folder / name, prompt=meant)
    assert expected[0] == []
    assert _written(serving, folder / name, prompt=typed) == expected
    if name == "lower-cased":  # the command reads it in the same way
        run = trainer("sample", folder / name, "--prompt", typed, "--length", 60, "--temperature", 1.5, "--json")
        assert _told(run.events) == expected


def test_the_tutorial_spells_by_the_same_rules(folder: Path, serving: Serving) -> None:
    run = trainer("train", folder / "text.txt", "--out", folder / "tutorial", *TUTORIAL, "--lowercase", "--json")
    assert run.code == 0, run.errors
    typed = "NOBODY\r\nANSWERED H\u0331IM, E\u0301LAN AND C\u0327A: NOBODY ANSWERED HIM."
    expected = _written(serving, folder / "tutorial", prompt=clean(typed, True))
    assert _written(serving, folder / "tutorial", prompt=typed) == expected
    assert expected[0] == []


@pytest.mark.parametrize("name", LOWER)
def test_an_ending_is_spelled_so_too(folder: Path, serving: Serving, name: str) -> None:
    _, whole = _written(serving, folder / name)
    ending = next(whole[place : place + 2] for place in range(20, 60) if whole[place : place + 2].isalpha())
    loud = decomposed(ending.upper())
    assert _written(serving, folder / name, ending=loud)[1] == whole[: whole.index(ending)]


def test_what_is_inspected_is_spelled_so_too(folder: Path, serving: Serving) -> None:
    run = trainer("inspect", folder / "lower-cased", "--text", "NOBODY\r\nH\u0331", "--json")
    found = json.loads(run.output)
    assert (found["text"], found["unknown"]) == ("nobody\nẖ", [])
    nothing = serving.ask(do="inspect", model=str(folder / "lower-cased"), text="\ufeff")[-1]
    assert "from 1 to 2,000" in nothing["reason"]


def test_a_file_to_score_is_spelled_so_too(folder: Path, serving: Serving, tmp_path: Path) -> None:
    (tmp_path / "other.txt").write_bytes(decomposed(TEXT * 10).upper().replace("\n", "\r\n").encode())
    (tmp_path / "meant.txt").write_text(clean((TEXT * 10).upper(), True), encoding="utf-8")
    scores = [
        serving.ask(do="score", model=str(folder / "lower-cased"), files=[str(tmp_path / name)])[-1]["score"]
        for name in ("other.txt", "meant.txt")
    ]
    assert scores[0] == scores[1]


def test_what_was_typed_is_shown(folder: Path) -> None:
    run = trainer("sample", folder / "lower-cased", "--prompt", "NOBODY E\u0301", "--length", 10)
    assert run.output.startswith("NOBODY E\u0301") and run.errors == ""
