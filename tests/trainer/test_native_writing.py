"""Tests of the native writing: it writes what the writer of TensorFlow writes, and each row as it would alone."""

import functools
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import Trained
from tests.trainer.test_native_lstm import HERE
from trainer.contract import sizing
from trainer.contract.writing_settings import SamplingOptions
from trainer.engine import native_writing
from trainer.engine.committee import Committee
from trainer.engine.native import library, paths, write
from trainer.engine.native.write import PackedNetwork, Write
from trainer.engine.native_writing import NativeWriter
from trainer.engine.network import Network, StreamNetwork
from trainer.engine.writing import Writer

PATHS = [path for path in HERE if not path.half]
#: layers, units, symbols, rounds of a Mogrifier
SIZES = [(1, 8, 3, 0), (1, 17, 9, 2), (2, 33, 70, 4), (3, 16, 65, 0), (1, 40, 1_100, 4), (2, 33, 9, 8)]
every_path = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
every_size = pytest.mark.parametrize("sizes", SIZES, ids=str)
SAMPLINGS = [
    SamplingOptions(0.0),
    SamplingOptions(1.0),
    SamplingOptions(0.7, top_k=3),
    SamplingOptions(1.5, top_p=0.6),
    SamplingOptions(2.0, top_k=5, top_p=0.9, penalty=1.0),
    SamplingOptions(0.0, penalty=2.0),
]


def _network(layers: int, units: int, symbols: int, **choices: Any) -> StreamNetwork:
    embedding = {"embedding": 21} if units > 16 else {}  # no multiple of a vector
    recipe = sizing.resolve({"steps": 1, "layers": layers, "units": units, **embedding, **choices}, 10_000, symbols)
    network = StreamNetwork(recipe, symbols)
    for weight in network.recurrent[0].weights:
        weight.assign(weight.value * 2)  # so that symbols are not all equally likely
    network.outputs.kernel.assign(network.outputs.kernel.value * 5)
    return network


def _writers(path: paths.Path, network: StreamNetwork) -> tuple[NativeWriter, Writer]:
    lengths = np.arange(network.symbols) % 3 + 1
    native = library.load(write.SOURCE, path, Write)
    return NativeWriter(native, network, lengths), Writer(network, lengths)


def _drawn(writer: Writer, rows: int) -> np.ndarray:
    return np.random.default_rng(1).random((writer.chunk, rows), np.float32)


@every_size
@every_path
def test_logits_are_those_of_keras(path: paths.Path, sizes: tuple[int, int, int, int]) -> None:
    network = _network(*sizes[:3], mogrifier_rounds=sizes[3])
    native, _ = _writers(path, network)
    prompt, rows = np.arange(40) % native.known, 3
    opening = native.remember(prompt, rows, SamplingOptions())
    assert native._packed
    barred = np.zeros(native.known)
    numbers = write.Sampling(1.0, 1.0, 0.0, native.known)
    symbols, found, _ = native._packed.write(opening, _drawn(native, rows)[:20], barred, numbers, True)
    assert found is not None
    for row in range(rows):
        read = np.concatenate([prompt, symbols[:-1, row]])[None]
        logits, _ = network(read, network.zero_states(1))
        expected = np.asarray(logits)[0, len(prompt) - 1 :, : native.known]
        assert np.linalg.norm(found[:, row] - expected) < 1e-5 * np.linalg.norm(expected)


@functools.cache
def _reused(path: paths.Path, symbols: int) -> tuple[NativeWriter, Writer]:
    """Return writers that several tests use, so that XLA compiles a program once."""
    return _writers(path, _network(1, 48, symbols))


