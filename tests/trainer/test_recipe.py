"""Tests of recipes: the choices that are allowed, and the sizing of those that are left open."""

import json
import re
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.contract import pace, recipe, sizing
from trainer.contract.reasons import reasons
from trainer.contract.recipe import FIELDS, PRESETS, Recipe, RecipeProblem


@settings(max_examples=300, deadline=None)
@given(
    characters=st.integers(900, 50_000_000),
    vocabulary=st.integers(2, 8000),
    preset=st.sampled_from(["quick", "balanced", "best"]),
    speed=st.floats(300, 300_000),
    choices=st.fixed_dictionaries(
        {},
        optional={
            "batch": st.integers(1, 1024),
            "sequence": st.integers(4, 1024),
            "units": st.integers(8, 2048),
            "epochs": st.integers(1, 10_000),
        },
    ),
)
def test_any_text_gets_a_recipe_that_fits_it(
    characters: int, vocabulary: int, preset: str, speed: float, choices: dict[str, Any]
) -> None:
    found = sizing.resolve({"recipe": preset, **choices}, characters, vocabulary, speed)
    assert characters // found.batch // found.sequence >= 1
    assert Recipe.from_json(found.to_json()) == found
    for name, value in choices.items():
        if name not in ("batch", "sequence"):  # a short text makes these smaller
            assert getattr(found, name) == value


def test_more_time_and_more_text_make_a_wider_network() -> None:
    units = [
        sizing.resolve({"minutes": minutes}, characters, 70).units
        for minutes, characters in ((1, 5_000), (1, 100_000), (30, 1_000_000))
    ]
    assert units == sorted(units) and units[0] < units[-1]


def test_where_there_is_no_time_for_steps_a_network_is_no_wider_than_wide() -> None:
    found = sizing.resolve({"minutes": 2.0, "sequence": 256}, 5_000_000, 70)
    assert (found.sequence, found.units) == (256, sizing.WIDE)


LENGTHS = [900, 2_000, 5_000, 10_000, 30_000, 100_000, 300_000, 1_000_000, 3_000_000, 10_000_000, 45_000_000]


@pytest.mark.parametrize("preset", ["quick", "balanced", "best"])
@pytest.mark.parametrize("vocabulary", [2, 30, 70, 300, 1_500, 5_001])
@pytest.mark.parametrize("speed", [2_000.0, 16_000.0, 200_000.0])
def test_sizes_follow_the_text(preset: str, vocabulary: int, speed: float) -> None:
    found = [sizing.resolve({"recipe": preset}, length, vocabulary, speed) for length in LENGTHS]
    for shorter, longer in pairwise(found):
        assert shorter.units <= longer.units
        assert shorter.dropout >= longer.dropout
        assert shorter.batch <= longer.batch


@pytest.mark.parametrize("vocabulary", [2, 70, 5_001])
@pytest.mark.parametrize("preset", ["quick", "balanced", "best", "tutorial"])
def test_every_choice_has_a_reason(preset: str, vocabulary: int) -> None:
    for length in LENGTHS:
        found = sizing.resolve({"recipe": preset}, length, vocabulary)
        why = reasons(found, {}, length, vocabulary)
        assert {"layers", "units", "dropout", "sequence", "batch", "rate"} <= set(why)
        assert all(sentence.endswith(".") for sentence in why.values())


def test_reasons_say_what_decided() -> None:
    def why(choices: dict[str, Any], length: int) -> dict[str, str]:
        return reasons(sizing.resolve(choices, length, 70), choices, length, 70)

    assert "a text of this length" in why({}, 5_000)["units"]
    assert "time to teach" in why({"minutes": 1.0}, 3_000_000)["units"]
    assert "short" in why({}, 1_000)["batch"]
    assert "the more of what it knows is hidden" in why({}, 5_000)["dropout"]
    assert "a few times only" in why({}, 30_000_000)["dropout"]
    assert why({"units": 100, "dropout": 0.37}, 5_000)["units"] == "Chosen by you."
    assert why({"recipe": "tutorial"}, 5_000)["units"] == "The tutorial's own."


@pytest.mark.parametrize("cell", [cell for cell in FIELDS["cell"].options if cell != "lstm"])
def test_every_cell_is_sized_to_what_it_does_in_the_time(cell: str) -> None:
    plain = {"minutes": 2, "mogrifier_rounds": 0}
    lstm, other = (sizing.resolve({**plain, "cell": name}, 1_000_000, 70) for name in ("lstm", cell))
    given = pace.Conditions(1_000_000, 70, pace.TYPICAL_SPEED)
    assert pace.speed_of({**vars(other), "units": 384}, given) > pace.TYPICAL_SPEED / 3
    assert 64 <= lstm.units <= other.units


def test_words_make_a_network_of_one_layer_that_is_as_wide_as_the_text_and_the_time_allow() -> None:
    found = [
        sizing.resolve({"minutes": minutes, "level": "word"}, characters, vocabulary, symbol_length=3.5)
        for minutes, characters, vocabulary in ((2, 35_000, 1_500), (10, 300_000, 6_000), (30, 10_000_000, 16_000))
    ]
    assert [recipe.layers for recipe in found] == [1, 1, 1] and {recipe.sequence for recipe in found} <= {16, 32}
    units = [recipe.units for recipe in found]
    assert units == sorted(units) and units[0] >= 96


def test_a_text_that_is_read_often_gets_two_layers_that_share_the_width_of_one() -> None:
    seldom, often = (sizing.resolve({"minutes": minutes}, 90_000, 70, speed=10_000) for minutes in (2, 10))
    assert [(recipe.layers, recipe.units) for recipe in (seldom, often)] == [(1, 384), (2, 256)]


