"""What docs/models.md says about the weights: plain Keras layers take them, and expect the same."""

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.trainer.conftest import ROOT, Trained, loaded
from tests.trainer.test_earlier_versions import KEPT
from trainer.contract import sizing, weights_file
from trainer.contract.layout import RECIPE, VOCABULARY, WEIGHTS
from trainer.contract.recipe import FIELDS
from trainer.procedures import choice

PAGE = (ROOT / "docs" / "models.md").read_text()
(CODE,) = re.findall(r"```python\n(import json\n.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("which", ["with a Mogrifier", "plain"])
def test_plain_keras_layers_take_the_weights_as_the_page_says(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: str
) -> None:
    path = trained.path if which == "with a Mogrifier" else KEPT / "finished"
    model = loaded(path)
    assert bool(model.recipe.mogrifier_rounds) == (which == "with a Mogrifier")
    opening = "".join(model.vocabulary.symbols[:4])
    for name in (RECIPE, VOCABULARY, WEIGHTS):
        shutil.copy(path / name, tmp_path)
    monkeypatch.chdir(tmp_path)
    made: dict[str, Any] = {}
    # our own page, with a shorter text: Keras compiles each length anew
    exec(CODE.replace("104", "24").replace('"The "', repr(opening)), made)
    ids = model.vocabulary.encode(opening * 6)[None].astype("int32")
    states, expected = model.network.zero_states(1), []
    for number in ids[0]:  # as it writes: in float32
        logits, states = model.network.step(np.array([number]), states)
        expected.append(logits[0])
    assert np.allclose(made["model"](ids)[0], expected, atol=1e-4)
    written = made["text"]
    assert written.startswith(opening) and len(written) == 24
    symbols = json.loads((tmp_path / VOCABULARY).read_text())["characters"]
    assert set(written) <= set(symbols)


@pytest.mark.parametrize("cell", FIELDS["cell"].options)
@pytest.mark.parametrize(("recipe", "networks"), [("quick", 1), ("quick", 2), ("tutorial", 1)])
def test_the_table_of_weights_is_that_of_the_network(recipe: str, networks: int, cell: str) -> None:
    own = {"layers": 2, "networks": networks} if recipe == "quick" else {}
    made = sizing.resolve({"recipe": recipe, "steps": 1, "cell": cell, "units": 8, **own}, 10_000, 70)
    if networks == 2:  # voices, too
        made = replace(made, voices=True, voice_names=("a", "b", "c"), document_voices=("a", "b", "c"))
    variables = choice.procedure_of(made).network(71, blank=True).variables
    found = {name: tuple(weight.shape) for name, weight in variables.items()}
    assert weights_file.shapes(made, 71) == found


def test_the_page_has_every_weight(trained: Trained) -> None:
    rows = set(re.findall(r"^\| `([\w/]+)`", PAGE, re.MULTILINE))
    found = {re.sub(r"recurrent_\d+", "recurrent_0", name) for name in loaded(trained.path).network.variables}
    found -= {"recurrent_0/mogrifier_3", "recurrent_0/mogrifier_4"}
    assert found == {name for name in rows if "/" in name and not name.startswith("network_")}
