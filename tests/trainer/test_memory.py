"""Tests of the memory of a model: gradients over the steps back, and losses with a short context."""

import math
from pathlib import Path

import numpy as np
import pytest

from tests.trainer.conftest import Serving, Trained, loaded, trainer
from trainer.generation.loaded_model import Model
from trainer.inspection import cells, held_out, memory
from trainer.inspection.held_out import Part
from trainer.inspection.reader import Reader
from trainer.text.vocabulary import SPELLING_NATS

UNITS, SYMBOLS = 6, 5


def _network(kind: str, recurrent: np.ndarray, bias: np.ndarray) -> Reader:
    random = np.random.default_rng(1)
    layer = cells.cell(kind, random.normal(0, 1e-3, (SYMBOLS, recurrent.shape[1])), recurrent, bias)
    return Reader(lambda ids: np.eye(SYMBOLS)[ids], [layer], random.normal(0, 1, (UNITS, SYMBOLS)), np.zeros(SYMBOLS))


def _parts() -> list[Part]:
    ids = np.random.default_rng(2).integers(0, SYMBOLS, 600)
    return [Part(0, ids, ["x"] * 600, 400)]


def test_the_gradient_of_a_plain_network_vanishes_as_its_weights_say() -> None:
    places, found = memory._gradient(_network("rnn", 0.5 * np.eye(UNITS), np.zeros(UNITS)), _parts(), None)
    sizes = np.array(found["hidden"])
    assert places == 32 and found.keys() == {"hidden"}
    assert sizes[:, 0].tolist() == list(range(201))
    np.testing.assert_allclose(sizes[1:20, 1] / sizes[:19, 1], 0.5, rtol=1e-3)


def test_the_gradient_of_an_open_forget_gate_does_not() -> None:
    """The constant error carousel of Hochreiter & Schmidhuber 1997: the cell's gradient stays what it is."""
    bias = np.concatenate([np.zeros(UNITS), np.full(UNITS, 40.0), np.zeros(2 * UNITS)])
    _, found = memory._gradient(_network("lstm", np.zeros((UNITS, 4 * UNITS)), bias), _parts(), None)
    cell, hidden = (np.array(found[name])[:, 1] for name in ("cell", "hidden"))
    np.testing.assert_allclose(cell, cell[0], rtol=1e-2)
    assert hidden[0] > 0 and not hidden[1:].any()  # without recurrent weights, nothing goes through it


def test_a_gradient_that_overflows_is_a_number_still() -> None:
    assert [memory._short(size) for size in (math.inf, math.nan, 1e300, 0.123456)] == [1e38, 1e38, 1e38, 0.12346]


def _by_hand(model: Model, part: Part, places: range, context: int) -> float:
    """Return the mean loss of symbols that are each predicted from the last `context` symbols alone."""
    floor, escape, total = model.vocabulary.escape_floor, model.vocabulary.escape, 0.0
    for place in places:
        states = model.network.zero_states(1)
        for symbol in part.ids[place - context : place].astype(int):
            found, states = model.network.step(np.array([symbol]), states)
        logits = np.asarray(found)[0].astype(float)
        shares = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
        target = int(part.ids[place])
        if target == escape:
            total += SPELLING_NATS - math.log(shares[escape] + floor)
        else:
            total -= math.log(shares[target]) + math.log1p(-floor)
    return total / int(model.vocabulary.lengths[part.ids[places.start : places.stop]].sum())


def test_losses_with_a_context_are_those_of_the_network(trained: Trained, tmp_path: Path, text: Path) -> None:
    model = loaded(trained.path)
    strange = tmp_path / "strange.txt"
    strange.write_text(text.read_text()[:1_800] + "The class ☃ of an object")  # a symbol that the model does not know
    parts = held_out.read(model, [strange], False, most=60)
    (part,) = parts
    assert model.vocabulary.escape in part.ids[part.begin :] or "☃" not in part.text
    found = memory._Contexts(model, Reader.of(model, held_out.symbols(parts)), parts)
    losses = found.losses()
    assert found.characters == len(part)
    assert [context for context, _ in losses] == list(memory.CONTEXTS)
    places = range(part.begin, len(part.ids))
    for context, loss in losses[:3]:
        assert loss == pytest.approx(_by_hand(model, part, places, int(context)), abs=1e-4)


def test_a_short_text_is_measured_as_far_as_it_reaches(trained: Trained, tmp_path: Path) -> None:
    short = tmp_path / "short.txt"
    short.write_text("The class of an object is its type.\n" * 2)
    run = trainer("memory", trained.path, short, "--json")
    assert run.code == 0, run.errors
    found = run.events[-1]
    assert [context for context, _ in found["context"]] == [1, 2, 3, 5, 10, 20, 50]
    assert len(found["gradient"]["cell"]) == 68 and (found["places"], found["predicted"]) == (4, 8)


def test_every_model_is_measured(serving: Serving, any_model: Path, text: Path) -> None:
    model = loaded(any_model)
    found = serving.ask(do="memory", model=str(any_model), files=[str(text)])[-1]
    contexts = [context for context, _ in found["context"]]
    reach = model.procedure.reach
    assert contexts[-1] == (reach or 1_000) and contexts == sorted(contexts)
    assert (contexts[0] == 1) is (model.vocabulary.level == "char")  # a word has more characters
    assert found["gradient"].keys() == {"hidden", "cell"}
    for sizes in found["gradient"].values():
        assert len(sizes) == (reach or 201) and sizes[0][1] > 0
    assert 1_000 < found["predicted"] <= 2_400
    score = serving.ask(do="score", model=str(any_model), files=[str(text)])[-1]["score"]["held_out"]["whole"]
    assert found["context"][-1][1] == pytest.approx(score["carried"] or score["cold"], abs=0.15)


def test_people_see_both_measures(trained: Trained, text: Path) -> None:
    run = trainer("memory", trained.path, text)
    assert run.code == 0, run.errors
    lines = run.output.splitlines()
    assert lines[0].startswith("Gradient of the loss") and lines[1].startswith("  hidden state  0: ")
    assert lines[-1].startswith("  1: ") and "1000: " in lines[-1]


@pytest.mark.parametrize("command", ["memory", "units"])
def test_a_text_that_is_too_short_is_a_sentence(command: str, trained: Trained, tmp_path: Path) -> None:
    short = tmp_path / "short.txt"
    short.write_text("a")
    run = trainer(command, trained.path, short)
    assert run.code == 2 and "no text to look at" in run.errors and len(run.errors.splitlines()) == 1
