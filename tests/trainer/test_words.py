"""Tests of a model of words: it trains, resumes, is scored per character, and writes the exact number of characters."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import (
    TINY,
    Running,
    Serving,
    Trained,
    assert_same_training,
    evaluator_of,
    loaded,
    trainer,
)
from trainer.contract import sizing
from trainer.contract.writing_settings import SamplingOptions, WritingRequest
from trainer.data import corpus
from trainer.data.corpus import HeldOut
from trainer.data.streams import Streams, Windows
from trainer.evaluation import evaluator as evaluators
from trainer.evaluation.evaluator import Evaluator
from trainer.generation import passages
from trainer.generation.loaded_model import Model
from trainer.inspection import gates


@pytest.fixture(scope="module")
def model(trained_words: Trained) -> Model:
    return loaded(trained_words.path)


@pytest.fixture(scope="module")
def evaluator(trained_words: Trained) -> Evaluator:
    return evaluator_of(trained_words.path)


@pytest.fixture(scope="module")
def part(model: Model, text: Path) -> HeldOut:
    return corpus.read_for(model.vocabulary, [text], False).held_out[0]


def _write(model: Model, prompt: str = "The ", length: int = 60, seed: int = 1, **sampling: Any) -> str:
    request = WritingRequest(prompt, length, SamplingOptions(**sampling), seed)
    return "".join(piece.text for piece in passages.passages(model, request))


# Trained and scored


def test_it_learns_and_says_so_per_character(trained_words: Trained) -> None:
    carried = [event["carried"] for event in trained_words.run.named("evaluated")]
    assert carried[-1] < carried[0] - 0.3
    assert carried[-1] < 2.7  # nats per character; each symbol costs more
    assert abs(trained_words.run.named("progress")[-1]["train_loss"] - carried[-1]) < 0.6


def test_progress_counts_characters(trained_words: Trained, text: Path) -> None:
    read = corpus.read([text], lowercase=False, seed=3, level="word")
    last = trained_words.run.named("progress")[-1]
    assert read.symbol_length == pytest.approx(21_600 / len(read.train))
    assert last["chars"] == round(last["step"] * 8 * 16 * read.symbol_length)


def test_a_held_out_part_is_as_long_as_its_characters(part: HeldOut) -> None:
    assert part.characters == 2_400 > len(part)
    assert part.offsets[part.half] <= 1_200 < part.offsets[part.half + 1]


def test_the_score_is_the_losses_of_all_symbols_over_the_characters(
    part: HeldOut, trained_words: Trained, evaluator: Evaluator
) -> None:
    score = json.loads((trained_words.path / "score.json").read_text())
    carried, cold = evaluator.carried(part), evaluator.cold(part)
    assert carried is not None and len(carried) == len(cold) == len(part)
    assert score["held_out_characters"] == 2_400
    assert score["held_out"]["whole"]["carried"] == pytest.approx(carried.sum() / 2_400, abs=1e-4)
    assert score["held_out"]["whole"]["cold"] == pytest.approx(cold.sum() / 2_400, abs=1e-4)
    first = part.offsets[part.half]
    assert score["held_out"]["first_half"]["carried"] == pytest.approx(carried[: part.half].sum() / first, abs=1e-4)


def test_cold_windows_hold_what_ends_within_256_characters(part: HeldOut) -> None:
    pieces = evaluators._cut([(part, 0, len(part))], 256)
    assert [start for _, start, _ in pieces[1:]] == [stop for _, _, stop in pieces[:-1]]
    for number, (_, _, stop) in enumerate(pieces[:-1], 1):
        assert part.offsets[stop] <= 256 * number < part.offsets[stop + 1]
    assert (pieces[0][1], pieces[-1][2]) == (0, len(part))


def test_an_evaluation_reads_the_first_half_alone(part: HeldOut, evaluator: Evaluator) -> None:
    spoiled = HeldOut(part.ids.copy(), part.context, part.lengths)
    spoiled.ids[part.context + part.half :] = 0
    carried, cold = evaluator.quick([part], 50_000)
    assert (carried, cold) == evaluator.quick([spoiled], 50_000)
    exact = evaluator.carried(part)
    assert carried is not None and exact is not None
    assert carried == pytest.approx(exact[: part.half].sum() / part.offsets[part.half], abs=0.01)


def test_the_middle_is_cut_by_characters(part: HeldOut) -> None:
    middle = part.middle(0.25)
    begin = part.place(1_200 - 300)
    np.testing.assert_array_equal(middle.lengths, part.lengths[begin : part.place(1_200 + 300)])
    np.testing.assert_array_equal(middle.ids[middle.context :], part.ids[part.context + begin :][: len(middle)])


def test_killed_and_resumed_it_ends_in_the_same_bytes(text: Path, trained_words: Trained, tmp_path: Path) -> None:
    model = tmp_path / "model"
    options = ["--level", "word", *TINY, "--rate", 0.02, "--steps", 60, "--json", "--resume"]
    first = Running("train", text, "--out", model, *options, "--checkpoint-seconds", "0")
    first.until("checkpoint", 20)
    first.kill()
    assert trainer("train", text, "--out", model, *options).code == 0
    assert_same_training(model, trained_words.path)


def test_the_tutorial_can_be_had_with_words(text: Path, tmp_path: Path) -> None:
    options = ["--recipe", "tutorial", "--level", "word", "--units", "8", "--steps", "3", "--threads", "1", "--json"]
    run = trainer("train", text, "--out", tmp_path / "model", *options)
    assert run.code == 0, run.errors
    whole = run.events[-1]["score"]["held_out"]["whole"]
    assert whole["carried"] is None and 1 < whole["cold"] < 4


# Any text


EMOJI = "👩🏽‍🚀👨‍👩‍👧🇫🇷😀👍🏿🏴󠁧󠁢󠁥󠁮󠁧󠁿"
SHORT = {
    "sentences": "The quick brown fox jumps over the lazy dog. " * 23,
    "chinese": "清晨，老人走出家门，久久地望着江面上缓缓驶过的船。" * 45,
    "emoji": EMOJI * 60,
    "one emoji": ("👩🏽‍🚀" * 20 + "\n") * 13,
    "one long line": "abcdefghij" * 110,
    "few and long words": ("a" * 63 + "\n") * 16,
    "hindi": "यह एक परीक्षण वाक्य है जिसमें हिन्दी के अक्षर हैं। " * 20,
    "no word twice": "".join(chr(0x4E00 + n) for n in range(1000)),
}


@pytest.mark.parametrize("level", ["char", "word"])
@pytest.mark.parametrize("preset", ["quick", "tutorial"])
@pytest.mark.parametrize("name", SHORT)
def test_a_thousand_characters_of_anything_can_be_read(name: str, preset: str, level: str, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text(SHORT[name], encoding="utf-8")
    read = corpus.read([tmp_path / "short.txt"], lowercase=False, seed=1, level=level)
    choices = {"recipe": preset, "level": level}
    recipe = sizing.resolve(choices, len(read.train), read.vocabulary.size, symbol_length=read.symbol_length)
    assert type(recipe).from_json(recipe.to_json()) == recipe
    feed = Windows if preset == "tutorial" else Streams
    inputs, targets, _ = feed(read.train, recipe.batch, recipe.sequence, 1).at(0)
    assert inputs.shape == (recipe.batch, recipe.sequence) and targets.max() < read.vocabulary.escape
    (held_out,) = read.held_out
    assert evaluators._first_halves([held_out])[0][2] >= 1
    assert sum(stop - start for _, start, stop in evaluators._cut([(held_out, 0, len(held_out))], 256)) == len(held_out)


@pytest.mark.parametrize("name", ["emoji", "few and long words"])
def test_a_thousand_characters_of_anything_train(name: str, tmp_path: Path) -> None:
    (tmp_path / "short.txt").write_text(SHORT[name], encoding="utf-8")
    options = ["--level", "word", "--steps", "4", "--units", "8", "--layers", "1", "--threads", "1", "--json"]
    run = trainer("train", tmp_path / "short.txt", "--out", tmp_path / "model", *options)
    assert run.code == 0, run.errors
    assert "too short to judge" in run.events[-1]["score"]["verdict"]


# Writing


@pytest.mark.parametrize("length", [1, 2, 7, 16, 100, 777])
def test_a_passage_has_exactly_so_many_characters(model: Model, length: int) -> None:
    assert len(_write(model, length=length)) == length


def test_a_shorter_passage_is_the_beginning_of_a_longer_one(model: Model) -> None:
    assert _write(model, length=400).startswith(_write(model, length=150))


def test_it_writes_the_words_that_it_knows(model: Model) -> None:
    written = _write(model, length=600, temperature=0.5)
    assert {" the", " to"} & set(model.vocabulary.pieces(written)) & set(model.vocabulary.longer)


def test_a_prompt_that_breaks_off_in_a_word_is_finished(model: Model) -> None:
    begun, numbers = model.vocabulary.begun("of an obj")
    ways = {model.vocabulary.symbols[number].removeprefix(begun) for number in numbers}
    assert begun == " obj" and "ect" in ways
    for seed in range(8):
        assert any(_write(model, "of an obj", 40, seed).startswith(way) for way in ways)


def test_a_prompt_that_ends_with_a_blank_goes_on_with_a_word(model: Model) -> None:
    first = [_write(model, "This is ", 12, seed)[0] for seed in range(8)]
    assert all(not character.isspace() for character in first)


def test_greedy_finishes_a_word_in_the_likeliest_way(model: Model) -> None:
    written = {_write(model, "of an obj", 20, seed, temperature=0.0) for seed in range(3)}
    assert len(written) == 1


def test_passages_depend_on_their_number_alone(serving: Serving, trained_words: Trained) -> None:
    wanted = {"model": str(trained_words.path), "prompt": "of an obj", "length": 150, "seed": 5}
    together = serving.texts(passages=16, **wanted)
    assert serving.texts(first=7, **wanted) == {7: together[7]}
    assert {len(text) for text in together.values()} == {150}


def test_it_is_scored_and_looked_into_like_all_others(serving: Serving, trained_words: Trained, text: Path) -> None:
    model = str(trained_words.path)
    score = serving.ask(do="score", model=model, files=[str(text)])[-1]["score"]
    expected = json.loads((trained_words.path / "score.json").read_text())
    assert score["held_out"]["whole"] == pytest.approx(expected["held_out"]["whole"], abs=1e-5)
    unknown = serving.ask(do="sample", model=model, prompt="€The ✓€", length=5)[0]
    assert unknown["characters"] == ["€", "✓"]


def test_what_is_looked_into_are_words(model: Model) -> None:
    found = gates.inspect(model, "The class of an object")
    assert "".join(found.symbols) == "The class of an object"
    assert len(found.layers[0]["hidden"]) == len(found.symbols) < len("The class of an object")
