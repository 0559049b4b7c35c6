"""A training goes on, whatever dies in between, and ends as it would have."""

from collections.abc import Iterator

import pytest

from tests.operator import Operator, wait_for
from tests.product import Product

RECIPE = {"recipe": "quick", "steps": 1200, "units": 32, "layers": 1, "batch": 8, "sequence": 32, "seed": 5}
QUICK_TO_NOTICE = {"LEASE_SECONDS": "6", "RENEW_SECONDS": "1", "LEASE_GIVE_UP_SECONDS": "4"}


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    with Product(tmp_path_factory.mktemp("recovery"), **QUICK_TO_NOTICE) as product:
        yield Operator(product)


@pytest.fixture(scope="module")
def undisturbed(operator: Operator) -> int:
    """A training that nothing happened to: what the others have to end as."""
    study = operator.submit(RECIPE)
    operator.wait_for_state(study, "succeeded")
    return study


def ends_as(operator: Operator, study: int, undisturbed: int) -> None:
    operator.wait_for_state(study, "succeeded")
    assert operator.weights(study) == operator.weights(undisturbed)
    assert operator.history(study) == operator.history(undisturbed)
    assert not operator.processes("trainer train"), "an orphan trains on"


@pytest.mark.parametrize("victim", ["trainer train", "-Q train", "manage.py reconcile", "valkey", "gunicorn"])
def test_a_training_survives_a_kill(operator: Operator, undisturbed: int, victim: str) -> None:
    study = operator.submit(RECIPE)
    operator.wait_for_step(study, 200)
    assert operator.kill(victim)
    ends_as(operator, study, undisturbed)


def test_stopping_everything_and_starting_again_goes_on_by_itself(operator: Operator, undisturbed: int) -> None:
    study = operator.submit(RECIPE)
    operator.wait_for_step(study, 200)
    operator.product.stop()
    assert operator.product.processes() == set()
    assert operator.job(study)["state"] == "queued"
    step = operator.study(study)["checkpoint_step"]
    assert step >= 200
    operator.product.start()
    ends_as(operator, study, undisturbed)


def test_a_worker_that_drains_gives_its_job_back_with_a_checkpoint(operator: Operator, undisturbed: int) -> None:
    study = operator.submit(RECIPE)
    operator.wait_for_step(study, 200)
    for worker in operator.processes("-Q train"):
        worker.terminate()
    wait_for(lambda: operator.job(study)["state"] != "running", 30)
    assert operator.job(study)["losses"] == 0
    assert operator.study(study)["checkpoint_step"] >= 200
    ends_as(operator, study, undisturbed)


def test_the_writing_process_is_there_before_the_first_request(operator: Operator) -> None:
    wait_for(lambda: operator.processes("trainer serve"), 30)
