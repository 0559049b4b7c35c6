"""Drives the product from outside, as its operator would: submits, kills, looks."""

import contextlib
import json
import socket
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import redis
from celery import Celery
from celery.utils.nodenames import worker_direct

from tests.support.disasters import Clock
from tests.support.product import Product, command_line, slowed
from tests.support.waiting import GENEROUS, wait_for
from trainer.contract.documents import sample_text

CORPUS = "the lines"  # the name of what is added here

_RUNNING = """
SELECT job.id, job.attempt, study.started FROM jobs_job job JOIN studies_study study ON study.id = job.study_id
WHERE job.kind = 'train' AND job.state = 'running' AND study.id = ?
"""
_WRITING = """
SELECT job.id FROM jobs_job job JOIN passages_passage passage ON passage.job_id = job.id
WHERE job.state = 'running' AND passage.text != ''
"""


class Operator:
    """Looks into a product's database and kills its processes."""

    def __init__(self, product: Product, clock: Clock | None = None) -> None:
        self.product = product
        self.work = Path(product.environment.get("UNDERSTUDY_WORK", product.data / "work"))
        self._clock = clock

    @property
    def clock(self) -> Clock:
        assert self._clock, "this product has the machine's clock"
        return self._clock

    def submit(self, recipe: dict[str, Any], owner: str = "alice", characters: int = 20_000, count: int = 1) -> int:
        """Submit a training, or several. Return the number of the last study."""
        return self.submit_on(sample_text()[:characters], owner, {f"Study {n}": recipe for n in range(count)})[-1]

    def submit_on(self, text: str, owner: str, recipes: dict[str, dict[str, Any]]) -> list[int]:
        """Submit trainings, each with its name, on a new corpus with this text. Return the numbers of the studies."""
        return self.submit_on_documents({"text.txt": text}, owner, recipes)

    def submit_on_documents(self, texts: dict[str, str], owner: str, recipes: dict[str, dict[str, Any]]) -> list[int]:
        """Submit trainings as `submit_on` does, on a corpus of several documents."""
        return list(self.product.call("submit", owner=owner, texts=texts, corpus_name=CORPUS, recipes=recipes))

    def stop(self, study: int) -> None:
        """Ask to stop a training, as its owner does."""
        self.product.call("stop", study=study)

    def add_corpus(self, owner: str, text: str) -> str:
        """Add a corpus. Return the path of its page."""
        return f"/corpora/{self.product.call('add_corpus', owner=owner, text=text, name=CORPUS)}/"

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        path = f"file:{self.product.data / 'understudy.sqlite3'}?mode=ro"
        with contextlib.closing(sqlite3.connect(path, uri=True, timeout=20)) as base:
            base.row_factory = sqlite3.Row
            return base.execute(query, values).fetchall()

    def empty_log(self) -> bool:
        """Bring the write-ahead log into the database: the next write needs room on the disk. False: it was in use."""
        with contextlib.closing(sqlite3.connect(self.product.data / "understudy.sqlite3", timeout=20)) as base:
            return not base.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def job(self, study: int) -> sqlite3.Row:
        return self.rows("SELECT * FROM jobs_job WHERE study_id = ? ORDER BY id DESC", study)[0]

    def study(self, study: int) -> sqlite3.Row:
        return self.rows("SELECT * FROM studies_study WHERE id = ?", study)[0]

    def history(self, study: int) -> list[tuple[Any, ...]]:
        """Return the history's points without times."""
        query = (
            "SELECT kind, step, train_loss, carried, cold FROM studies_historypoint WHERE study_id = ? ORDER BY 1, 2"
        )
        return [tuple(row) for row in self.rows(query, study)]

    def wait_for_state(self, study: int, *states: str) -> sqlite3.Row:
        wait_for(lambda: self.job(study)["state"] in states, lambda: self._it_is_not(study, *states))
        return self.job(study)

    def _it_is_not(self, study: int, *states: str) -> str:
        return f"study {study} is {self.job(study)['state']}, not {states}: {self.product.said()}"

    def wait_for_step(self, study: int, step: int = 1) -> None:
        wait_for(lambda: self.study(study)["step"] >= step, f"study {study} did not come to step {step}")

    def wait_for_renewal(self, study: int) -> None:
        """Wait until the worker has renewed its lease."""
        before = self.job(study)["renewals"]
        wait_for(lambda: self.job(study)["renewals"] > before)

    @contextlib.contextmanager
    def under_way(self, study: int, step: int = 1) -> Iterator[None]:
        """Wait until its training has learned in its present attempt, and is at a step. From there it goes on slowly:
        whatever is done to it here finds it at work."""
        with slowed(self.product, self.folder(study), since=lambda: self.has_taken_steps(study, step)):
            wait_for(lambda: self.has_learned(study), lambda: self._it_is_not(study, "learning"))
            self.wait_for_step(study, step)
            yield

    def has_learned(self, study: int) -> bool:
        """Whether its training is under way, and its row tells of steps in its present attempt."""
        return bool(self.job(study)["state"] == "running" and self.study(study)["step"] > self.started(study)["step"])

    def has_taken_steps(self, study: int, step: int = 1) -> bool:
        """Whether its training is under way, and its trainer has noted steps in its present attempt, up to this one at
        least. The row tells them up to a second later: a fast machine is at the end by then."""
        noted, running = self.noted(study, "history.jsonl"), self.rows(_RUNNING, study)
        return bool(noted and running and noted[-1]["step"] >= max(step, json.loads(running[0]["started"])["step"] + 1))

    def noted(self, study: int, name: str) -> list[dict[str, Any]]:
        """Return the lines of one of the files in which its trainer notes what it does, in its present attempt."""
        for row in self.rows(_RUNNING, study):
            path = Path(self.folder(study), str(row["id"]), str(row["attempt"]), "model", name)
            with contextlib.suppress(OSError, ValueError):  # there is none yet, or half a line
                return [json.loads(line) for line in path.read_text().splitlines()]
        return []

    def has_checkpoint_since(self, study: int, step: int) -> bool:
        """Whether its trainer has a checkpoint of this step or a later one, from which the next attempt goes on."""
        names = [path.name for path in Path(self.folder(study)).glob("*/*/model/checkpoints/step-*")]
        return any(int(name.removeprefix("step-")) >= step for name in names)

    def is_learning(self) -> bool:
        """Whether the training that was queued last is under way and has made its first steps."""
        return self.has_taken_steps(self.newest())

    def is_writing(self) -> bool:
        """Whether a passage is under way that has its first words."""
        return bool(self.rows(_WRITING))

    def samples(self) -> int:
        """Return how many samples the training that was queued last has noted."""
        return len(self.noted(self.newest(), "samples.jsonl"))

    @contextlib.contextmanager
    def asked_to_stop(self, study: int) -> Iterator[None]:
        """Wait, at the end, until the worker has asked the study's trainer to stop."""
        asked = f"job {self.job(study)['id']}: its trainer is asked to stop"
        before = self.log("train").count(asked)
        yield
        wait_for(lambda: self.log("train").count(asked) > before)

    def log(self, part: str) -> str:
        """Return what a part of the product has logged."""
        return "".join(file.read_text() for file in (self.product.data / "logs").glob(f"{part}.log*"))

    def processes(self, words: str) -> list[psutil.Process]:
        """Return the product's processes whose command line holds the words, but for their guards."""
        found = {one: command_line(one) for one in self.product.processes()}
        return [one for one, line in found.items() if words in line and "process_guard.py" not in line]

    def folder(self, study: int) -> str:
        """Return what only the command lines of a study's trainers hold."""
        return f"{self.work}/trainings/{study}/"

    def trainers(self, study: int) -> list[psutil.Process]:
        """Return the processes that train a study."""
        return self.processes(self.folder(study))

    def kill(self, words: str) -> int:
        """Kill -9 the processes whose command line holds the words. Return how many there were."""
        found = self.processes(words)
        for one in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        return len(found)

    def newest(self) -> int:
        """Return the number of the study whose training was queued last."""
        jobs = self.rows("SELECT study_id FROM jobs_job WHERE kind = 'train' ORDER BY id DESC LIMIT 1")
        return int(jobs[0]["study_id"]) if jobs else 0

    def passages(self) -> int:
        """Return how many passages there are, of all people."""
        return int(self.rows("SELECT count(*) AS number FROM passages_passage")[0]["number"])

    def is_over(self, study: int) -> bool:
        return self.job(study)["state"] in ("succeeded", "failed", "cancelled")

    def is_beyond(self, study: int, step: int) -> bool:
        """Whether its training went on after a step."""
        return self.study(study)["step"] > step or self.is_over(study)

    def started(self, study: int) -> dict[str, Any]:
        return dict(json.loads(self.study(study)["started"]))

    def progress(self, study: int) -> dict[str, Any]:
        return dict(json.loads(self.study(study)["progress"]))

    def sign_in(self, owner: str) -> str:
        """Return the cookie of somebody who is signed in. Who has no account gets one."""
        return f"sessionid={self.product.call('sign_in', owner=owner)}"

    def broker(self) -> redis.Redis:
        configuration = (self.product.data / "broker" / "broker.conf").read_text()
        found = {name: value for name, _, value in (line.partition(" ") for line in configuration.splitlines())}
        return redis.Redis(port=int(found["port"]), password=found["requirepass"])

    def flush_broker(self) -> None:
        with self.broker() as broker:
            broker.flushall()

    def stop_consuming(self, kind: str) -> None:
        """Leave a worker up and connected, but with nothing that it takes work from."""
        with self.broker() as broker:
            options = broker.get_connection_kwargs()
        name = f"{kind}@{socket.gethostname()}"
        address = f"redis://:{options['password']}@127.0.0.1:{options['port']}/0"
        with Celery(broker=address, set_as_current=False) as celery:  # else the tests' own messages would go there
            for queue in (kind, worker_direct(name).name):
                answers = celery.control.cancel_consumer(queue, destination=[name], reply=True, timeout=GENEROUS)
                assert answers, f"{name} does not answer"

    def events(self, study: int) -> dict[str, Any]:
        figures = self.study(study)["figures"]
        return json.loads(figures) if figures else {}

    def weights(self, study: int) -> bytes:
        """Return the weights that the study points to."""
        return Path(self.product.data, "files", self.study(study)["model_key"], "weights.safetensors").read_bytes()
