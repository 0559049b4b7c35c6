"""Drives the product from outside, as its operator would: submits, kills, looks."""

import contextlib
import json
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

from tests.product import Product

_SUBMIT = """
import json
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.studies import services as studies
from trainer.text import sample_text
owner, _ = User.objects.get_or_create(username={owner!r})
corpus = corpora.add_corpus(owner, "Text", [("text.txt", sample_text()[:{characters}].encode())], False)
for n in range({count}):
    print("study", studies.submit(owner, corpus, {recipe!r}, f"Study {{n}}").pk)
"""


def wait_for(what: Callable[[], Any], seconds: float = 120, why: str = "it did not happen in time") -> Any:
    """Return the first true answer of `what`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = what()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(why)


class Operator:
    """Looks into a product's database and kills its processes."""

    def __init__(self, product: Product) -> None:
        self.product = product

    def submit(self, recipe: dict[str, Any], owner: str = "alice", characters: int = 20_000, count: int = 1) -> int:
        """Submit a training, or several. Return the number of the last study."""
        code = _SUBMIT.format(owner=owner, recipe=recipe, characters=characters, count=count)
        said = self.product.manage("shell", "--verbosity", "0", "-c", code)
        return int([line for line in said.splitlines() if line.startswith("study")][-1].split()[1])

    def rows(self, query: str, *values: Any) -> list[sqlite3.Row]:
        with sqlite3.connect(f"file:{self.product.data / 'understudy.sqlite3'}?mode=ro", uri=True, timeout=20) as base:
            base.row_factory = sqlite3.Row
            return base.execute(query, values).fetchall()

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

    def wait_for_state(self, study: int, *states: str, seconds: float = 180) -> sqlite3.Row:
        why = f"study {study} did not become {states}: {self.product.said()}"
        wait_for(lambda: self.job(study)["state"] in states, seconds, why)
        return self.job(study)

    def wait_for_step(self, study: int, step: int = 1, seconds: float = 120) -> None:
        wait_for(lambda: self.study(study)["step"] >= step, seconds, f"study {study} did not come to step {step}")

    def processes(self, words: str) -> list[psutil.Process]:
        """Return the product's processes whose command line holds the words, but for their leashes."""
        return [one for one in self.product.processes() if words in _words(one) and "leash.py" not in _words(one)]

    def kill(self, words: str) -> int:
        """Kill -9 the processes whose command line holds the words. Return how many there were."""
        found = self.processes(words)
        for one in found:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        return len(found)

    def events(self, study: int) -> dict[str, Any]:
        figures = self.study(study)["figures"]
        return json.loads(figures) if figures else {}

    def weights(self, study: int) -> bytes:
        """Return the weights that the study points to."""
        return Path(self.product.data, "files", self.study(study)["model_key"], "weights.safetensors").read_bytes()


def _words(one: psutil.Process) -> str:
    try:
        return " ".join(one.cmdline())
    except psutil.Error:
        return ""
