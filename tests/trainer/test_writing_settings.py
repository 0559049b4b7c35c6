"""Tests of the table of writing settings: every place that takes a setting has its type, default and limits from it."""

from typing import Any

import pytest

from tests.trainer.conftest import Serving, Trained
from trainer.cli import arguments
from trainer.cli.arguments import UsageProblem
from trainer.contract.writing_settings import (
    SETTINGS,
    SamplingOptions,
    Setting,
    SettingProblem,
    WritingRequest,
    check,
    checked,
)

NUMBERS = {name: setting for name, setting in SETTINGS.items() if setting.kind in (int, float)}


def _sample(*words: object) -> Any:
    return arguments.parse(["sample", "DIR", *map(str, words)], {name: None for name in arguments._COMMANDS})


def _option(name: str) -> str:
    return "--" + (SETTINGS[name].option or name).replace("_", "-")


def _beyond(setting: Setting) -> list[float]:
    """Return a value below the minimum and one above the maximum."""
    assert setting.minimum is not None and setting.maximum is not None
    return [setting.minimum - 1, setting.maximum + 1]


def test_nothing_asked_for_is_every_default() -> None:
    assert check({}) == WritingRequest() == arguments.writing_request(_sample())
    assert check(dict.fromkeys(SETTINGS)) == WritingRequest()


def test_every_setting_is_part_of_the_request() -> None:
    wanted = check({name: setting.default for name, setting in SETTINGS.items()})
    parts = vars(wanted) | vars(wanted.sampling)
    assert parts.keys() - {"sampling"} == SETTINGS.keys()
    assert all(parts[name] == setting.default for name, setting in SETTINGS.items())


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_has_its_limits_on_the_command_line(name: str) -> None:
    setting = NUMBERS[name]
    for value in (setting.minimum, setting.maximum):
        assert getattr(_sample(_option(name), value), name) == value
    for wrong in (*_beyond(setting), "nan", "inf", "many"):
        with pytest.raises(UsageProblem, match=rf"{name} has to be .* from {setting.minimum:,} to {setting.maximum:,}"):
            _sample(_option(name), wrong)


@pytest.mark.parametrize("name", sorted(SETTINGS.keys() - NUMBERS.keys()))
def test_a_text_or_a_yes_is_on_the_command_line(name: str) -> None:
    kind = SETTINGS[name].kind
    words = [_option(name)] if kind is bool else [_option(name), "Out"]
    assert getattr(_sample(*words), name) == {bool: True, str: "Out", dict: {"Out": 1.0}}[kind]


def test_shares_of_voices_are_given_one_by_one() -> None:
    words = [part for given in ("Emma=0.7", "a=b", "Emma = Knightley=.25", "Emma=0.5") for part in ("--voice", given)]
    assert check({"voices": _sample(*words).voices}).voices == {"Emma": 0.5, "a=b": 1.0, "Emma = Knightley": 0.25}


def test_serve_refuses_what_is_out_of_the_table_and_says_what_fits(serving: Serving, trained: Trained) -> None:
    model = str(trained.path)
    for name, setting in SETTINGS.items():
        beyond = _beyond(setting) if name in NUMBERS else []
        for wrong in [*beyond, ["a list"], float("nan")]:
            answer = serving.ask(do="sample", model=model, **{name: wrong})[-1]
            assert answer["event"] == "failed" and answer["reason"].startswith(f"{name} has to be ")


def test_serve_takes_every_setting_at_its_least(serving: Serving, trained: Trained) -> None:
    least = {
        name: setting.default if setting.minimum is None else setting.minimum for name, setting in SETTINGS.items()
    }
    assert serving.texts(model=str(trained.path), **least).keys() == {0}


def test_a_misspelt_setting_is_refused_and_not_passed_over(serving: Serving, trained: Trained) -> None:
    answer = serving.ask(do="sample", model=str(trained.path), temprature=1)[-1]
    assert (answer["event"], answer["reason"]) == ("failed", "There is no writing setting called 'temprature'.")


@pytest.mark.parametrize(
    ("name", "wrong", "says"),
    [
        ("temperature", 2.1, "temperature has to be a number from 0 to 2, not 2.1."),
        ("temperature", True, "temperature has to be a number from 0 to 2, not True."),
        ("top_k", 1.0, "top_k has to be a whole number from 0 to 1,000, not 1.0."),
        ("top_p", 0, "top_p has to be a number from 0.05 to 1, not 0."),
        ("paragraph", 1, "paragraph has to be true or false, not 1."),
        ("ending", 5, "ending has to be text, not 5."),
        (
            "voices",
            {"Emma": 0},
            "voices has to be names, each with a share that is not negative, and not all 0, not {'Emma': 0}.",
        ),
        ("seed", "x" * 100, f"seed has to be a whole number from 0 to 4,294,967,295, not '{'x' * 39}…."),
    ],
)
def test_a_wrong_value_is_one_sentence(name: str, wrong: object, says: str) -> None:
    with pytest.raises(SettingProblem) as problem:
        checked(name, wrong)
    assert str(problem.value) == says


def test_a_whole_number_will_do_where_any_number_is_wanted() -> None:
    temperature = check({"temperature": 1}).sampling.temperature
    assert (temperature, type(temperature)) == (1.0, float)
    assert check({"top_k": 3, "length": 7}) == WritingRequest(length=7, sampling=SamplingOptions(top_k=3))
