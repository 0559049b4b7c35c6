"""A training goes on, whatever dies in between, and ends as it would have."""

import contextlib
import time
from collections.abc import Callable, Iterator

import pytest

from tests.support.disasters import Clock, full, little_memory, small_disk, why_not
from tests.support.product import Product, frozen
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for

RECIPE = {"recipe": "quick", "steps": 2400, "units": 16, "layers": 1, "batch": 8, "sequence": 16, "seed": 5}
EVALUATED = 600  # the step of its first evaluation: checkpoints have the best weights beside the newest from then on
GIVE_UP_SECONDS = 12  # without a renewal; no write waits so long for another one here
HEARTBEAT_SECONDS = 25  # an idle worker's heart beats every 15
SETTINGS = {
    "RENEW_SECONDS": "1",
    "LEASE_GIVE_UP_SECONDS": str(GIVE_UP_SECONDS),
    "HEARTBEAT_SECONDS": str(HEARTBEAT_SECONDS),
}


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
    """A training that nothing happened to: the others have to learn the same."""
    study = operator.submit(RECIPE)
    operator.wait_for_state(study, "succeeded")
    return study


@pytest.fixture(scope="module")
def interrupted(operator: Operator, undisturbed: int) -> int:
    """A training whose attempts are ended by one test after the other."""
    return operator.submit(RECIPE)


@pytest.fixture(scope="module")
def waiting(operator: Operator, interrupted: int) -> int:
    """A training that waits for that one."""
    return operator.submit(RECIPE)


@pytest.fixture(scope="module")
def uninterrupted(operator: Operator, interrupted: int, waiting: int) -> int:
    """The one that waited. It has one attempt, while everything around it fails in one test after the other."""
    operator.wait_for_state(interrupted, "succeeded")
    return waiting


def learned_the_same(operator: Operator, study: int, undisturbed: int) -> bool:
    """Compare what was learned up to now. An attempt that went on wrongly is found in the test that interrupted it."""
    step = operator.study(study)["step"]
    so_far, expected = ([point for point in operator.history(one) if point[1] <= step] for one in (study, undisturbed))
    assert so_far == expected
    return True


def goes_on(operator: Operator, study: int, undisturbed: int) -> None:
    """Wait until it has learned more in the attempt that is under way."""
    attempt, step = operator.job(study)["attempt"], operator.study(study)["step"]
    wait_for(lambda: operator.study(study)["step"] > step, operator.product.said)
    assert learned_the_same(operator, study, undisturbed)
    assert operator.job(study)["attempt"] == attempt


def goes_on_after(operator: Operator, study: int, undisturbed: int, attempt: int, step: int = 1) -> None:
    """Wait until the next attempt has learned, which began with a checkpoint of this step or a later one."""
    wait_for(lambda: operator.job(study)["attempt"] > attempt, operator.product.said)
    with operator.under_way(study):
        assert operator.started(study)["step"] >= step > 0
        assert learned_the_same(operator, study, undisturbed)


def ends_as(operator: Operator, study: int, undisturbed: int) -> None:
    operator.wait_for_state(study, "succeeded")
    assert operator.weights(study) == operator.weights(undisturbed)
    assert operator.history(study) == operator.history(undisturbed)
    assert not operator.trainers(study), "an orphan trains on"


class Unchanged:
    """Whether a figure has stood still for so many seconds, asked again and again."""

    def __init__(self, figure: Callable[[], int], seconds: float) -> None:
        self._figure, self._seconds = figure, seconds
        self._seen, self._since = figure(), time.monotonic()

    def __call__(self) -> bool:
        if (now := self._figure()) != self._seen:
            self._seen, self._since = now, time.monotonic()
        return time.monotonic() - self._since > self._seconds


def killed(operator: Operator, study: int, victim: str) -> int:
    """Kill a process once the training has a checkpoint. Return the number of the attempt."""
    with operator.under_way(study, EVALUATED):
        assert "evaluated" in [kind for kind, *_ in operator.history(study)]
        wait_for(lambda: operator.has_checkpoint_since(study, EVALUATED))
        attempt = int(operator.job(study)["attempt"])
        assert operator.kill(victim)
        return attempt


def test_the_writing_process_is_there_before_the_first_request(operator: Operator) -> None:
    wait_for(lambda: operator.processes("trainer serve"))


def test_a_training_survives_a_kill_of_its_trainer(operator: Operator, interrupted: int, undisturbed: int) -> None:
    attempt = killed(operator, interrupted, "trainer train")
    goes_on_after(operator, interrupted, undisturbed, attempt)


def test_a_training_survives_a_kill_of_its_worker_whose_next_life_takes_it_back(
    operator: Operator, interrupted: int, undisturbed: int
) -> None:
    attempt = killed(operator, interrupted, "-Q train")
    goes_on_after(operator, interrupted, undisturbed, attempt)
    assert "its worker died, it is taken back" in operator.log("train")


def test_a_worker_that_drains_gives_its_job_back_with_a_checkpoint(
    operator: Operator, interrupted: int, undisturbed: int
) -> None:
    with operator.under_way(interrupted), operator.asked_to_stop(interrupted):
        before, step = operator.job(interrupted), operator.study(interrupted)["step"]
        for worker in operator.processes("-Q train"):
            worker.terminate()
    wait_for(lambda: operator.job(interrupted)["state"] != "running")
    assert operator.job(interrupted)["lost_attempts"] == before["lost_attempts"]
    goes_on_after(operator, interrupted, undisturbed, before["attempt"], step)


