"""Tests of the attribution of a prediction to the symbols that were read."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import Serving, Trained, loaded, trainer
from trainer.inspection import attribution, gates
from trainer.inspection.reader import Reader

TEXT = "The class of an object is the type of the object, and the type is a class." * 2


def test_the_predicted_symbol_is_the_likeliest_unless_one_is_chosen(any_model: Path) -> None:
    model = loaded(any_model)
    found, inspected = attribution.attribute(model, TEXT, 20, None), gates.inspect(model, TEXT)
    assert (found.symbol, found.spelling) == (inspected.next_ids[19, 0], model.vocabulary.symbols[found.symbol])
    second = attribution.attribute(model, TEXT, 20, int(inspected.next_ids[19, 1]))
    np.testing.assert_allclose([found.probability, second.probability], inspected.next_probabilities[19, :2], rtol=1e-3)
    assert found.symbols == inspected.symbols[:20] and len(found.shades) == 20
    assert max(found.shades) == max(second.shades) == 1 and found.shades != second.shades


def test_the_symbol_that_stands_there_is_taken_if_it_can_be_predicted(trained: Trained) -> None:
    model = loaded(trained.path)
    number = int(model.vocabulary.encode(TEXT)[20])
    by_number = attribution.attribute(model, TEXT, 20, number)
    assert by_number.spelling == TEXT[20] and attribution.attribute(model, TEXT, 20, None, True) == by_number
    likeliest = attribution.attribute(model, TEXT, 20, None)
    assert attribution.attribute(model, f"{TEXT[:20]}\N{SNOWMAN}", 20, None, True) == likeliest
    assert attribution.attribute(model, TEXT[:20], 20, None, True) == likeliest


def test_it_says_how_much_a_change_of_an_input_would_change_the_prediction(trained: Trained) -> None:
    """The norm of the gradient is the change along the gradient."""
    model = loaded(trained.path)
    ids, known = model.vocabulary.encode(TEXT)[:12], model.vocabulary.escape
    reader = Reader.of(model, ids)
    chosen, _, norms = attribution._gradients(reader, ids, known, None)
    table = reader.inputs

    def changed(place: int, direction: np.ndarray) -> float:
        def inputs(read: np.ndarray) -> np.ndarray:
            values = table(read).copy()
            values[place, 0] += direction
            return values

        reader.inputs = inputs
        hidden = reader.output(reader.read(ids[:, None], reader.zero(1)))[-1]
        return float(reader.log_probabilities(hidden, known)[0, chosen])

    for place in (0, 8, 11):
        width = table(ids[:1]).shape[-1]
        slopes = [
            (changed(place, step) - changed(place, -step)) / 2e-2 for step in 1e-2 * np.eye(width, dtype=np.float32)
        ]
        assert np.linalg.norm(slopes) == pytest.approx(norms[place], rel=0.02, abs=1e-4)


def test_what_the_window_of_a_tutorial_does_not_reach_has_no_part_in_it(trained_tutorial: Trained) -> None:
    shades = attribution.attribute(loaded(trained_tutorial.path), TEXT, 80, None).shades
    assert not any(shades[:30]) and all(shade >= 0 for shade in shades[30:]) and max(shades) == 1


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"text": "The"}, "The place has to be from 1 to 3"),
        ({"text": "The", "place": 4}, "The place has to be from 1 to 3"),
        ({"text": "The", "place": "4"}, "place has to be a whole number"),
        ({"text": "The", "place": 2, "symbol": 5_000}, "no symbol 5000"),
        ({"text": "", "place": 1}, "from 1 to 2,000 characters"),
        ({"place": 1}, "text is missing"),
    ],
)
def test_what_cannot_be_attributed_is_refused(
    request_: dict[str, Any], says: str, serving: Serving, trained: Trained
) -> None:
    end = serving.ask(do="attribute", model=str(trained.path), **request_)[-1]
    assert end["event"] == "failed" and says in end["reason"]


def test_people_see_what_acts_most(trained: Trained) -> None:
    run = trainer("attribute", trained.path, "--text", "The class", "--place", 5)
    lines = run.output.splitlines()
    assert "after 'The c'" in lines[0] and lines[1].startswith("1.00  ") and len(lines) == 6
