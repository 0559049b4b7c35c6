"""`make chaos`: kills every part of the product at random moments of trainings, and prints what it cost.

    python -m tests.chaos --kills 20

Each victim is killed (-9) so many times, spread over trainings of the same recipe. After each kill the training
has to go on; at the end of each its weights and history have to be those of a training that nothing happened to.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.operator import Operator, wait_for
from tests.product import Product

RECIPE = {"recipe": "quick", "steps": 3000, "units": 64, "layers": 1, "batch": 16, "sequence": 32, "seed": 5}
VICTIMS = {
    "the trainer": "trainer train",
    "the training worker": "-Q train",
    "the broker": "broker.conf",
    "the web server": "gunicorn",
    "the reconciler": "manage.py reconcile",
}
KILLS_OF_A_TRAINING = 2


@dataclass
class Row:
    """What became of the trainings of one victim."""

    kills: int = 0
    lost: int = 0
    twice: int = 0
    other: int = 0  # ended otherwise than undisturbed
    on_again: list[float] = field(default_factory=list)  # seconds from the kill until a new step
    repeated: list[int] = field(default_factory=list)  # steps worked on again


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20, help="of each victim")
    parser.add_argument("--victims", nargs="*", default=list(VICTIMS), choices=list(VICTIMS))
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="understudy-chaos-") as folder, Product(Path(folder)) as product:
        operator = Operator(product)
        undisturbed = operator.submit(RECIPE)
        operator.wait_for_state(undisturbed, "succeeded", seconds=600)
        heads = ("killed", "kills", "lost", "twice", "other end", "on again, s", "steps again")
        print("{:22} {:>5} {:>5} {:>5} {:>9} {:>16} {:>12}".format(*heads), flush=True)
        rows = [_torment(operator, victim, options.kills, undisturbed, rng) for victim in options.victims]
        left = operator.processes("trainer train")
    print(f"orphans: {len(left)}")
    return int(any(row.lost or row.twice or row.other for row in rows) or bool(left))


def _torment(operator: Operator, victim: str, kills: int, undisturbed: int, rng: random.Random) -> Row:
    row = Row()
    while row.kills < kills:
        study = operator.submit(RECIPE)
        for _ in range(min(KILLS_OF_A_TRAINING, kills - row.kills)):
            _kill_once(operator, VICTIMS[victim], study, row, rng)
        _judge(operator, study, undisturbed, row)
    seconds = f"{statistics.median(row.on_again):.1f} (max {max(row.on_again):.1f})" if row.on_again else "-"
    again = f"{statistics.median(row.repeated):.0f}" if row.repeated else "-"
    print(f"{victim:22} {row.kills:5} {row.lost:5} {row.twice:5} {row.other:9} {seconds:>16} {again:>12}", flush=True)
    return row


def _kill_once(operator: Operator, words: str, study: int, row: Row, rng: random.Random) -> None:
    """Kill at a random moment after the first step, and wait until a step beyond the old ones is done."""
    operator.wait_for_step(study, operator.study(study)["step"] + 1, seconds=240)
    time.sleep(rng.uniform(0, 3))
    if operator.job(study)["state"] not in ("running", "starting"):
        return
    attempt, step = operator.job(study)["attempt"], operator.study(study)["step"]
    killed_at = time.monotonic()
    if not operator.kill(words):
        return
    row.kills += 1
    wait_for(lambda: _is_beyond(operator, study, step), 300, f"study {study} did not go on")
    row.on_again.append(time.monotonic() - killed_at)
    if operator.job(study)["attempt"] > attempt:
        row.repeated.append(max(0, step - operator.study(study)["checkpoint_step"]))


def _is_beyond(operator: Operator, study: int, step: int) -> bool:
    return operator.study(study)["step"] > step or operator.job(study)["state"] == "succeeded"


def _judge(operator: Operator, study: int, undisturbed: int, row: Row) -> None:
    jobs = operator.rows("SELECT id FROM jobs_job WHERE study_id = ?", study)
    row.twice += len(jobs) - 1
    try:
        operator.wait_for_state(study, "succeeded", seconds=600)
    except AssertionError:
        row.lost += 1
        return
    same = operator.weights(study) == operator.weights(undisturbed)
    row.other += not (same and operator.history(study) == operator.history(undisturbed))


if __name__ == "__main__":
    sys.exit(main())
