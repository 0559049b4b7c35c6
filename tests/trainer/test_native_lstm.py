"""Tests of the native LSTM: on every path that the processor has, it computes what Keras's LSTM computes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import MagicMock

import keras
import numpy as np
import pytest
import tensorflow as tf

from trainer.engine import fast_lstm, processor
from trainer.engine.fast_lstm import FastLSTM
from trainer.engine.native import library, paths
from trainer.engine.native.library import Library
from trainer.engine.native.paths import Path

SIZES = [  # rows, steps, inputs, units
    *((1, 3, 1, 17), (1, 1, 1, 1), (33, 5, 20, 33), (16, 1, 16, 16), (15, 3, 31, 100), (48, 7, 64, 48), (2, 40, 5, 64)),
]
HERE = [path for path in paths.PATHS if processor.instructions().issuperset(path.instructions)]
every_path = pytest.mark.parametrize("path", HERE, ids=lambda path: path.name)
every_size = pytest.mark.parametrize("sizes", SIZES, ids=str)


def _arrays(rows: int, steps: int, inputs: int, units: int) -> list[np.ndarray]:
    """Return x, h, c, kernel, recurrent and bias."""
    rng = np.random.default_rng(0)
    shapes = (rows, steps, inputs), (rows, units), (rows, units), (inputs, 4 * units), (units, 4 * units), (4 * units,)
    scales = 1, 1, 1, inputs**-0.5, units**-0.5, 1
    return [(rng.normal(size=shape) * scale).astype("float32") for shape, scale in zip(shapes, scales, strict=True)]


def run_layer(layer: Any, arrays: list[np.ndarray]) -> list[Any]:
    """Return outputs and states, and the gradients of a scalar that depends on all of them."""
    layer.build(arrays[0].shape)
    layer.set_weights(arrays[3:])
    weighing = np.random.default_rng(1).normal(size=(*arrays[0].shape[:2], arrays[1].shape[1])).astype("float32")

    @tf.function  # type: ignore[untyped-decorator]
    def compute(x: Any, h: Any, c: Any) -> list[Any]:
        given = [x, h, c]
        with tf.GradientTape() as tape:
            tape.watch(given)
            outputs, last_h, last_c = layer(x, initial_state=[h, c])
            scalar = tf.reduce_sum(outputs * weighing) + tf.reduce_sum(last_h * last_h) + tf.reduce_sum(last_c * last_h)
        weights = [weight.value for weight in layer.trainable_variables]
        return [outputs, last_h, last_c, *tape.gradient(scalar, given + weights)]

    return [np.asarray(found) for found in compute(*map(tf.constant, arrays[:3]))]


def _native(monkeypatch: pytest.MonkeyPatch, path: Path, arrays: list[np.ndarray]) -> list[Any]:
    compiled = library.compiled(path)
    monkeypatch.setattr(library, "chosen", lambda half: (compiled, "native"))
    layer = FastLSTM(arrays[1].shape[1], half_products=path.half, return_sequences=True, return_state=True)
    return run_layer(layer, arrays)


def _difference(found: np.ndarray, expected: np.ndarray) -> float:
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected))


@every_size
@every_path
def test_outputs_and_gradients_are_those_of_keras(
    monkeypatch: pytest.MonkeyPatch, path: Path, sizes: tuple[int, ...]
) -> None:
    arrays = _arrays(*sizes)
    expected = run_layer(keras.layers.LSTM(sizes[3], return_sequences=True, return_state=True, use_cudnn=False), arrays)
    for name, a, b in zip(
        ["outputs", "h", "c", "dx", "dh", "dc", "dkernel", "drecurrent", "dbias"],
        _native(monkeypatch, path, arrays),
        expected,
        strict=True,
    ):
        assert a.shape == b.shape, name
        assert _difference(a, b) < (0.02 if path.half else 1e-5), name
        if not path.half:
            np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-5, err_msg=name)


@every_path
def test_extreme_inputs_give_what_keras_gives(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    arrays = _arrays(3, 4, 5, 17)
    arrays[0] = arrays[0] * 1e4
    arrays[0][0, 0, 0], arrays[0][1, 1, 1] = 1e30, -1e30
    expected = run_layer(keras.layers.LSTM(17, return_sequences=True, return_state=True, use_cudnn=False), arrays)
    for a, b in zip(_native(monkeypatch, path, arrays)[:3], expected[:3], strict=True):
        np.testing.assert_allclose(a, b, atol=0.02 if path.half else 1e-5)


@every_path
def test_a_number_that_is_none_is_not_hidden(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """A training that has diverged is known by it."""
    arrays = _arrays(2, 3, 5, 17)
    arrays[0][1, 1, 2] = np.nan
    outputs = _native(monkeypatch, path, arrays)[0]
    assert np.isnan(outputs[1, 1:]).all()
    assert np.isfinite(outputs[0]).all() and np.isfinite(outputs[1, 0]).all()


@every_path
def test_every_run_gives_the_same_bytes_and_so_do_two_threads_at_once(path: Path) -> None:
    native, arrays = library.compiled(path), _arrays(16, 20, 40, 100)

    def run(_: int) -> bytes:
        outputs, cells, kept = native.forward(*arrays)
        x, h, c, kernel, recurrent, _bias = arrays
        gradients = native.backward(x, h, c, kernel, recurrent, outputs, kept, outputs, cells, cells)
        return b"".join(array.tobytes() for array in (outputs, cells, *gradients))

    with ThreadPoolExecutor(2) as threads:
        assert len({run(0), run(1), *threads.map(run, range(20))}) == 1


@every_path
def test_what_is_kept_may_be_handed_on_at_any_place_in_memory(path: Path) -> None:
    """Outside a tf.function, TensorFlow copies it."""
    native, (x, h, c, kernel, recurrent, bias) = library.compiled(path), _arrays(3, 4, 5, 17)
    outputs, cells, kept = native.forward(x, h, c, kernel, recurrent, bias)
    moved = library.empty(kept.size + 1)[1:]
    moved[:] = kept
    given = x, h, c, kernel, recurrent, outputs
    for a, b in zip(
        native.backward(*given, moved, outputs, cells, cells),
        native.backward(*given, kept, outputs, cells, cells),
        strict=True,
    ):
        assert np.array_equal(a, b)


@every_path
def test_a_row_does_not_depend_on_the_rows_beside_it(path: Path) -> None:
    native, arrays = library.compiled(path), _arrays(40, 6, 5, 20)
    whole = native.forward(*arrays)[0]
    for rows in (slice(7, 8), slice(20, 37)):
        some = native.forward(*(np.ascontiguousarray(array[rows]) for array in arrays[:3]), *arrays[3:])[0]
        assert np.array_equal(some, whole[rows])


def test_the_layer_without_a_library_is_compiled_by_xla(monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = _arrays(3, 4, 5, 17)
    monkeypatch.setattr(library, "chosen", lambda half: (None, "XLA"))
    called = MagicMock(wraps=fast_lstm.lstm)
    monkeypatch.setattr(fast_lstm, "lstm", called)
    layer = FastLSTM(17, half_products=False, return_sequences=True, return_state=True)
    expected = run_layer(keras.layers.LSTM(17, return_sequences=True, return_state=True, use_cudnn=False), arrays)
    for a, b in zip(run_layer(layer, arrays), expected, strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    assert called.call_count == 1


def test_paths_are_tried_from_the_best_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(paths.SETTING, raising=False)
    monkeypatch.setattr(processor, "instructions", lambda: {i for path in paths.PATHS for i in path.instructions})
    assert [path.name for path in paths.available(half=True)] == ["amx", "avx512_bf16"]
    assert [path.name for path in paths.available(half=False)] == ["avx512", "avx2"]
    monkeypatch.setenv(paths.SETTING, "avx512_bf16")
    assert [path.name for path in paths.available(half=True)] == ["avx512_bf16"]
    assert paths.available(half=False) == []


@pytest.mark.parametrize(
    ("instructions", "maker", "are_faster"),
    [
        ({"avx512_bf16", "amx_bf16"}, "GenuineIntel", True),
        ({"avx512_bf16"}, "GenuineIntel", False),
        ({"avx512_bf16"}, "AuthenticAMD", True),
        ({"avx512f"}, "AuthenticAMD", False),
    ],
)
def test_products_are_bfloat16_where_that_is_faster(
    instructions: set[str], maker: str, are_faster: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "instructions", lambda: instructions)
    monkeypatch.setattr(processor, "maker", lambda: maker)
    assert processor.multiplies_bfloat16() == are_faster


def test_memory_that_is_not_there_is_an_error_that_python_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    native = library.compiled(HERE[-1])
    monkeypatch.setattr(
        native, "_functions", type("None", (), {"lstm_forward": lambda *_: 1, "lstm_kept_bytes": lambda *_: 4})
    )
    with pytest.raises(MemoryError):
        Library.forward(native, *_arrays(1, 1, 1, 1))
