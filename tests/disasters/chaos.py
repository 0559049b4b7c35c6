"""The command `make chaos`, which makes machines fail at random moments of trainings, and reports the cost.

    python -m tests.disasters.chaos --kills 20

After each failure the training has to go on. At its end, weights and history must equal those of an undisturbed
training. Meanwhile its page is loaded twice a second, and must show the state in the row.
"""

import argparse
import hashlib
import random
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.disasters import Clock, full, small_disk
from tests.support.product import Product
from tests.support.site_operator import Operator
from tests.support.waiting import wait_for
from tests.support.witness import Witness

RECIPE = {"recipe": "quick", "steps": 800, "units": 64, "layers": 1, "batch": 16, "sequence": 32, "seed": 5}
TOO_BIG = {"recipe": "quick", "steps": 3, "units": 512, "batch": 128, "sequence": 1024}
MEMORY = 4 << 30  # bytes of address space: enough to start the trainer, not enough to train
BROKER = "-server 127.0.0.1"  # in the process title of both Valkey and Redis
BLOWS_OF_A_TRAINING = 4
ENVIRONMENT = {"RECONCILE_SECONDS": "5", "CHECKPOINT_SECONDS": "5", "SHARE_CHECKPOINT_SECONDS": "15"}


@dataclass
class Row:
    """The results of the trainings that had one kind of failure."""

    blows: int = 0
    lost: int = 0
    twice: int = 0
    other: int = 0  # trainings with another result than the undisturbed one
    orphans: int = 0  # trainer processes whose job is over
    on_again: list[float] = field(default_factory=list)  # seconds from the failure until a new step
    repeated: list[float] = field(default_factory=list)  # seconds of work that was repeated


Strike = Callable[[Operator, int, random.Random], None]  # it makes the training of a study fail


def kill(words: str) -> Strike:
    def strike(operator: Operator, study: int, rng: random.Random) -> None:
        wait_for(lambda: operator.kill(words), f"nothing to kill: {words}")  # the process may be about to be restarted

    return strike


def kill_trainer(operator: Operator, study: int, rng: random.Random) -> None:
    wait_for(lambda: operator.kill(operator.folder(study)) or operator.is_over(study))


def empty_broker(operator: Operator, study: int, rng: random.Random) -> None:
    operator.flush_broker()


def lose_broker(operator: Operator, study: int, rng: random.Random) -> None:
    """Delete the broker's data folder, so that it starts empty."""
    for dump in (operator.product.data / "broker").glob("*.rdb"):
        dump.unlink()
    kill(BROKER)(operator, study, rng)


def fill_disk(operator: Operator, study: int, rng: random.Random) -> None:
    with full(operator.work):
        wait_for(lambda: "could not be" in operator.study(study)["warning"] or operator.is_over(study))


def set_clock(operator: Operator, study: int, rng: random.Random) -> None:
    operator.clock.step(rng.randint(-400, 400) * 86_400)


BLOWS: dict[str, Strike] = {
    "trainer killed": kill_trainer,
    "training worker killed": kill("-Q train"),
    "broker killed": kill(BROKER),
    "web server killed": kill("gunicorn"),
    "reconciler killed": kill("manage.py reconcile"),
    "broker emptied": empty_broker,
    "broker's data lost": lose_broker,
    "disk full": fill_disk,
    "clock set": set_clock,
}
INTERRUPTING = (BLOWS["trainer killed"], BLOWS["training worker killed"])
OUT_OF_MEMORY = "out of memory"
HEADS = ("", "blows", "lost", "twice", "other end", "on again, s", "work again, s")
LINE = "{:23} {:>5} {:>5} {:>5} {:>9} {:>18} {:>18}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="blows of each kind")
    parser.add_argument("--only", nargs="*", default=[*BLOWS, OUT_OF_MEMORY], choices=[*BLOWS, OUT_OF_MEMORY])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="understudy-chaos-")))
        clock, work = Clock(folder), stack.enter_context(small_disk(folder / "work"))
        environment = {**ENVIRONMENT, "UNDERSTUDY_WORK": str(work), **clock.environment}
        operator = Operator(stack.enter_context(Product(folder, **environment)), clock)
        undisturbed = operator.submit(RECIPE)
        operator.wait_for_state(undisturbed, "succeeded")
        print(LINE.format(*HEADS), flush=True)
        with Witness(operator) as witness:
            rows = [_torment(operator, name, options.kills, undisturbed, rng) for name in options.only]
        same, of = _hashes(operator, undisturbed)
    print(f"weights of the undisturbed training: SHA-256 {same}; finished trainings with the same: {of}")
    orphans = sum(row.orphans for row in rows)
    print(f"orphans: {orphans}; page asked {witness.asked} times, untrue {len(witness.untrue)}, {witness.untrue[:3]}")
    went_wrong = any(row.lost or row.twice or row.other or row.orphans for row in rows) or witness.untrue
    return int(bool(went_wrong) or not witness.asked)


