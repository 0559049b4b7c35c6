"""Tests of the score: which text is read, from which state, and the words of the verdict."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import Trained, evaluator_of, loaded, trainer
from trainer.contract.documents import sample_text
from trainer.data import corpus
from trainer.data.corpus import HeldOut
from trainer.data.leakage import Shares
from trainer.evaluation import evaluator as evaluators
from trainer.evaluation import verdicts
from trainer.evaluation.evaluator import Evaluator
from trainer.generation.loaded_model import Model
from trainer.inspection import cells
from trainer.text.vocabulary import SPELLING_NATS


@pytest.fixture(scope="module")
def model(trained: Trained) -> Model:
    return loaded(trained.path)


@pytest.fixture(scope="module")
def evaluator(trained: Trained) -> Evaluator:
    return evaluator_of(trained.path)


@pytest.fixture(scope="module")
def part(model: Model, text: Path) -> HeldOut:
    return corpus.read_for(model.vocabulary, [text], False).held_out[0]


def _by_hand(model: Model, ids: np.ndarray) -> np.ndarray:
    """Return the losses of ids[1:] from a zero state, computed with the plain equations."""
    weights = {name: weight.numpy() for name, weight in model.network.variables.items()}
    values, outputs = weights["inputs/embeddings"][ids[:-1]], []
    for index in range(model.recipe.layers):
        name = f"recurrent_{index}"
        parts = ("kernel", "recurrent_kernel", "bias")
        rounds = [weights[each] for each in weights if each.startswith(f"{name}/mogrifier_")]
        layer = cells.cell("lstm", *(weights[f"{name}/{part}"] for part in parts), *rounds)
        values = layer.read(values[:, None], layer.zero(1))["hidden"][:, 0]
        outputs.append(values)
    read = sum(outputs) if model.recipe.skips else values
    logits = read @ weights["outputs/kernel"] + weights["outputs/bias"]
    logits -= np.log(np.exp(logits).sum(1, keepdims=True))
    losses = -logits[np.arange(len(ids) - 1), ids[1:]] - math.log1p(-model.vocabulary.escape_floor)
    return np.asarray(losses)


def test_the_last_tenth_is_held_out(part: HeldOut, text: Path) -> None:
    assert len(part) == 2_400


def test_carried_reads_from_the_start_to_the_end_with_one_state(
    model: Model, part: HeldOut, evaluator: Evaluator
) -> None:
    expected = _by_hand(model, part.ids[part.context - 1 :])
    carried = evaluator.carried(part)
    assert carried is not None
    np.testing.assert_allclose(carried, expected, atol=1e-3)


def test_cold_begins_anew_every_256_characters(model: Model, part: HeldOut, evaluator: Evaluator) -> None:
    ids = part.ids[part.context - 1 :]
    pieces = [ids[start : start + 257] for start in range(0, len(part), 256)]
    expected = np.concatenate([_by_hand(model, piece) for piece in pieces])
    found = evaluator.cold(part)
    assert len(found) == len(part)
    assert abs(found.mean() - expected.mean()) < 2e-3  # on processors where that is fast, the products are in bfloat16
    np.testing.assert_allclose(found, expected, atol=0.15)


def test_an_evaluation_reads_the_first_half_alone_and_comes_near_the_score(part: HeldOut, evaluator: Evaluator) -> None:
    spoiled = HeldOut(part.ids.copy(), part.context, part.lengths)
    spoiled.ids[part.context + part.half :] = 0
    carried, cold = evaluator.quick([part], 50_000)
    assert (carried, cold) == evaluator.quick([spoiled], 50_000)
    exact = evaluator.carried(part)
    assert carried is not None and exact is not None
    assert abs(carried - exact[: part.half].mean()) < 0.01


def test_a_shortened_evaluation_is_spread_over_the_first_half(part: HeldOut, evaluator: Evaluator) -> None:
    read = evaluators._stretches(evaluators._first_halves([part]), 4, 100)
    quarter = math.ceil(part.half / 4)
    assert [(start, stop) for _, start, stop in read] == [(quarter * i, quarter * i + 100) for i in range(4)]
    carried, _ = evaluator.quick([part], 600)
    exact = evaluator.carried(part)
    assert carried is not None and exact is not None
    middle = math.ceil(part.half / 2)  # two stretches of a cold window each
    assert abs(carried - np.concatenate([exact[:256], exact[middle : middle + 256]]).mean()) < 0.01


def test_of_many_short_documents_some_are_read(part: HeldOut) -> None:
    spans = [(part, start, start + 30) for start in range(0, 900, 30)]
    read = evaluators._stretches(spans, 2, 256)
    starts = [start for _, start, _ in read]
    assert len(set(starts)) == math.ceil(2 * 256 / 30) and (starts[0], starts[-1]) == (0, 870)
    assert {stop - start for _, start, stop in read} == {30}


def test_the_tutorials_evaluation_reads_whole_batches_of_windows(part: HeldOut) -> None:
    (first, *_, last) = read = evaluators._stretches(evaluators._first_halves([part]), 1024 // 256, 256)
    assert [stop - start for _, start, stop in read] == [256] * 4 and last[2] > 3 * first[2]


def test_the_halves_make_up_the_whole(trained: Trained) -> None:
    held_out = json.loads((trained.path / "score.json").read_text())["held_out"]
    for kind in ("carried", "cold"):
        mean = (held_out["first_half"][kind] + held_out["second_half"][kind]) / 2
        assert held_out["whole"][kind] == pytest.approx(mean)


def test_a_symbol_that_was_never_seen_costs_its_spelling_and_no_more(model: Model, evaluator: Evaluator) -> None:
    ids = np.array([5, 6, model.vocabulary.escape, 7], np.int32)
    losses = evaluator.carried(HeldOut(ids, 1, np.ones(3, np.uint8)))
    assert losses is not None
    assert SPELLING_NATS < losses[1] <= SPELLING_NATS - math.log(model.vocabulary.escape_floor)
    assert np.isfinite(losses).all()


def test_the_probabilities_of_all_symbols_add_up_to_one(model: Model, evaluator: Evaluator) -> None:
    total = 0.0
    for symbol in range(model.vocabulary.size):
        losses = evaluator.carried(HeldOut(np.array([5, symbol], np.int32), 1, np.ones(1, np.uint8)))
        assert losses is not None
        total += math.exp(-losses[0] + (SPELLING_NATS if symbol == model.vocabulary.escape else 0))
    assert total == pytest.approx(1, abs=1e-4)


def test_the_command_says_the_same_as_the_end_of_the_training(trained: Trained, text: Path) -> None:
    run = trainer("score", trained.path, text, "--json", "--threads", 2)
    found, expected = json.loads(run.output), json.loads((trained.path / "score.json").read_text())
    for name, part in expected["held_out"].items():
        assert found["held_out"][name] == pytest.approx(part, abs=1e-6)
    assert found["baselines"] == expected["baselines"]
    assert found["verdict"] == expected["verdict"]
    assert found["earlier"] == expected["earlier"]


def test_the_score_tells_how_much_worse_the_model_was_before_its_best(trained: Trained) -> None:
    evaluated = {event["step"]: event["carried"] for event in trained.run.named("evaluated")}
    best_step = min(evaluated, key=evaluated.__getitem__)
    earlier = {step: loss for step, loss in evaluated.items() if step < best_step}
    step = min(earlier, key=earlier.__getitem__)
    score = json.loads((trained.path / "score.json").read_text())
    assert score["earlier"] == {"step": step, "behind": pytest.approx(earlier[step] - evaluated[best_step])}
    told = verdicts.table(score)
    assert f"before, step {step}" in told


def test_a_very_long_part_is_read_in_streams_that_come_near(
    part: HeldOut, monkeypatch: pytest.MonkeyPatch, evaluator: Evaluator
) -> None:
    exact = evaluator.carried(part)
    monkeypatch.setattr(evaluators, "_CARRIED_LIMIT", 1000)
    near = evaluator.carried(part)
    assert exact is not None and near is not None and len(near) == len(exact)
    assert abs(near.mean() - exact.mean()) < 2e-3


def test_of_a_huge_part_the_middle_is_read_and_it_says_so(part: HeldOut, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluators, "_SCORED_LIMIT", 600)
    (middle,), note = evaluators._readable([part])
    assert "600 characters" in note
    border = part.context + part.half
    np.testing.assert_array_equal(middle.ids[middle.context :], part.ids[border - 300 : border + 300])
    assert middle.half == 300


@pytest.mark.parametrize(
    ("ours", "characters", "says"),
    [
        (1.2, 100_000, "better than counting letters does: 1.73 against 2.16"),
        (1.5, 100_000, "as well as"),
        (2.0, 100_000, "still predicts this text better"),
        (2.0, 99_999, "too short for the network to beat counting letters: 2.89 against 2.16"),
        (1.2, 99_999, "better than counting letters does"),
        (1.2, 19_999, "too short to judge"),
    ],
)
def test_the_verdict_is_plain(ours: float, characters: int, says: str) -> None:
    found = {"ngram": 1.5, "xz": 1.8}
    assert says in verdicts.verdict({"carried": ours, "cold": ours}, found, characters, Shares())


def test_a_verdict_names_the_shares_that_its_figures_suffer_from() -> None:
    found = {"ngram": 1.5, "xz": 1.8}
    told = verdicts.verdict({"carried": 1.2, "cold": 1.2}, found, 100_000, Shares(0.031, 0.2, 0.5))
    assert told.startswith("Your model predicts this text better than counting letters does")
    assert "3 % of the held-out text is characters that the training text does not have" in told
    assert "20 % of the held-out text also stands in the training text" in told
    assert "50 % of the held-out text is the end of another document again" in told
    assert "%" not in verdicts.verdict({"carried": 1.2, "cold": 1.2}, found, 100_000, Shares(0.004, 0.004))


@pytest.mark.parametrize(
    ("shares", "reason"),
    [
        (Shares(unseen=0.65), "65 % of the held-out text is characters that the training text does not have"),
        (Shares(copied=0.25), "25 % of the held-out text also stands in the training text"),
        (Shares(unseen=0.1, copied=0.02), "2 % of the held-out text also stands"),
    ],
)
def test_where_figures_mean_nothing_the_verdict_is_withheld_and_says_why(shares: Shares, reason: str) -> None:
    told = verdicts.verdict({"carried": 1.2, "cold": 1.2}, {"ngram": 1.5, "xz": 1.8}, 100_000, shares)
    assert told.startswith("No verdict: ") and reason in told and "train again" in told
    assert "counting letters" not in told and "bits" not in told
    assert not verdicts.is_judged(100_000, shares)


def test_a_text_that_is_too_short_is_not_judged() -> None:
    assert not verdicts.is_judged(19_999, Shares()) and verdicts.is_judged(20_000, Shares())


RUSSIAN = "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива по-своему. "
PLAY = sample_text()[:36_000]
UNFIT = {
    "another script": ([PLAY[:22_440] + (RUSSIAN * 20)[:1_560]], "54 % of the held-out text is characters"),
    "overlapping": ([PLAY[:24_000], PLAY[12_000:36_000]], "50 % of the held-out text also stands"),
    "pasted twice": ([PLAY[:12_000] * 2], "100 % of the held-out text also stands"),
}


@pytest.mark.parametrize("kind", UNFIT)
def test_every_kind_of_model_gets_no_verdict_from_an_unfit_text(any_model: Path, kind: str, tmp_path: Path) -> None:
    documents, reason = UNFIT[kind]
    paths = [tmp_path / f"{number}.txt" for number in range(len(documents))]
    for path, document in zip(paths, documents, strict=True):
        path.write_text(document, encoding="utf-8")
    model = loaded(any_model)
    read = corpus.read_for(model.vocabulary, paths, model.recipe.lowercase)
    score = evaluators.score(evaluator_of(any_model), read)
    assert score["verdict"].startswith("No verdict: ") and reason in score["verdict"]
    assert not score["judged"]
    percent = reason.split(" ")[0]
    assert percent in {f"{100 * share:.0f}" for share in score["held_out_shares"].values()}
    assert f"{percent} %" in verdicts.table(score).split("xz")[1]


def test_the_same_file_twice_is_in_the_verdict(trained: Trained, text: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.txt"
    again.write_bytes(text.read_bytes())
    score = json.loads(trainer("score", trained.path, text, again, "--json", "--threads", 2).output)
    once = json.loads((trained.path / "score.json").read_text())
    assert score["held_out_shares"] == {"unseen": 0, "copied": 0, "repeated": 0.5}
    assert "50 % of the held-out text is the end of another document again" in score["verdict"]
    assert score["baselines"]["xz"] > 0.9 * once["baselines"]["xz"]


def test_a_score_from_before_shares_were_measured_is_still_shown(trained: Trained) -> None:
    score = json.loads((trained.path / "score.json").read_text())
    assert "also in the training text" in verdicts.table(score)
    del score["held_out_shares"], score["judged"]
    assert verdicts.table(score).endswith(score["verdict"])
