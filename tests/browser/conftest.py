"""Shared fixtures: the trained models with which pages are read. Tests leave them as they are."""

import pytest

from tests.support.browsing import SMALL, TEXT
from tests.support.site_operator import Operator

OWNER = "prospero"
FIRST, SECOND = "The first one", "The second one"


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