def _torment(operator: Operator, name: str, blows: int, undisturbed: int, rng: random.Random) -> Row:
    row = Row()
    while row.blows < blows:
        if name == OUT_OF_MEMORY:
            _starve(operator, row)
            continue
        study = operator.submit(RECIPE)
        for _ in range(min(BLOWS_OF_A_TRAINING, blows - row.blows)):
            _strike_once(operator, BLOWS[name], study, row, rng)
        _judge(operator, study, undisturbed, row)
    figures = (f"{statistics.median(of):.1f} (max {max(of):.1f})" if of else "-" for of in (row.on_again, row.repeated))
    print(LINE.format(name, row.blows, row.lost, row.twice, row.other, *figures), flush=True)
    return row


def _strike_once(
    operator: Operator,
    strike: Strike,
    study: int,
    row: Row,
    rng: random.Random,
) -> None:
    """Cause a failure at a random moment after the first step, and wait until the training has made a new step."""
    begun = operator.study(study)["step"]
    wait_for(lambda: operator.is_beyond(study, begun), f"study {study} did not begin")
    time.sleep(rng.uniform(0, 3))  # a training that is over by then counts as undisturbed
    if operator.job(study)["state"] not in ("running", "starting"):
        return
    attempt, step = operator.job(study)["attempt"], operator.study(study)["step"]
    speed = operator.progress(study)["chars_per_s"] / (RECIPE["batch"] * RECIPE["sequence"])  # type: ignore[operator]
    strike(operator, study, rng)
    struck_at = time.monotonic()
    row.blows += 1
    if strike in INTERRUPTING:
        wait_for(lambda: operator.job(study)["attempt"] > attempt or operator.is_over(study))
        wait_for(lambda: operator.study(study)["step"] != step or operator.is_over(study))
        row.repeated.append(max(0, step - operator.started(study)["step"]) / speed)
        step = operator.started(study)["step"]
    wait_for(lambda: operator.is_beyond(study, step), f"study {study} did not go on")
    row.on_again.append(time.monotonic() - struck_at)


def _starve(operator: Operator, row: Row) -> None:
    """Give a trainer too little memory: its job fails at once, with advice."""
    (worker,) = operator.processes("-Q train")
    limits = worker.rlimit(resource.RLIMIT_AS)
    worker.rlimit(resource.RLIMIT_AS, (MEMORY, limits[1]))
    study = operator.submit(TOO_BIG, characters=380_000)
    job = operator.wait_for_state(study, "failed", "succeeded")
    worker.rlimit(resource.RLIMIT_AS, limits)
    row.blows += 1
    row.orphans += len(operator.trainers(study))
    row.other += not (job["state"] == "failed" and "memory" in job["reason"] and job["advice"] and job["attempt"] == 1)


def _judge(operator: Operator, study: int, undisturbed: int, row: Row) -> None:
    jobs = operator.rows("SELECT id FROM jobs_job WHERE study_id = ?", study)
    row.twice += len(jobs) - 1
    try:
        operator.wait_for_state(study, "succeeded")
    except AssertionError:
        row.lost += 1
        return
    row.orphans += len(operator.trainers(study))
    same = operator.weights(study) == operator.weights(undisturbed)
    row.other += not (same and operator.history(study) == operator.history(undisturbed))


def _hashes(operator: Operator, undisturbed: int) -> tuple[str, str]:
    """Return the hash of the undisturbed training's weights, and how many trainings have the same."""
    done = operator.rows("SELECT DISTINCT study_id FROM jobs_job WHERE state = 'succeeded' AND kind = 'train'")
    hashes = [hashlib.sha256(operator.weights(row["study_id"])).hexdigest() for row in done]
    same = hashlib.sha256(operator.weights(undisturbed)).hexdigest()
    return same, f"{hashes.count(same)} of {len(hashes)}"


if __name__ == "__main__":
    sys.exit(main())
