"""Tests of units worth seeing: those that follow a feature are found, and what agrees by chance is not offered."""

import collections
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import Serving, Trained, loaded, trainer
from trainer.inspection import held_out, units
from trainer.inspection.features import DOCUMENT, FEATURES
from trainer.inspection.reader import Reader
from trainer.inspection.units import MOST, Row, matches


def _drifting(random: np.random.Generator, count: int, columns: int) -> np.ndarray:
    """Return values that change slowly, as hidden states do, (count, columns)."""
    values = random.normal(0, 1, (count, columns))
    for place in range(1, count):
        values[place] += 0.95 * values[place - 1]
    return np.tanh(values / 4)


def _rows(random: np.random.Generator, count: int) -> list[Row]:
    """Return features as texts have them: of lines, of words, and rare ones."""
    lines = np.arange(count) % 60
    stretches = np.repeat(random.random(count // 100) < 0.3, 100)[:count].astype(float)
    letters, rare = (random.random(count) < share for share in (0.8, 0.01))
    return [
        Row(name, None, np.asarray(values, float))
        for name, values in (("line", lines), ("quotes", stretches), ("word", letters), ("digit", rare))
    ]


@pytest.mark.parametrize("seed", range(6))
def test_nothing_random_is_offered(seed: int) -> None:
    random = np.random.default_rng(seed)
    assert matches(_drifting(random, 6_000, 60), _rows(random, 6_000)) == []


def test_units_that_follow_a_feature_are_found_among_random_ones() -> None:
    random = np.random.default_rng(0)
    hidden, rows = _drifting(random, 6_000, 60), _rows(random, 6_000)
    hidden[:, 7] -= 0.8 * rows[1].values
    hidden[:, 9] += 0.02 * rows[0].values
    hidden[:, 11] = 0.5  # a unit that never changes
    found = matches(hidden, rows)
    assert {(match.row.feature, match.unit, match.correlation > 0) for match in found} == {
        ("line", 9, True),
        ("quotes", 7, False),
    }
    assert found[0].correlation == pytest.approx(
        np.corrcoef(hidden[:, found[0].unit], found[0].row.values)[0, 1], abs=1e-4
    )


def test_of_a_feature_few_units_are_offered_and_of_a_unit_one_feature() -> None:
    random = np.random.default_rng(0)
    hidden, rows = _drifting(random, 6_000, 60), _rows(random, 6_000)
    hidden[:, :20] += rows[1].values[:, None]
    rows.append(Row("quotes again", None, rows[1].values))
    found = matches(hidden, rows)
    assert collections.Counter(match.row.feature for match in found) == {"quotes": 3, "quotes again": 3}
    assert len({match.unit for match in found}) == 6
    sizes = [abs(match.correlation) for match in found]
    assert sizes == sorted(sizes, reverse=True)


def test_hidden_states_are_those_after_the_text_before(trained: Trained, text: Path) -> None:
    model = loaded(trained.path)
    parts = held_out.read(model, [text], False, most=150)
    reader = Reader.of(model, held_out.symbols(parts))
    (part,) = parts
    assert (len(part), part.begin) == (150, 2_000)
    read = reader.read(part.ids[part.begin - 200 :][:, None], reader.zero(1))
    expected = np.concatenate([layer["hidden"][200:, 0] for layer in read], 1)
    np.testing.assert_allclose(units._hidden(reader, parts, None), expected, atol=1e-5)


def _check(answer: dict[str, Any], layers: int, count: int) -> None:
    found = answer["units"]
    assert 0 < len(found) <= MOST
    assert answer["tested"] % (layers * count) == 0
    assert [unit["strength"] for unit in found] == sorted((unit["strength"] for unit in found), reverse=True)
    for unit in found:
        assert 0 <= unit["layer"] < layers and 0 <= unit["unit"] < count and unit["feature"] in (*FEATURES, DOCUMENT)
        example = unit["example"]
        assert "".join(example["symbols"]) == example["text"]
        assert len(example["symbols"]) == len(example["values"]) == len(example["feature"])


def test_units_of_every_model_are_found(serving: Serving, any_model: Path, text: Path) -> None:
    answer = serving.ask(do="units", model=str(any_model), files=[str(text)])[-1]
    recipe = loaded(any_model).recipe
    _check(answer, recipe.layers, recipe.units)
    assert answer["characters"] == 2_400
    assert all(unit["document"] is None for unit in answer["units"])


def test_a_document_among_several_is_a_feature(trained: Trained, text: Path, tmp_path: Path) -> None:
    other = tmp_path / "numbers.txt"
    other.write_text("0 1 2 3 4 5 6 7 8 9\n" * 600)
    run = trainer("units", trained.path, text, other, "--json")
    assert run.code == 0, run.errors
    found = [unit for unit in run.events[-1]["units"] if unit["feature"] == DOCUMENT]
    assert found and {unit["document"] for unit in found} <= {0, 1}
    example = found[0]["example"]
    part = held_out.read(loaded(trained.path), [text, other], False)
    assert any(example["text"] in one.text for one in part)


def test_people_see_the_names_by_which_units_are_held(trained: Trained, text: Path) -> None:
    run = trainer("units", trained.path, text)
    lines = run.output.splitlines()
    assert lines[-1].endswith("comparisons on 2,400 characters of held-out text")
    assert trainer("sample", trained.path, "--length", 5, "--hold", f"{lines[0].split()[0]}=0").code == 0
