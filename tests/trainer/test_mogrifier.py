"""Tests of the Mogrifier: native, compiled and in Keras it computes the same, and a recipe says if there is one."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Any

import keras
import numpy as np
import pytest

from tests.trainer.test_native_lstm import every_path, run_layer
from trainer.contract import continuing, equal_cells, sizing
from trainer.contract.recipe import Recipe, RecipeProblem
from trainer.engine.mogrifier import MogrifierCell, MogrifierLSTM
from trainer.engine.native import library
from trainer.engine.native.paths import Path

SIZES = [  # rows, steps, inputs, units, rounds
    *((1, 3, 1, 17, 2), (1, 1, 1, 1, 8), (33, 5, 20, 33, 6), (16, 1, 16, 16, 2), (15, 3, 31, 100, 4)),
    *((48, 7, 64, 48, 4), (2, 40, 5, 64, 2)),
]
every_size = pytest.mark.parametrize("sizes", SIZES, ids=str)


def _arrays(rows: int, steps: int, inputs: int, units: int, rounds: int) -> list[np.ndarray]:
    """Return x, h, c, kernel, recurrent, bias, and the weights of the rounds."""
    rng = np.random.default_rng(0)
    turns = ((units, inputs), (inputs, units)) * (rounds // 2)
    of_lstm = (inputs, 4 * units), (units, 4 * units), (4 * units,)
    shapes = (rows, steps, inputs), (rows, units), (rows, units), *of_lstm, *turns
    scales = 1, 1, 1, inputs**-0.5, units**-0.5, 1, *(shape[0] ** -0.5 for shape in turns)
    return [(rng.normal(size=shape) * scale).astype("float32") for shape, scale in zip(shapes, scales, strict=True)]


def _layer(arrays: list[np.ndarray], half: bool) -> MogrifierLSTM:
    initial = {"kernel_initializer": "zeros", "recurrent_initializer": "zeros"}
    options: dict[str, Any] = {**initial, "return_sequences": True, "return_state": True}
    return MogrifierLSTM(arrays[1].shape[1], ["zeros"] * (len(arrays) - 6), half_products=half, **options)


def _of_keras(arrays: list[np.ndarray]) -> list[np.ndarray]:
    cell = MogrifierCell(arrays[1].shape[1], ["zeros"] * (len(arrays) - 6))
    return run_layer(keras.layers.RNN(cell, return_sequences=True, return_state=True), arrays)


@every_size
@every_path
def test_native_outputs_and_gradients_are_those_of_keras(
    monkeypatch: pytest.MonkeyPatch, path: Path, sizes: tuple[int, ...]
) -> None:
    arrays, compiled = _arrays(*sizes), library.compiled(path)
    monkeypatch.setattr(library, "chosen", lambda half: (compiled, "native"))
    for place, (a, b) in enumerate(zip(run_layer(_layer(arrays, path.half), arrays), _of_keras(arrays), strict=True)):
        assert a.shape == b.shape
        assert np.linalg.norm(a - b) < (0.02 if path.half else 1e-5) * np.linalg.norm(b), place
        if not path.half:
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


def test_without_a_library_xla_computes_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "chosen", lambda half: (None, "XLA"))
    arrays = _arrays(3, 4, 5, 17, 4)
    for a, b in zip(run_layer(_layer(arrays, False), arrays), _of_keras(arrays), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5)


@every_path
def test_every_run_gives_the_same_bytes_and_so_do_two_threads_at_once(path: Path) -> None:
    native, arrays = library.compiled(path), _arrays(16, 20, 40, 100, 4)

    def run(_: int) -> bytes:
        outputs, cells, kept = native.forward(*arrays)
        gradients = native.backward(*arrays[:5], outputs, kept, outputs, cells, cells, *arrays[6:])
        return b"".join(array.tobytes() for array in (outputs, cells, *gradients))

    with ThreadPoolExecutor(2) as threads:
        assert len({run(0), run(1), *threads.map(run, range(20))}) == 1


@every_path
def test_a_row_does_not_depend_on_the_rows_beside_it(path: Path) -> None:
    native, arrays = library.compiled(path), _arrays(40, 6, 5, 20, 4)
    whole = native.forward(*arrays)[0]
    for rows in (slice(7, 8), slice(20, 37)):
        some = native.forward(*(np.ascontiguousarray(array[rows]) for array in arrays[:3]), *arrays[3:])[0]
        assert np.array_equal(some, whole[rows])


@every_path
def test_a_number_that_is_none_is_not_hidden(path: Path) -> None:
    arrays = _arrays(2, 3, 5, 17, 4)
    arrays[0][1, 1, 2] = np.nan
    outputs = library.compiled(path).forward(*arrays)[0]
    assert np.isnan(outputs[1, 1:]).all()
    assert np.isfinite(outputs[0]).all() and np.isfinite(outputs[1, 0]).all()


# The recipe ------------------------------------------------------------------------------------------------------


def _resolved(is_native: bool = True, **choices: Any) -> Recipe:
    return sizing.resolve({"steps": 100, **choices}, 10_000, 30, is_native=is_native)


def test_an_lstm_has_one_where_its_loops_are_native_unless_a_person_chose_none() -> None:
    assert _resolved().mogrifier_rounds == sizing.MOGRIFIER_ROUNDS
    assert _resolved(mogrifier_rounds=2).mogrifier_rounds == 2
    assert _resolved(mogrifier_rounds=2, is_native=False).mogrifier_rounds == 2
    others = [_resolved(is_native=False), _resolved(mogrifier_rounds=0), _resolved(cell="gru"), _resolved(level="word")]
    tutorial = sizing.resolve({"recipe": "tutorial"}, 10_000, 30)
    assert [recipe.mogrifier_rounds for recipe in (*others, tutorial)] == [0] * 5


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"cell": "gru", "mogrifier_rounds": 4}, "Only an LSTM has rounds of a Mogrifier: choose LSTM, or 0 rounds."),
        ({"mogrifier_rounds": 3}, "mogrifier_rounds has to be a multiple of 2, not 3"),
        ({"mogrifier_rounds": 10}, "mogrifier_rounds has to be from 0 to 8, not 10"),
    ],
    ids=["another cell", "odd", "too many"],
)
def test_rounds_that_can_not_be_are_a_sentence(choices: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeProblem, match=said):
        _resolved(**choices)
    saved = _resolved().to_json().replace('"mogrifier_rounds": 4', f'"mogrifier_rounds": {choices["mogrifier_rounds"]}')
    with pytest.raises(RecipeProblem, match=said):
        Recipe.from_json(saved.replace('"cell": "lstm"', f'"cell": "{choices.get("cell", "lstm")}"'))


def test_a_model_from_before_has_none_and_keeps_it_so_when_it_learns_another_text() -> None:
    values = {name: value for name, value in asdict(_resolved()).items() if name != "mogrifier_rounds"}
    before = Recipe(**values)
    assert before.mogrifier_rounds == 0
    assert continuing.fine_tuned(before, {"steps": 5}, 10_000, 30).mogrifier_rounds == 0
    assert continuing.fine_tuned(_resolved(), {"steps": 5}, 10_000, 30, is_native=False).mogrifier_rounds == 4


def test_cells_are_compared_without_one() -> None:
    lstm = sizing.resolve({"minutes": 1}, 10_000, 30)
    assert lstm.mogrifier_rounds
    choices = equal_cells.choices_of(lstm, 10_000, 30)
    assert {sizing.resolve(each, 10_000, 30).mogrifier_rounds for each in choices.values()} == {0}
