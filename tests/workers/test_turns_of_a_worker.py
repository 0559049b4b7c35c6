"""The turns of two people's trainings on a real worker. The shared site gives others a turn after a second."""

from collections.abc import Iterator

import pytest

from tests.support.site_operator import Operator
from tests.support.waiting import wait_for

ENDLESS = {"recipe": "quick", "steps": 1_000_000, "units": 16, "layers": 1, "batch": 8, "sequence": 16, "seed": 5}
OWNERS = ("benvolio", "mercutio")


@pytest.fixture
def endless(operator: Operator) -> Iterator[list[int]]:
    """Two trainings of two people, which would never end."""
    studies = [operator.submit(ENDLESS, owner) for owner in OWNERS]
    yield studies
    for study in studies:
        operator.stop(study)
    for study in studies:
        operator.wait_for_state(study, "cancelled")


def test_two_people_with_endless_trainings_share_a_real_worker(operator: Operator, endless: list[int]) -> None:
    first, _ = endless
    wait_for(lambda: operator.job(first)["attempt"] >= 2, operator.product.said)  # so the other has had a turn between
    for study in endless:
        assert operator.job(study)["lost_attempts"] == 0
        assert operator.study(study)["checkpoint_step"] > 0
    attempts = [operator.job(study)["attempt"] for study in endless]
    assert abs(attempts[0] - attempts[1]) <= 1
