"""Tests of the two procedures: each recipe has one, and they differ in feed, learning rate and average."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from trainer.contract import sizing
from trainer.contract.procedures import PROCEDURES
from trainer.contract.recipe import PRESETS
from trainer.contract.writing_settings import SETTINGS
from trainer.data.training_text import TrainingText
from trainer.procedures import choice
from trainer.procedures.procedure import Procedure
from trainer.procedures.stream import StreamProcedure
from trainer.procedures.tutorial import TutorialProcedure


def _procedure(preset: str, **changes: Any) -> Procedure:
    return choice.procedure_of(replace(sizing.resolve({"recipe": preset, "steps": 100}, 20_000, 60), **changes))


@pytest.mark.parametrize("preset", PRESETS)
def test_every_recipe_has_its_procedure(preset: str) -> None:
    assert type(_procedure(preset)) is (TutorialProcedure if preset == "tutorial" else StreamProcedure)


def test_every_preset_has_one_description_and_every_description_a_preset() -> None:
    described = [preset for procedure in PROCEDURES.values() for preset in procedure.presets]
    assert sorted(described) == sorted(PRESETS)
    assert all(procedure.presets for procedure in PROCEDURES.values())


@pytest.mark.parametrize("preset", PRESETS)
def test_the_description_of_a_procedure_is_true_of_it(preset: str) -> None:
    procedure = _procedure(preset)
    recipe, described = procedure.recipe, PROCEDURES[procedure.recipe.procedure]
    assert preset in described.presets
    feed = procedure.feed(TrainingText(np.arange(20_000) % 60))
    assert described.symbols_per_step(recipe.batch, recipe.sequence) == feed.symbols_per_step
    assert {name: getattr(recipe, name) for name in described.own} == described.own
    first_temperature = described.writing.get("temperature", SETTINGS["temperature"].default)
    assert procedure.sampling.temperature == first_temperature


def test_the_rate_of_streams_warms_up_and_falls_to_a_fiftieth() -> None:
    procedure = _procedure("quick", rate=0.01)
    assert procedure.learning_rate(done=0.0, steps=0) == pytest.approx(0.01 / 20)
    assert procedure.learning_rate(done=0.0, steps=19) == pytest.approx(0.01)
    assert procedure.learning_rate(done=0.5, steps=500) == pytest.approx(0.01 * 0.51)
    assert procedure.learning_rate(done=1.0, steps=1000) == pytest.approx(0.01 / 50)


def test_the_tutorials_rate_stays() -> None:
    procedure = _procedure("tutorial")
    assert {procedure.learning_rate(done, steps) for done, steps in ((0.0, 0), (0.5, 9), (1.0, 99))} == {0.001}


def test_the_average_of_streams_grows_slower_and_the_tutorial_has_none() -> None:
    streams, tutorial = _procedure("quick"), _procedure("tutorial")
    assert [streams.new_share(step) for step in (0, 10, 10_000)] == [1.0, 0.5, 0.01]
    assert {tutorial.new_share(step) for step in (0, 10, 10_000)} == {1.0}


@pytest.mark.parametrize("preset", ["quick", "tutorial"])
def test_a_feed_counts_the_symbols_that_a_step_predicts(preset: str) -> None:
    feed = _procedure(preset).feed(TrainingText(np.arange(20_000) % 60))
    assert feed.symbols_per_step == feed.at(0)[1].size
