"""Tests of the mixture "LSTM and counting": its n-grams, its fit, and what is written with it."""

import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import Trained, loaded, trainer
from trainer.contract.documents import sample_text
from trainer.contract.writing_settings import SamplingOptions, SettingProblem
from trainer.data import corpus
from trainer.data.corpus import Corpus
from trainer.evaluation import mixture
from trainer.evaluation.baselines import ngram_nats
from trainer.evaluation.counts import Counts
from trainer.evaluation.mixture import Mixture
from trainer.generation.loaded_model import Model


@pytest.fixture(scope="module")
def model(trained: Trained) -> Model:
    return loaded(trained.path)


@pytest.fixture(scope="module")
def read(model: Model, text: Path) -> Corpus:
    return corpus.read_for(model.vocabulary, [text], False)


def test_what_is_counted_is_what_the_baselines_count() -> None:
    """`ngram_nats` reads all places at once, and its alphabet is not larger by the separator."""
    train, held_out = ["the cat sat on the mat. " * 3, "a bat sat on a hat. "], "the bat sat. "
    alphabet = sorted(set("".join(train)))
    numbers = {letter: place + 1 for place, letter in enumerate(alphabet)}
    ids = np.array([*(numbers[c] for c in train[0]), 0, *(numbers[c] for c in train[1])])
    counts = Counts(ids, len(alphabet) + 1, 3)
    expected = list(ngram_nats(train, [held_out]))[3]
    before = [numbers[c] for c in held_out]
    found = [-math.log(counts.expected(before[:place])[number]) for place, number in enumerate(before)]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_contexts_do_not_cross_documents() -> None:
    counts = Counts(np.array([1, 2, 0, 1, 3]), 4, 2)
    assert counts.after([2]).tolist() == []
    assert counts.after([1]).tolist() == [2, 3]
    assert np.array_equal(counts.expected([2, 0, 1]), counts.expected([1]))


def test_the_fit_is_never_worse_than_the_network_alone() -> None:
    """A network that is very sure, and sometimes wrong, leads whole steps of Newton's method far away."""
    rng = np.random.default_rng(3)
    for sureness in (1.0, 10.0, 60.0, 300.0):
        logs = rng.normal(0, 1, (400, 2, 8)) * np.array([[[sureness], [1.0]]])
        logs -= np.log(np.exp(logs - logs.max(-1, keepdims=True)).sum(-1, keepdims=True)) + logs.max(-1, keepdims=True)
        came = np.where(rng.random(400) < 0.9, logs[:, 0].argmax(-1), rng.integers(0, 8, 400))
        read = mixture._Read(logs, came)
        found = read.loss(mixture._fit(read))
        lowest = min(read.loss(np.array([a, b])) for a in np.geomspace(0.001, 4, 30) for b in (0.0, 0.1, 0.3))
        assert found <= min(lowest, read.loss(np.array([1.0, 0.0]))) + 1e-6


def test_the_mixture_expects_unseen_text_better_than_the_network_alone(model: Model, read: Corpus) -> None:
    found = model.evaluator().mixture(read, 5)
    assert found is not None
    fitted = Mixture(**found)
    assert fitted.second_half < fitted.network_second_half
    (part,) = read.held_out
    alone = model.evaluator().carried(part)
    assert alone is not None
    floor = -math.log1p(-model.vocabulary.escape_floor)  # what the score adds for the escape
    assert fitted.network_second_half == pytest.approx(float(alone[part.half :].mean()) - floor, abs=2e-3)


def test_share_0_is_the_network_and_share_1_is_the_mixture() -> None:
    both = Mixture(5, 0.7, 0.2, 1.0, 1.0)
    logits, counted = np.array([[0.0, 1.0, 2.0]]), np.array([[0.5, 0.25, 0.25]])
    alone = logits - np.log(np.exp(logits).sum())
    np.testing.assert_allclose(both.mixed(logits, counted, 0), alone)
    np.testing.assert_allclose(both.mixed(logits, counted, 1), 0.7 * alone + 0.2 * np.log(counted))


@pytest.fixture(scope="module")
def mixed(trained: Trained, read: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model whose score has a strong mixture."""
    path = tmp_path_factory.mktemp("mixed") / "model"
    path.mkdir()
    for file in trained.path.iterdir():
        if file.is_file() and file.name != "score.json":
            (path / file.name).write_bytes(file.read_bytes())
    score = json.loads((trained.path / "score.json").read_text())
    score["mixture"] = {"order": 5, "network": 0.4, "counting": 0.6, "second_half": 1.9, "network_second_half": 2.0}
    (path / "score.json").write_text(json.dumps(score))
    return path


def test_what_is_written_is_the_likeliest_of_the_mixture(mixed: Path, text: Path, read: Corpus) -> None:
    options = ["--temperature", 0, "--length", 60, "--prompt", "The assert", "--json"]
    shown = trainer("sample", mixed, "--counting", 0.8, "--text", text, *options)
    assert shown.code == 0, shown.errors
    written = "".join(line["text"] for line in shown.named("text"))
    model = loaded(mixed)
    assert model.mixture is not None
    counts = mixture.counts_of(read, model.mixture.order)
    ids = model.vocabulary.encode("The assert").tolist()
    states = model.network.zero_states(1)
    for symbol in ids[:-1]:
        _, states = model.network.step(np.array([symbol]), states)
    for _ in range(60):
        logits, states = model.network.step(np.array(ids[-1:]), states)
        counted = counts.expected([symbol + 1 for symbol in ids])[1:]
        both = model.mixture.mixed(np.asarray(logits)[0], counted, 0.8)
        ids.append(int(both[: model.vocabulary.escape].argmax()))
    assert written == "".join(model.vocabulary.symbols[symbol] for symbol in ids[10:])


def test_passages_do_not_depend_on_each_other(mixed: Path, text: Path) -> None:
    model = loaded(mixed).counting(1.0, [text], False)
    sampling = SamplingOptions(counting=1.0)
    uniform = np.random.default_rng(1).random((model.writer.chunk, 4))
    prompt = model.vocabulary.encode("The ")
    rows = model.writer.rows(4, sampling)
    many, _ = model.writer.write(model.writer.remember(prompt, rows, sampling), uniform, 40, sampling)
    pair = np.stack([uniform[:, 2], uniform[:, 0]], 1)
    two, _ = model.writer.write(model.writer.remember(prompt, 2, sampling), pair, 40, sampling)
    assert two.symbols[:, 0].tolist() == many.symbols[:, 2].tolist()
    assert two.symbols[:, 0].tolist() != two.symbols[:, 1].tolist()


def test_it_needs_the_text_and_a_mixture(trained: Trained, mixed: Path, text: Path) -> None:
    with pytest.raises(SettingProblem, match="the model needs that text"):
        loaded(mixed).counting(0.5, [], False)
    with pytest.raises(SettingProblem, match="no mixture with counting"):
        replace(loaded(trained.path), mixture=None).counting(0.5, [text], False)


def test_a_text_too_short_has_no_mixture(model: Model, tmp_path: Path) -> None:
    short = tmp_path / "short.txt"
    short.write_text(sample_text()[:9_000])
    assert model.evaluator().mixture(corpus.read_for(model.vocabulary, [short], False), 5) is None
