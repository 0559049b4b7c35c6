"""Tests of the cells in numpy: they compute what Keras's layers do, and their derivatives are true."""

from collections.abc import Mapping
from typing import Any

import keras
import numpy as np
import pytest

from trainer.contract.recipe import RecipeProblem
from trainer.engine.mogrifier import MogrifierCell
from trainer.inspection import cells
from trainer.inspection.cells import Cell
from trainer.inspection.reader import Reader

ROUNDS = 4


def _mogrifier(units: int, **options: Any) -> Any:
    return keras.layers.RNN(MogrifierCell(units, ["zeros"] * ROUNDS), **options)


KINDS = {
    "lstm": (keras.layers.LSTM, 4),
    "mogrifier": (_mogrifier, 4),
    "gru": (keras.layers.GRU, 3),
    "rnn": (keras.layers.SimpleRNN, 1),
}
INPUTS, UNITS, SYMBOLS, TIME, ROWS = 5, 7, 11, 9, 2
every_kind = pytest.mark.parametrize("kind", KINDS)
Bump = tuple[int, str, int, int, int]  # layer, name, time, row, unit


def _weights(kind: str, inputs: int, random: np.random.Generator) -> list[np.ndarray]:
    columns = KINDS[kind][1] * UNITS
    bias = (2, columns) if kind == "gru" else (columns,)
    rounds = [(UNITS, inputs), (inputs, UNITS)] * (ROUNDS // 2) if kind == "mogrifier" else []
    return [random.normal(0, 0.5, shape) for shape in ((inputs, columns), (UNITS, columns), bias, *rounds)]


def _cell(kind: str, weights: list[np.ndarray]) -> Cell:
    return cells.cell("lstm" if kind == "mogrifier" else kind, *weights)


def _reader(kind: str) -> Reader:
    """Return a network of two layers with random weights, in float64."""
    random = np.random.default_rng(3)
    layers = [_cell(kind, _weights(kind, inputs, random)) for inputs in (INPUTS, UNITS)]
    table = random.normal(0, 1, (SYMBOLS, INPUTS))
    return Reader(lambda ids: table[ids], layers, random.normal(0, 1, (UNITS, SYMBOLS)), random.normal(0, 1, SYMBOLS))


@every_kind
def test_states_recomputed_from_the_gates_are_those_of_keras(kind: str) -> None:
    random = np.random.default_rng(1)
    weights = [array.astype(np.float32) for array in _weights(kind, INPUTS, random)]
    layer = KINDS[kind][0](UNITS, return_sequences=True, return_state=True)
    layer.build((None, None, INPUTS))
    layer.set_weights(weights)
    x = random.normal(0, 1, (ROWS, 40, INPUTS)).astype(np.float32)
    ours = _cell(kind, weights)
    found = ours.read(x.transpose(1, 0, 2), ours.zero(ROWS))
    for length in (1, 17, 40):
        outputs, *states = layer(x[:, :length])
        np.testing.assert_allclose(found["hidden"][:length].transpose(1, 0, 2), outputs, atol=1e-5)
        for name, state in zip(ours.states, states, strict=True):
            np.testing.assert_allclose(found[name][length - 1], state, atol=1e-5)
    assert found["hidden"].dtype == np.float32


def test_the_states_of_an_lstm_follow_from_its_gates_as_the_equations_say() -> None:
    reader = _reader("lstm")
    read = reader.read(np.arange(TIME)[:, None] % SYMBOLS, reader.zero(1))[0]
    before = np.concatenate([np.zeros((1, 1, UNITS)), read["cell"][:-1]])
    np.testing.assert_allclose(read["cell"], read["forget"] * before + read["input"] * read["candidate"])
    np.testing.assert_allclose(read["hidden"], read["output"] * np.tanh(read["cell"]))


def _number(reader: Reader, ids: np.ndarray, chosen: np.ndarray, bumps: Mapping[Bump, float]) -> float:
    """Return the sum of the log-probabilities of symbols after the ids (time, rows), when some values were changed."""

    def bumped(array: np.ndarray, layer: int, name: str, time: int) -> np.ndarray:
        array = array.copy()
        for (its_layer, its_name, its_time, *place), amount in bumps.items():
            if (its_layer, its_name, its_time) == (layer, name, time):
                array[tuple(place)] += amount
        return array

    states, values = reader.zero(ids.shape[1]), np.zeros(0)
    for time, row in enumerate(ids):
        values = reader.inputs(row)
        for index, layer in enumerate(reader.layers):
            step = layer.step(layer.projected(bumped(values, index, "inputs", time)), states[index])
            if "cell" in step:
                step["cell"] = bumped(step["cell"], index, "cell", time)
                step["hidden"] = step["output"] * np.tanh(step["cell"])
            step["hidden"] = bumped(step["hidden"], index, "hidden", time)
            states[index], values = layer.state(step), step["hidden"]
    return float(np.take_along_axis(reader.log_probabilities(values), chosen[:, None], 1).sum())


@every_kind
def test_gradients_are_those_of_finite_differences(kind: str) -> None:
    reader, random = _reader(kind), np.random.default_rng(2)
    ids, chosen = random.integers(0, SYMBOLS, (TIME, ROWS)), np.array([3, 8])
    read, zero = reader.read(ids, reader.zero(ROWS)), reader.zero(ROWS)
    known = reader.log_probabilities(read[-1]["hidden"][-1])
    found = reader.backward(ids, read, zero, reader.gradient_at_output(known, chosen))
    for layer, gradients in enumerate(found):
        arrays: dict[str, Any] = {**gradients.states, "inputs": gradients.inputs}
        for name, array in arrays.items():
            for time in (0, 4, TIME - 1):
                place = (layer, name, time, 1, 2)
                up, down = (_number(reader, ids, chosen, {place: amount}) for amount in (1e-5, -1e-5))
                assert array[time, 1, 2] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-9), place


@every_kind
def test_sequences_of_several_lengths_are_read_as_each_would_be_alone(kind: str) -> None:
    reader, random = _reader(kind), np.random.default_rng(4)
    sequences = [random.integers(0, SYMBOLS, length) for length in (9, 6, 6, 1)]
    together = [step[-1]["hidden"] for step in reader.steps(sequences)]
    assert [len(step) for step in together] == [4, 3, 3, 3, 3, 3, 1, 1, 1]
    for row, sequence in enumerate(sequences):
        alone = reader.read(sequence[:, None], reader.zero(1))[-1]["hidden"][:, 0]
        np.testing.assert_allclose([step[row] for step in together[: len(sequence)]], alone)


def test_probabilities_are_among_the_symbols_that_are_asked_about() -> None:
    reader, hidden = _reader("rnn"), np.random.default_rng(5).normal(0, 1, (3, UNITS))
    of_all, of_some = np.exp(reader.log_probabilities(hidden)), np.exp(reader.log_probabilities(hidden, 4))
    np.testing.assert_allclose(of_all.sum(1), 1)
    np.testing.assert_allclose(of_some, of_all[:, :4] / of_all[:, :4].sum(1, keepdims=True))


def test_a_cell_whose_equations_are_not_here_is_a_sentence() -> None:
    with pytest.raises(RecipeProblem, match="A model of coupled cells can't be looked into"):
        cells.cell("coupled", *_weights("rnn", INPUTS, np.random.default_rng(0)))
