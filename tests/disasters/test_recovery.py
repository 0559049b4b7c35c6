"""The recovery of a training: whatever dies meanwhile, it goes on and ends with the same result."""

import contextlib
import resource
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.disasters import Clock, full, little_memory, small_disk, why_not
from tests.support.product import Product
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for

RECIPE = {"recipe": "quick", "steps": 800, "units": 32, "layers": 1, "batch": 8, "sequence": 32, "seed": 5}
GIVE_UP_SECONDS = 25  # more than the 20 s for which a write to SQLite waits
SETTINGS = {"RENEW_SECONDS": "1", "LEASE_GIVE_UP_SECONDS": str(GIVE_UP_SECONDS)}


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    folder = tmp_path_factory.mktemp("recovery")
    with contextlib.ExitStack() as stack:
        clock, own = None, {}
        if not why_not():
            clock = Clock(folder)
            stack.enter_context(small_disk(folder / "data", megabytes=128))
            own = {"UNDERSTUDY_WORK": str(stack.enter_context(small_disk(folder / "work"))), **clock.environment}
        yield Operator(stack.enter_context(Product(folder, **SETTINGS, **own)), clock)


@pytest.fixture(scope="module")
def undisturbed(operator: Operator) -> int:
    """Return an undisturbed training, whose result the others must have."""
    study = operator.submit(RECIPE)
    operator.wait_for_state(study, "succeeded")
    return study


def ends_as(operator: Operator, study: int, undisturbed: int) -> None:
    operator.wait_for_state(study, "succeeded")
    assert operator.weights(study) == operator.weights(undisturbed)
    assert operator.history(study) == operator.history(undisturbed)
    assert not operator.trainers(study), "an orphan trains on"


class Unchanged:
    """A condition that is true when a figure has not changed for a number of seconds."""

    def __init__(self, figure: Callable[[], int], seconds: float) -> None:
        self._figure, self._seconds = figure, seconds
        self._seen, self._since = figure(), time.monotonic()

    def __call__(self) -> bool:
        if (now := self._figure()) != self._seen:
            self._seen, self._since = now, time.monotonic()
        return time.monotonic() - self._since > self._seconds


@pytest.mark.parametrize("victim", ["trainer train", "-Q train", "manage.py reconcile", "valkey", "gunicorn"])
def test_a_training_survives_a_kill(operator: Operator, undisturbed: int, victim: str) -> None:
    study = operator.submit(RECIPE)
    with operator.under_way(study):
        assert operator.kill(victim)
    ends_as(operator, study, undisturbed)


def test_stopping_everything_and_starting_again_goes_on_by_itself(operator: Operator, undisturbed: int) -> None:
    study = operator.submit(RECIPE)
    with operator.under_way(study):
        operator.product.ask_to_stop()
        operator.wait_until_asked_to_stop(study)
    operator.product.wait_until_stopped()
    assert operator.product.processes() == set()
    assert operator.job(study)["state"] == "queued"
    step = operator.study(study)["checkpoint_step"]
    assert step >= 100
    operator.product.start()
    ends_as(operator, study, undisturbed)


def test_a_worker_that_drains_gives_its_job_back_with_a_checkpoint(operator: Operator, undisturbed: int) -> None:
    study = operator.submit(RECIPE)
    with operator.under_way(study):
        for worker in operator.processes("-Q train"):
            worker.terminate()
        operator.wait_until_asked_to_stop(study)
    wait_for(lambda: operator.job(study)["state"] != "running")
    assert operator.job(study)["lost_attempts"] == 0
    assert operator.study(study)["checkpoint_step"] >= 100
    ends_as(operator, study, undisturbed)


def test_the_writing_process_is_there_before_the_first_request(operator: Operator) -> None:
    wait_for(lambda: operator.processes("trainer serve"))


def test_what_a_dead_worker_held_is_taken_back_by_its_next_life(operator: Operator) -> None:
    assert "its worker died, it is taken back" in operator.log("train")


def test_a_broker_that_comes_back_empty_loses_nothing(operator: Operator, undisturbed: int) -> None:
    running, waiting = operator.submit(RECIPE), operator.submit(RECIPE)
    with operator.under_way(running):
        operator.flush_broker()
    ends_as(operator, running, undisturbed)
    ends_as(operator, waiting, undisturbed)


@pytest.mark.disaster
def test_a_full_disk_costs_checkpoints_and_not_the_training(operator: Operator, undisturbed: int) -> None:
    study = operator.submit(RECIPE)
    with operator.under_way(study):
        with full(operator.work):
            wait_for(lambda: "could not be written" in operator.study(study)["warning"])
            step = operator.study(study)["step"]
            wait_for(lambda: operator.study(study)["step"] > step)
        wait_for(lambda: operator.study(study)["warning"] == "")
    ends_as(operator, study, undisturbed)


@pytest.mark.disaster
def test_a_full_disk_under_the_database_is_waited_for(operator: Operator, undisturbed: int) -> None:
    study = operator.submit(RECIPE)
    with operator.under_way(study):
        wait_for(operator.empty_log)
        with full(operator.product.data):
            wait_for(Unchanged(lambda: operator.job(study)["renewals"], GIVE_UP_SECONDS + 4))
    ends_as(operator, study, undisturbed)
    assert operator.job(study)["attempt"] == 1, operator.log("train")[-3000:]


@pytest.mark.disaster
@pytest.mark.parametrize("days", [-30, 400])
def test_a_clock_that_jumps_decides_nothing(operator: Operator, undisturbed: int, days: int) -> None:
    running, waiting = operator.submit(RECIPE), operator.submit(RECIPE)
    with operator.under_way(running):
        operator.clock.step(days * 86_400)
    ends_as(operator, running, undisturbed)
    ends_as(operator, waiting, undisturbed)
    operator.clock.step(0)
    assert operator.job(running)["attempt"] == 1


def test_a_training_that_runs_out_of_memory_fails_with_advice_and_is_not_tried_again(operator: Operator) -> None:
    (worker,) = operator.processes("-Q train")
    unlimited = worker.rlimit(resource.RLIMIT_AS)
    worker.rlimit(resource.RLIMIT_AS, (4 << 30, unlimited[1]))
    big = {"recipe": "quick", "steps": 3, "units": 512, "batch": 128, "sequence": 1024}
    study = operator.submit(big, characters=380_000)
    job = operator.wait_for_state(study, "failed")
    worker.rlimit(resource.RLIMIT_AS, unlimited)
    assert "memory" in job["reason"] and "smaller batch" in job["advice"]
    assert (job["attempt"], job["lost_attempts"]) == (1, 0)


@pytest.mark.disaster
def test_a_training_that_the_kernel_ends_for_want_of_memory_is_not_tried_again(operator: Operator) -> None:
    (worker,) = operator.processes("-Q train")
    with little_memory(450 << 20) as confine:
        confine(worker.pid)
        study = operator.submit({"recipe": "quick", "steps": 3, "units": 512, "batch": 128, "sequence": 256})
        job = operator.wait_for_state(study, "failed")
    assert "memory" in job["reason"] and "smaller batch" in job["advice"]
    assert (job["attempt"], job["lost_attempts"]) == (1, 0)


def test_a_worker_that_is_up_but_takes_no_work_is_started_again(operator: Operator, undisturbed: int) -> None:
    (worker,) = operator.processes("-Q train")
    operator.stop_consuming("train")
    study = operator.submit(RECIPE)
    wait_for(lambda: not worker.is_running())
    assert "takes no work any more" in operator.product.said()
    ends_as(operator, study, undisturbed)