def test_stopping_everything_and_starting_again_goes_on_by_itself(
    operator: Operator, interrupted: int, undisturbed: int
) -> None:
    with operator.under_way(interrupted), operator.asked_to_stop(interrupted):
        attempt, step = operator.job(interrupted)["attempt"], operator.study(interrupted)["step"]
        launcher = operator.product.process
        assert launcher
        launcher.terminate()
    operator.product.wait_until_stopped()
    assert launcher.returncode == 0 and operator.product.processes() == set()
    assert operator.job(interrupted)["state"] == "queued"
    assert operator.study(interrupted)["checkpoint_step"] >= step
    operator.product.start()
    goes_on_after(operator, interrupted, undisturbed, attempt, step)


def test_a_broker_that_comes_back_empty_loses_nothing(
    operator: Operator, interrupted: int, waiting: int, undisturbed: int
) -> None:
    with operator.under_way(interrupted):
        assert operator.job(waiting)["state"] == "queued"  # it is done below
        operator.flush_broker()
        goes_on(operator, interrupted, undisturbed)


@pytest.mark.disaster
def test_a_clock_that_jumps_decides_nothing(
    operator: Operator, interrupted: int, waiting: int, undisturbed: int
) -> None:
    with operator.under_way(interrupted):
        attempt = operator.job(interrupted)["attempt"]
        for days in (-30, 400):
            operator.clock.step(days * 86_400)
            operator.wait_for_renewal(interrupted)
    ends_as(operator, interrupted, undisturbed)
    assert operator.job(interrupted)["attempt"] == attempt
    operator.wait_for_state(waiting, "running")
    operator.clock.step(0)


def test_after_all_interruptions_it_has_learned_the_same(
    operator: Operator, interrupted: int, undisturbed: int
) -> None:
    ends_as(operator, interrupted, undisturbed)


def test_a_training_needs_neither_web_server_nor_reconciler_nor_broker(
    operator: Operator, uninterrupted: int, undisturbed: int
) -> None:
    with operator.under_way(uninterrupted):
        for victim in ("gunicorn", "manage.py reconcile", "valkey"):
            assert operator.kill(victim)
        goes_on(operator, uninterrupted, undisturbed)


@pytest.mark.disaster
def test_a_full_disk_costs_checkpoints_and_not_the_training(
    operator: Operator, uninterrupted: int, undisturbed: int
) -> None:
    with operator.under_way(uninterrupted):
        with full(operator.work):
            wait_for(lambda: "could not be written" in operator.study(uninterrupted)["warning"])
            goes_on(operator, uninterrupted, undisturbed)
        wait_for(lambda: operator.study(uninterrupted)["warning"] == "")


@pytest.mark.disaster
def test_a_full_disk_under_the_database_is_waited_for(operator: Operator, uninterrupted: int, undisturbed: int) -> None:
    with contextlib.ExitStack() as disk:
        with operator.under_way(uninterrupted):
            wait_for(operator.empty_log)
            disk.enter_context(full(operator.product.data))
            lines = len(operator.noted(uninterrupted, "history.jsonl"))
            wait_for(lambda: len(operator.noted(uninterrupted, "history.jsonl")) > lines)
        with frozen(operator.product, operator.folder(uninterrupted)):  # it is not to be at its end meanwhile
            wait_for(Unchanged(lambda: operator.job(uninterrupted)["renewals"], GIVE_UP_SECONDS + 4))


def test_after_all_failures_around_it_it_has_learned_the_same_in_one_attempt(
    operator: Operator, uninterrupted: int, undisturbed: int
) -> None:
    ends_as(operator, uninterrupted, undisturbed)
    assert operator.job(uninterrupted)["attempt"] == 1, operator.log("train")[-3000:]


@pytest.mark.disaster
def test_a_training_that_the_kernel_ends_for_want_of_memory_is_not_tried_again(operator: Operator) -> None:
    (worker,) = operator.processes("-Q train")
    with little_memory(450 << 20) as confine:
        confine(worker.pid)
        study = operator.submit({"recipe": "quick", "steps": 3, "units": 512, "batch": 128, "sequence": 256})
        job = operator.wait_for_state(study, "failed")
    assert "memory" in job["reason"] and "smaller batch" in job["advice"]
    assert (job["attempt"], job["lost_attempts"]) == (1, 0)


def test_a_worker_that_is_up_but_takes_no_work_is_started_again(operator: Operator) -> None:
    (worker,) = operator.processes("-Q train")
    operator.stop_consuming("train")
    study = operator.submit(RECIPE)
    wait_for(lambda: not worker.is_running())
    assert "takes no work any more" in operator.product.said()
    operator.wait_for_state(study, "starting", "running")
    operator.stop(study)
    operator.wait_for_state(study, "cancelled")


def test_no_process_is_left_when_the_launcher_is_killed(operator: Operator) -> None:
    assert operator.product.process
    operator.product.process.kill()
    operator.product.wait_until_stopped()
    wait_for(lambda: not operator.product.processes())
