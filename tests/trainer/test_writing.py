"""Tests of writing with a model: sampling, opening and length."""

from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import Trained, loaded, trainer
from trainer.contract import sizing
from trainer.contract.writing_settings import SamplingOptions, WritingRequest
from trainer.engine import writing
from trainer.engine.network import StreamNetwork
from trainer.generation import passages
from trainer.generation.loaded_model import Model


@pytest.fixture(scope="module")
def model(trained: Trained) -> Model:
    return loaded(trained.path)


def _write(model: Model, prompt: str = "The ", length: int = 40, seed: int = 1, **sampling: Any) -> str:
    request = WritingRequest(prompt, length, SamplingOptions(**sampling), seed)
    return "".join(piece.text for piece in passages.passages(model, request))


def _logits(model: Model, text: str) -> np.ndarray:
    """Return the logits after each character of a text, without the escape's."""
    ids = model.vocabulary.encode(text).astype("int32")
    padded = np.resize(ids, -(-len(ids) // 64) * 64)[None]  # each shape is compiled only once
    logits, _ = model.network(padded, model.network.zero_states(1))
    return np.array(logits[0, : len(ids), :-1])


def _next_logits(model: Model, text: str) -> np.ndarray:
    return np.asarray(_logits(model, text)[-1])


def test_greedy_takes_the_likeliest_character_each_time(model: Model) -> None:
    written = "The " + _write(model, length=20, temperature=0.0)
    logits = _logits(model, written)
    for place in range(len("The "), len(written)):
        assert written[place] == model.vocabulary.characters[logits[place - 1].argmax()]


def test_the_likeliest_alone_is_greedy(model: Model) -> None:
    greedy = _write(model, temperature=0.0)
    assert _write(model, top_k=1) == greedy
    assert _write(model, top_p=1e-6) == greedy


def test_characters_come_as_often_as_the_model_thinks(model: Model) -> None:
    logits = _next_logits(model, "The ") / 0.7
    expected = np.exp(logits) / np.exp(logits).sum()
    request = WritingRequest("The ", 1, SamplingOptions(0.7), passages=2000)
    found = [piece.text for piece in passages.passages(model, request)]
    for symbol in expected.argsort()[-5:]:
        share = found.count(model.vocabulary.characters[symbol]) / len(found)
        assert abs(share - expected[symbol]) < 4 * np.sqrt(expected[symbol] / len(found))


def test_top_k_and_top_p_keep_to_the_likely(model: Model) -> None:
    logits = _next_logits(model, "The ") / 1.5
    ranked = logits.argsort()[::-1]
    probabilities = np.exp(logits[ranked]) / np.exp(logits).sum()
    most = int((np.cumsum(probabilities) - probabilities < 0.5).sum())
    samplings: tuple[tuple[dict[str, Any], int], ...] = (({"top_k": 3}, 3), ({"top_p": 0.5}, most))
    for sampling, allowed in samplings:
        request = WritingRequest("The ", 1, SamplingOptions(1.5, **sampling), passages=400)
        found = {piece.text for piece in passages.passages(model, request)}
        assert found == {model.vocabulary.characters[symbol] for symbol in ranked[:allowed]}


def test_the_same_seed_writes_the_same_again(model: Model) -> None:
    assert _write(model, seed=4) == _write(model, seed=4) != _write(model, seed=5)


@pytest.mark.parametrize("penalty", [0.0, 1.0])
def test_a_row_comes_out_the_same_bit_for_bit_in_every_batch(penalty: float) -> None:
    """The state is compared, because a text hides small differences.

    The network has 256 units, because tiny products have only one routine.
    """
    network = StreamNetwork(sizing.resolve({"steps": 1, "units": 256}, 10_000, 70), 70)
    writer = writing.Writer(network, np.ones(70))
    sampling = SamplingOptions(1.0, penalty=penalty)
    drawn = np.random.default_rng(1).random((writer.chunk, 1), np.float32)
    found = []
    for rows in writing._ROWS:
        opening = writer.remember(np.arange(60), rows, sampling)
        written, ((_, states), past) = writer.write(opening, np.repeat(drawn, rows, 1), 50, sampling, traced=True)
        remembered = [np.asarray(array)[-1] for state in (*states, past) for array in state]
        judged = [array[:, -1] for array in written if array is not None]
        assert len(judged) == len(written)
        found.append([*judged, *remembered])
    for others in found[1:]:
        for expected, array in zip(found[0], others, strict=True):
            np.testing.assert_array_equal(array, expected)


def test_a_long_opening_counts_to_its_first_character(model: Model) -> None:
    opening = "A long opening, longer than one compiled call reads. " * 12
    logits = _next_logits(model, opening)
    assert _write(model, opening, 1, temperature=0.0) == model.vocabulary.characters[logits.argmax()]


def test_of_a_longer_opening_the_last_5000_characters_count(model: Model) -> None:
    opening = "A very long opening, which nobody has read to its end. " * 100
    assert _write(model, "€ not read: " + opening) == _write(model, opening) == _write(model, opening[-5_000:])
    assert passages.unknown(model, "€" + opening[:4_999]) == ["€"]
    assert passages.unknown(model, "€" + opening[:5_000]) == []


def test_without_an_opening_it_begins_a_line(model: Model) -> None:
    assert _write(model, "", seed=3) == _write(model, "\n", seed=3)
    assert _write(model, "€", seed=3) == _write(model, "\n", seed=3)  # an unknown character is left out


def test_the_escape_is_never_written(model: Model) -> None:
    assert len(_write(model, length=2000, temperature=100.0)) == 2000


def test_the_tutorial_reads_the_last_fifty_characters(trained_tutorial: Trained) -> None:
    model = loaded(trained_tutorial.path)
    window = model.vocabulary.openings[0]
    ids = model.vocabulary.encode(window).astype("int32")[None]
    logits = np.array(model.network(ids, ())[0])[0, :-1]
    expected = model.vocabulary.characters[logits.argmax()]
    assert _write(model, "something before it: " + window, 1, temperature=0.0) == expected


def test_the_command_writes_for_people(trained: Trained) -> None:
    run = trainer("sample", trained.path, "--prompt", "The ✓", "--length", 30)
    assert run.code == 0
    assert len(run.output) == len("The ✓") + 30 + 1
    assert "'✓'" in run.errors


def test_the_command_writes_for_programs(trained: Trained) -> None:
    run = trainer("sample", trained.path, "--length", 30, "--passages", 2, "--json")
    texts = ["".join(event["text"] for event in run.named("text") if event["passage"] == n) for n in (0, 1)]
    assert [len(text) for text in texts] == [30, 30]
    assert run.events[-1] == {"event": "done"}