def test_little_time_makes_short_steps_in_one_wide_layer_and_much_makes_long_ones_in_two() -> None:
    found = [sizing.resolve({"minutes": minutes}, 450_000, 70, speed=5_000) for minutes in (1, 60)]
    assert [(recipe.layers, recipe.sequence) for recipe in found] == [(1, 16), (2, 64)]
    assert found[0].rate > found[1].rate
    why = [reasons(recipe, {}, 450_000, 70) for recipe in found]
    assert (
        "than two" in why[0]["layers"] and "change often" in why[0]["sequence"] and "more at a time" in why[0]["rate"]
    )
    assert "more than one" in why[1]["layers"] and "A sentence" in why[1]["sequence"]


def test_what_is_asked_for_is_not_sized() -> None:
    found = sizing.resolve({"minutes": 1, "sequence": 48, "layers": 3, "units": 100}, 450_000, 70, speed=5_000)
    assert (found.sequence, found.layers, found.units) == (48, 3, 100)


def test_a_budget_in_steps_is_sized_without_looking_at_the_machine() -> None:
    slow, fast = (sizing.resolve({"steps": 500}, 100_000, 70, speed) for speed in (500.0, 90_000.0))
    assert slow == fast


def test_a_budget_of_ones_own_replaces_the_presets() -> None:
    found = sizing.resolve({"recipe": "best", "epochs": 3}, 100_000, 70)
    assert (found.minutes, found.epochs) == (None, 3)


def test_the_tutorial_is_the_tutorials_network() -> None:
    found = sizing.resolve({"recipe": "tutorial"}, 100_000, 60)
    assert (found.procedure, found.layers, found.units, found.sequence) == ("tutorial", 2, 300, 50)
    assert (found.dropout, found.batch, found.epochs, found.lowercase) == (0.2, 30, 1, True)


def test_what_the_tutorial_has_anyway_may_be_said() -> None:
    said = {"recipe": "tutorial", "lowercase": True, "layers": 2}
    assert sizing.resolve(said, 100_000, 60) == sizing.resolve({"recipe": "tutorial"}, 100_000, 60)


@pytest.mark.parametrize(
    ("choices", "says"),
    [
        ({"units": 7}, "units has to be from 8 to 2,048"),
        ({"units": 8.0}, "whole number"),
        ({"units": True}, "whole number"),
        ({"rate": float("nan")}, "number"),
        ({"dropout": "0.1"}, "number"),
        ({"lowercase": 1}, "true or false"),
        ({"cell": "relu"}, "one of lstm, gru, rnn"),
        ({"recipe": "slow"}, "no recipe called"),
        ({"colour": "red"}, "no choice called"),
        ({"minutes": 1.0, "steps": 5}, "Choose one budget"),
        ({"recipe": "tutorial", "layers": 3, "rate": 0.1}, "layers, rate can't be chosen"),
        ({"recipe": "tutorial", "lowercase": False}, "lowercase can't be chosen"),
    ],
)
def test_a_choice_that_cannot_be_is_refused_in_a_sentence(choices: dict[str, Any], says: str) -> None:
    with pytest.raises(RecipeProblem, match=re.escape(says)):
        sizing.resolve(choices, 100_000, 70)


def test_what_is_left_open_may_be_none() -> None:
    assert recipe.check({"units": None, "minutes": None})["minutes"] == PRESETS["quick"]["minutes"]


def test_a_saved_recipe_is_checked_strictly() -> None:
    saved = json.loads(sizing.resolve({"steps": 5}, 5_000, 70).to_json())
    for change in ({"extra": 1}, {"units": "16"}, {"epochs": 2}, {"procedure": "other"}, {"threads": 0}, {"seed": -1}):
        with pytest.raises(RecipeProblem):
            Recipe.from_json(json.dumps({**saved, **change}))
    for text in ("", "[]", "{}", "null"):
        with pytest.raises(RecipeProblem):
            Recipe.from_json(text)


def test_every_choice_has_help_and_limits() -> None:
    for field in FIELDS.values():
        assert field.help.endswith(".")
        assert field.options or field.kind is bool or (field.minimum is not None and field.maximum is not None)


def test_presets_say_how_long_they_take() -> None:
    def seconds(preset: str, *size: float) -> float:
        return sizing.estimate_seconds({"recipe": preset}, *size)  # type: ignore[arg-type]

    quick, balanced, best = (seconds(name, 100_000) for name in ("quick", "balanced", "best"))
    assert 120 < quick < 150 < balanced <= 650
    assert balanced <= best < 1000, "it has read the text as often as is of use, long before its 30 minutes are over"
    assert 1800 < seconds("best", 1_000_000) < 1850
    assert seconds("tutorial", 200_000) > 1.8 * seconds("tutorial", 100_000) - 60
    assert seconds("tutorial", 100_000, 32_000) < seconds("tutorial", 100_000)


def test_words_and_epochs_are_estimated_too() -> None:
    def seconds(**choices: Any) -> float:
        return sizing.estimate_seconds(choices, 300_000)

    assert seconds(minutes=3) < seconds(minutes=4)
    assert 1.5 < seconds(epochs=20, units=256) / seconds(epochs=10, units=256) < 2.1
    assert seconds(epochs=10, level="word") != seconds(epochs=10)
    assert seconds(steps=1_000, units=512) > seconds(steps=1_000, units=64)