@pytest.mark.parametrize(
    ("symbols", "sampling"),
    [*((30, sampling) for sampling in SAMPLINGS), (1_500, SamplingOptions(2.0, top_p=0.99))],
    ids=str,
)
@every_path
def test_it_writes_what_the_other_writer_writes(path: paths.Path, symbols: int, sampling: SamplingOptions) -> None:
    """No random number is so close to the limit between two symbols that another rounding would choose another one."""
    writers = _reused(path, symbols)
    first = np.array([2, 7, 20])
    found: list[list[Any]] = []
    for writer in writers:
        opening = writer.remember(np.arange(25), 2, sampling)
        written, memory = writer.write(opening, _drawn(writer, 2), writer.chunk, sampling, first, traced=True)
        again, _ = writer.write(memory, 1 - _drawn(writer, 2), 5, sampling)
        assert again.nats is None
        found.append([written.symbols, again.symbols, written.nats, written.likeliest, written.shares])
    for ours, theirs in zip(found[0], found[1], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert np.isin(found[0][0][0], first).all()


@pytest.mark.parametrize("sampling", SAMPLINGS, ids=str)
@every_path
def test_a_row_is_the_same_bit_for_bit_alone_and_among_others(path: paths.Path, sampling: SamplingOptions) -> None:
    native, _ = _writers(path, _network(2, 100, 70))
    opening = native.remember(np.arange(60), 1, sampling)
    drawn = np.random.default_rng(1).random((native.chunk, 16), np.float32)
    written, whole = native.write(opening.in_rows(16), drawn, 50, sampling, traced=True)
    for rows in (slice(0, 1), slice(7, 8), slice(3, 5), slice(5, 8), slice(8, 15)):
        count = rows.stop - rows.start
        some, memory = native.write(opening.in_rows(count), drawn[:, rows], 50, sampling, traced=True)
        for a, b in zip(some, written, strict=True):
            assert a is not None and b is not None
            np.testing.assert_array_equal(a, b[:, rows])
        np.testing.assert_array_equal(memory.states, whole.states[:, :, rows])
        for a, b in zip((memory.last, *memory.past), (whole.last, *whole.past), strict=True):
            np.testing.assert_array_equal(a, b[rows])


def test_an_opening_can_be_used_again() -> None:
    """Several batches begin with the same memory, at the same time."""
    native, _ = _writers(PATHS[-1], _network(1, 24, 30))
    sampling = SamplingOptions(penalty=1.0)
    opening = native.remember(np.arange(9), 2, sampling)
    found = [native.write(opening, _drawn(native, 2), 30, sampling)[0].symbols for _ in range(2)]
    np.testing.assert_array_equal(found[0], found[1])


def test_it_reads_weights_again_when_it_is_told_that_they_changed() -> None:
    network = _network(1, 24, 30)
    native, other = _writers(PATHS[-1], network)
    greedy = SamplingOptions(0.0)

    def write_greedily(writer: Writer) -> np.ndarray:
        return writer.write(writer.remember(np.arange(9), 2, greedy), _drawn(writer, 2), 30, greedy)[0].symbols

    before = write_greedily(native)
    network.outputs.kernel.assign(-network.outputs.kernel.value)
    native.renew()
    after = write_greedily(native)
    assert (before != after).any()
    np.testing.assert_array_equal(after, write_greedily(other))


def test_the_samples_of_a_training_are_written_by_the_weights_of_their_steps(trained: Trained) -> None:
    texts = [event["text"] for event in trained.run.named("sample")]
    assert len(set(texts)) == len(texts) > 1


def test_an_option_that_the_library_does_not_know_is_left_to_the_other_writer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    native, other = _writers(PATHS[-1], _network(1, 24, 30))
    sampling = SamplingOptions(top_p=0.6)
    assert [native.rows(1, sampling), native.rows(3, sampling)] == [1, 3]
    monkeypatch.setattr(native_writing, "_OPTIONS", {"temperature"})
    assert [native.rows(1, sampling), native.rows(1, SamplingOptions())] == [2, 1]
    found = [
        writer.write(writer.remember(np.arange(9), 2, sampling), _drawn(writer, 2), 30, sampling)[0].symbols
        for writer in (native, other)
    ]
    assert native._packed is None
    np.testing.assert_array_equal(found[0], found[1])


def test_without_the_library_and_for_other_cells_xla_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    def chosen(network: Network) -> type:
        return type(native_writing.writer(network, np.ones(network.symbols)))

    lstm, gru = _network(1, 8, 9), _network(1, 8, 9, cell="gru")
    committee = Committee(replace(lstm.recipe, networks=2), lstm.symbols)
    monkeypatch.setattr(write, "chosen", lambda: library.load(write.SOURCE, PATHS[-1], Write))
    assert [chosen(lstm), chosen(gru), chosen(committee)] == [NativeWriter, Writer, Writer]
    monkeypatch.setattr(write, "chosen", lambda: None)
    assert chosen(lstm) is Writer


def test_the_setting_switches_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.SETTING, "0")
    write.chosen.cache_clear()
    try:
        assert write.chosen() is None
    finally:
        write.chosen.cache_clear()


def test_memory_that_is_not_there_is_an_error_that_python_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    native, _ = _writers(PATHS[-1], _network(1, 8, 9))
    opening = native.remember(np.arange(3), 1, SamplingOptions())
    full: Callable[..., int] = lambda *_: 1  # noqa: E731
    assert isinstance(native._packed, PackedNetwork)
    monkeypatch.setattr(native._packed._write, "functions", type("None", (), {"write_symbols": staticmethod(full)}))
    with pytest.raises(MemoryError):
        native.write(opening, _drawn(native, 1), 1, SamplingOptions())
