"""Tests of the trace of a passage: how likely each symbol was, and which others were likely."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import Serving, Trained, loaded, trainer
from trainer.contract.writing_settings import SamplingOptions, WritingRequest
from trainer.generation import passages
from trainer.generation.loaded_model import Model

PROMPT = "The same."


def _write(model: Model, prompt: str = PROMPT, length: int = 40, **sampling: Any) -> tuple[str, list[Any]]:
    pieces = list(passages.passages(model, WritingRequest(prompt, length, SamplingOptions(**sampling), trace=True)))
    return "".join(piece.text for piece in pieces), [entry for piece in pieces for entry in piece.trace]


def _symbols(text: str, trace: list[Any]) -> list[str]:
    ends = np.cumsum([length for length, _, _ in trace]).tolist()
    return [text[end - length : end] for end, (length, _, _) in zip(ends, trace, strict=True)]


def _expected(model: Model, ids: list[int], first: int) -> np.ndarray:
    """Return the model's probabilities of the symbols after the first `first` ids, after one more, … and after all.

    They are without the escape. The writer's code is not used.
    """
    places = range(first, len(ids) + 1)
    if model.recipe.procedure == "tutorial":
        windows = np.array([ids[place - model.recipe.sequence : place] for place in places], np.int32)
        logits = np.array(model.network(windows, ())[0])[:, :-1]
    else:
        padded = np.resize(np.array(ids, np.int32), -(-len(ids) // 64) * 64)[None]  # each shape is compiled only once
        read = model.network(padded, model.network.zero_states(1))[0]
        logits = np.array(read)[0, [place - 1 for place in places], :-1]
    shares: np.ndarray = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(shares / shares.sum(1, keepdims=True))


SETTINGS: dict[str, dict[str, Any]] = {
    "greedy": {"temperature": 0.0},
    "filtered": {"temperature": 1.4, "top_k": 9},
    "penalised": {"penalty": 2.0},
}


@pytest.mark.parametrize("name", SETTINGS)
def test_it_has_the_models_own_probabilities_whatever_the_settings(name: str, any_model: Path) -> None:
    model = loaded(any_model)
    prompt = ("The same. " * 6)[-51:-1]  # a whole window of the tutorial, and only whole words
    text, trace = _write(model, prompt, **SETTINGS[name])
    known = model.vocabulary.symbols
    opening = model.vocabulary.encode(model.spelled(prompt)).tolist()
    told = list(zip(_symbols(text, trace), trace, strict=True))[:-1]  # the last may be cut
    numbers = [known.index(symbol) for symbol, _ in told]
    every = _expected(model, opening + numbers[:-1], len(opening))
    for number, shares, (_, (_, nats, others)) in zip(numbers, every, told, strict=True):
        assert nats == pytest.approx(-np.log(shares[number]), rel=2e-3, abs=2e-3)  # bfloat16 rounds both otherwise
        likely = [other for other in (-shares).argsort()[:5].tolist() if other != number][:4]
        assert [share for _, share in others] == pytest.approx([shares[other] for other in likely], abs=1e-3)
        assert {other for other, _ in others} <= {known[other] for other in (-shares).argsort()[:8].tolist()}


def test_its_symbols_are_those_of_the_text(serving: Serving, any_model: Path) -> None:
    wanted = {"do": "sample", "model": str(any_model), "prompt": "of an obj", "length": 333, "passages": 3}
    events = [event for event in serving.ask(trace=True, **wanted) if event["event"] == "text"]
    assert all(sum(length for length, _, _ in event["trace"]) == len(event["text"]) for event in events)
    assert all(length > 0 and nats >= 0 for event in events for length, nats, _ in event["trace"])
    assert len(events) > 3


def test_others_are_likely_others_in_their_order(any_model: Path) -> None:
    model = loaded(any_model)
    text, trace = _write(model, length=200, temperature=1.2)
    symbols = [*_symbols(text, trace)[:-1], ""]  # the last one may be cut, and then look like another symbol
    for symbol, (_, _, others) in zip(symbols, trace, strict=True):
        shares = [share for _, share in others]
        assert shares == sorted(shares, reverse=True) and all(share > 0 for share in shares)
        assert len({text for text, _ in others} - {""}) == len(others) <= 4
        assert {text for text, _ in others} <= set(model.vocabulary.symbols) - {symbol}


def test_there_is_none_where_none_is_wanted(serving: Serving, trained: Trained) -> None:
    plain = serving.ask(do="sample", model=str(trained.path), length=50)
    assert not any("trace" in event for event in plain)
    traced = serving.ask(do="sample", model=str(trained.path), length=50, trace=True)
    assert [event.get("text") for event in traced] == [event.get("text") for event in plain]


def test_the_end_of_a_begun_word_is_told_among_the_words_that_begin_so(trained_words: Trained) -> None:
    model = loaded(trained_words.path)
    begun, numbers = model.vocabulary.begun("of an obj")
    read = model.vocabulary.encode("of an").tolist()
    shares = _expected(model, read, len(read))[0, numbers]
    ends = [model.vocabulary.symbols[number][len(begun) :] for number in numbers]
    ways = dict(zip(ends, shares.tolist(), strict=True))
    text, ((length, nats, others), *_) = _write(model, "of an obj", 30)
    end = text[:length]
    assert nats == pytest.approx(-np.log(ways[end] / sum(ways.values())), abs=2e-3)
    expected = {way: share / sum(ways.values()) for way, share in ways.items() if way != end}
    assert dict(others) == pytest.approx({way: expected[way] for way, _ in others}, abs=1e-3)
    assert others


def test_a_word_that_the_passage_ends_in_is_told_as_far_as_it_goes(trained_words: Trained) -> None:
    model = loaded(trained_words.path)
    longer, whole = _write(model, length=60)
    for length in range(1, 30):
        text, trace = _write(model, length=length)
        assert (text, sum(entry[0] for entry in trace)) == (longer[:length], length)
        assert [entry[1:] for entry in trace] == [entry[1:] for entry in whole[: len(trace)]]


def test_the_command_tells_it_to_programs_alone(trained: Trained) -> None:
    run = trainer("sample", trained.path, "--length", 30, "--json", "--trace")
    assert sum(length for event in run.named("text") for length, _, _ in event["trace"]) == 30
    assert trainer("sample", trained.path, "--trace").code == 2
