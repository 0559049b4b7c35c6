"""Tests of the penalty against loops."""

from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import Serving, Trained, trainer
from trainer.engine import repetitions


def _longest_repetition(text: str) -> int:
    """Return the length of the longest run that repeats the text less than 256 code points before it."""
    return max(len(run) for distance in range(1, 256) for run in _same(text, distance).split(" "))


def _same(text: str, distance: int) -> str:
    return "".join(" ="[one == other] for one, other in zip(text, text[distance:], strict=False))


def test_greedy_gets_out_of_its_loop(serving: Serving, any_model: Path) -> None:
    wanted = {"model": str(any_model), "prompt": "The ", "length": 700, "temperature": 0.0}
    found = [_longest_repetition(serving.texts(penalty=penalty, **wanted)[0]) for penalty in (0, 0.5, 2)]
    assert found[0] > 300
    assert 60 > found[1] >= found[2]


def test_what_the_prompt_says_over_and_over_is_not_said_once_more(serving: Serving, trained: Trained) -> None:
    said = "one of these: "
    wanted = {"model": str(trained.path), "prompt": said * 30, "length": 60, "temperature": 0.3}
    assert said not in serving.texts(penalty=2.0, **wanted)[0]


def _excess(symbols: list[int], lengths: list[int]) -> dict[int, int]:
    """Return by how many code points each symbol would make a repetition too long, computed in a simple, slow way."""
    found: dict[int, int] = {}
    for place in range(max(1, len(symbols) - 255), len(symbols)):
        back, count = 0, -min(12, 2 * (len(symbols) - place) + 1)
        while back < place and symbols[place - 1 - back] == symbols[-1 - back]:
            count += lengths[symbols[-1 - back]]
            back += 1
        found[symbols[place]] = max(found.get(symbols[place], 0), count)
    return found


@pytest.mark.parametrize("alphabet", [2, 5, 40])
def test_a_symbol_is_lowered_by_the_longest_repetition_that_it_would_go_on(alphabet: int) -> None:
    source = np.random.default_rng(alphabet)
    lengths = source.integers(1, 8, alphabet).tolist()
    symbols = np.tile(source.integers(0, alphabet, 90), 5).tolist()
    for place in source.integers(0, len(symbols), 40).tolist():
        symbols[place] = int(source.integers(alphabet))
    past = repetitions.begin(symbols[0], 2)
    for count, symbol in enumerate(symbols[1:], 2):
        past = repetitions.note(past, np.array([symbol, 0], np.int32), np.array(lengths, np.int32))
        expected = np.zeros(alphabet)
        for other, excess in _excess(symbols[:count], lengths).items():
            expected[other] = -1.5 * excess / 4
        found = repetitions.lowered(np.zeros((2, alphabet), np.float32), past, 1.5)
        np.testing.assert_allclose(found[0], expected, rtol=1e-6)


def test_the_command_takes_it(trained: Trained) -> None:
    run = trainer("sample", trained.path, "--length", 400, "--temperature", 0, "--penalty", 1)
    assert _longest_repetition(run.output[:-1]) < 60
    assert trainer("sample", trained.path, "--penalty", 3).code == 2
