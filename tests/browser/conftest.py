"""Shared fixtures: the trained models with which pages are read. Tests leave them as they are."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.browsing import SMALL, TEXT
from tests.support.product import Product
from tests.support.site_operator import Operator
from tests.support.waiting import GENEROUS

OWNER = "prospero"
FIRST, SECOND = "The first one", "The second one"
PROGRAMMER = "programmer"
_API = Path(__file__).parents[2] / "docs" / "api.md"
(EXAMPLE,) = re.findall(r"```python\n(.*?)```", _API.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="session")
def models(operator: Operator) -> tuple[str, str]:
    """Return the addresses of two trained models, which belong to OWNER."""
    recipe = {"recipe": "quick", "epochs": 8, "seed": 5, **{name: int(value) for name, value in SMALL.items()}}
    studies = operator.submit_on(TEXT, OWNER, {FIRST: recipe, SECOND: {**recipe, "seed": 6}})
    for study in studies:
        operator.wait_for_state(study, "succeeded")
    first, second = (f"{operator.product.address}/models/{study}/" for study in studies)
    return first, second


@pytest.fixture(scope="session")
def model(models: tuple[str, str]) -> str:
    """Return the address of a trained model, which belongs to OWNER."""
    return models[0]


@pytest.fixture(scope="session")
def example(site: Product, tmp_path_factory: pytest.TempPathFactory) -> "subprocess.CompletedProcess[str]":
    """The example of docs/api.md, which PROGRAMMER has run: it has trained a model and written with it."""
    folder = tmp_path_factory.mktemp("example")
    text = folder / "text.txt"
    text.write_text(TEXT[:5_000], encoding="utf-8")
    (folder / "example.py").write_text(EXAMPLE)
    token = site.call("make_token", owner=PROGRAMMER)
    return subprocess.run(
        [sys.executable, "example.py", str(text)],
        cwd=folder,
        env={"UNDERSTUDY_SITE": site.address, "UNDERSTUDY_TOKEN": token, "PYTHONUTF8": "1"},
        capture_output=True,
        text=True,
        timeout=GENEROUS,
        check=False,
    )
