"""Tests of units that are held while a model writes: both writers hold the same, and what can't be held is refused."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import Serving, Trained, trainer
from tests.trainer.test_native_writing import PATHS, _drawn, _network, _writers
from trainer.contract import held_units
from trainer.contract.held_units import HeldUnit
from trainer.contract.writing_settings import SamplingOptions, SettingProblem
from trainer.engine.committee import Committee
from trainer.engine.holding import Holding
from trainer.engine.network import Network
from trainer.engine.writing import Writer

WRITE = {"prompt": "The ", "length": 120, "seed": 5}
HELD = [{"layer": 0, "unit": unit, "value": -1.0} for unit in range(8)]


def test_the_writer_in_c_writes_what_the_other_writer_writes() -> None:
    sampling, held = SamplingOptions(1.0), [HeldUnit(0, 3, -1.0), HeldUnit(1, 0, 0.5), HeldUnit(1, 32, 0.0)]
    network = _network(2, 33, 70)
    found: list[list[Any]] = []
    for writer in _writers(PATHS[-1], network):
        holding = writer.holding(held)
        opening = holding.remember(np.arange(25), 2, sampling)
        written, _ = holding.write(opening, _drawn(writer, 2), 120, sampling, traced=True)
        plain, _ = writer.write(
            writer.remember(np.arange(25), 2, sampling), _drawn(writer, 2), 120, sampling, traced=True
        )
        found.append([written.symbols, written.nats, plain.symbols, plain.nats])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert (found[0][0] != found[0][2]).any()


def test_a_unit_has_its_value_after_every_symbol_of_the_opening_too() -> None:
    native, _ = _writers(PATHS[-1], _network(2, 33, 70))
    memory = native.holding([HeldUnit(1, 32, 0.25)]).remember(np.arange(25), 1, SamplingOptions())
    assert memory.states[1, 0, 0, 32] == 0.25
    assert 0.25 not in native.remember(np.arange(25), 1, SamplingOptions()).states


def test_one_compiled_program_holds_other_units_and_none() -> None:
    writer = Writer(network := _network(1, 24, 30, cell="gru"), np.ones(30))
    sampling = SamplingOptions(1.0)

    def written(held: list[HeldUnit]) -> list[int]:
        holding = writer.holding(held)
        opening = holding.remember(np.arange(9), 2, sampling)
        return list(holding.write(opening, _drawn(holding, 2), 60, sampling)[0].symbols[:, 0])

    plain = writer.write(writer.remember(np.arange(9), 2, sampling), _drawn(writer, 2), 60, sampling)[0].symbols[:, 0]
    some, others = written([HeldUnit(0, 1, 1.0)]), written([HeldUnit(0, 2, -1.0), HeldUnit(0, 7, 1.0)])
    assert some != others and written([]) == list(plain)
    assert written([HeldUnit(0, 1, 1.0)]) == some
    assert writer.holding([]) is writer.holding([]) and network.recurrent[0] is writer.network.recurrent[0]


def _stepped(network: Network) -> list[np.ndarray]:
    _, states = network.step(np.array([1, 2]), network.zero_states(2))
    return [np.asarray(state[0]) for state in states]


def test_of_several_networks_the_first_is_held() -> None:
    recipe = replace(_network(2, 8, 9).recipe, networks=2)
    network = Committee(recipe, 9)
    before, holding = _stepped(network), Holding(network)
    holding.hold([HeldUnit(0, 3, 0.75)])
    after = _stepped(holding.network)
    assert (after[0][:, 3] == 0.75).all() and (after[1] != before[1]).any()
    assert [(after[index] == before[index]).all() for index in (2, 3)] == [True, True]
    assert (_stepped(network)[0] == before[0]).all()


def test_serve_holds_units_for_one_request(serving: Serving, any_model: Path) -> None:
    request = {"model": str(any_model), **WRITE, "temperature": 1.0}
    plain, held = serving.texts(**request), serving.texts(**request, held=HELD)
    assert plain != held
    assert serving.texts(**request, held=[]) == plain == serving.texts(**request)
    assert serving.texts(**request, held=HELD) == held


def test_the_command_line_holds_what_serve_holds(serving: Serving, trained: Trained) -> None:
    held = [word for unit in HELD for word in ("--hold", f"{unit['layer']}:{unit['unit']}={unit['value']}")]
    run = trainer("sample", trained.path, "--prompt", "The ", "--length", 120, "--seed", 5, *held)
    assert run.output == "The " + serving.texts(model=str(trained.path), **WRITE, held=HELD)[0] + "\n"


@pytest.mark.parametrize(
    ("held", "says"),
    [
        ([{"layer": 2, "unit": 0, "value": 0}], "There is no unit 2:0. The layers of the model are 0 to 1"),
        ([{"layer": 0, "unit": 16, "value": 0}], "There is no unit 0:16."),
        ([{"layer": 0, "unit": -1, "value": 0}], "whole numbers from 0"),
        ([{"layer": 0, "unit": True, "value": 0}], "whole numbers from 0"),
        ([{"layer": 0, "unit": 0, "value": 1.5}], "a number from -1 to 1"),
        ([{"layer": 0, "unit": 0, "value": float("nan")}], "a number from -1 to 1"),
        ([{"layer": 0, "unit": 0}], "has to be as"),
        ([5], "has to be as"),
        ("0:3", "a list of at most 16"),
        (HELD * 3, "a list of at most 16"),
    ],
)
def test_what_cannot_be_held_is_refused_with_a_sentence(
    held: object, says: str, serving: Serving, trained: Trained
) -> None:
    end = serving.ask(do="sample", model=str(trained.path), held=held)[-1]
    assert end["event"] == "failed" and says in end["reason"]


@pytest.mark.parametrize("words", ["0:3", "3=1", "a:b=c", "0:3=2", "0:-3=1"])
def test_a_wrong_hold_on_the_command_line_is_one_line(words: str, trained: Trained) -> None:
    run = trainer("sample", trained.path, "--hold", words)
    assert (run.code, len(run.errors.splitlines())) == (2, 1)


def test_a_unit_that_is_not_there_is_one_line_too(trained: Trained) -> None:
    run = trainer("sample", trained.path, "--hold", "5:0=1")
    assert run.code == 2 and "There is no unit 5:0." in run.errors and len(run.errors.splitlines()) == 1


def test_a_held_unit_is_the_same_after_the_wire() -> None:
    unit = HeldUnit(1, 7, -0.5)
    assert held_units.check([unit.to_json()]) == (unit,) == (held_units.parse("1:7=-0.5"),)
    assert held_units.check(None) == ()
    with pytest.raises(SettingProblem, match="At most 16"):
        held_units.check_places([unit] * 17, 2, 8)
