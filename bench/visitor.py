"""A visitor of the site, for the benchmarks: it uses the whole product, with a new data folder, as people do."""

import contextlib
import json
import sqlite3
from dataclasses import dataclass
from typing import Any

import psycopg
from playwright.sync_api import Page, expect

from webapp.launch.trial import Product, wait_for

_PASSWORD = "an understudy knows the lines"
_SUBMIT = """
from django.test import Client
from trainer.contract.documents import sample_text
from webapp.accounts.models import User
from webapp.corpora import services as corpora
from webapp.studies import services as studies
owner = User.objects.create_user({owner!r})
corpus = corpora.add_corpus(owner, "Text", [("text.txt", sample_text()[:{characters}].encode())], False)
client = Client()
client.force_login(owner)
print("submitted", studies.submit(owner, corpus, {recipe!r}, "Study").pk, client.cookies["sessionid"].value)
"""


def submit(product: Product, recipe: dict[str, Any], characters: int, owner: str = "bench") -> tuple[int, str]:
    """Queue a training. Return its study's number, and the cookie of its owner."""
    said = product.manage(
        "shell", "--verbosity", "0", "-c", _SUBMIT.format(recipe=recipe, characters=characters, owner=owner)
    )
    _, study, session = said.splitlines()[-1].split()
    return int(study), f"sessionid={session}"


def progress(product: Product, study: int) -> dict[str, Any]:
    """Return the last progress of a training: steps, characters, seconds. It is empty before its first step."""
    found = _value(product, f"SELECT progress FROM studies_study WHERE id = {study:d}")
    return dict(json.loads(found) if isinstance(found, str) else found or {})


def is_over(product: Product, study: int) -> bool:
    """Whether nothing is being trained of a study any more."""
    state = _value(product, f"SELECT state FROM jobs_job WHERE study_id = {study:d} ORDER BY id DESC LIMIT 1")
    return state in ("succeeded", "failed", "cancelled")


def _value(product: Product, query: str) -> Any:
    """Return the first value that a query finds in the product's database."""
    if url := product.environment.get("DATABASE_URL"):
        with psycopg.connect(url) as server:
            row = server.execute(query.encode()).fetchone()
    else:
        path = f"file:{product.data / 'understudy.sqlite3'}?mode=ro"
        with contextlib.closing(sqlite3.connect(path, uri=True, timeout=20)) as base:
            row = base.execute(query).fetchone()
    return row[0] if row else None


@dataclass(frozen=True)
class Learned:
    """How many characters a training has read, and in how many seconds."""

    characters: int
    seconds: float

    def speed_until(self, later: "Learned") -> float:
        """Return the characters per second between two moments of a training."""
        return (later.characters - self.characters) / max(0.001, later.seconds - self.seconds)


def learned(product: Product, study: int) -> Learned:
    found = progress(product, study)
    return Learned(found["chars"], found["seconds"])


def wait_for_step(product: Product, study: int, step: int) -> None:
    wait_for(lambda: progress(product, study).get("step", 0) >= step, f"study {study} did not come to step {step}")


# In a browser ----------------------------------------------------------------------------------------------------


def sign_up(page: Page, name: str) -> None:
    page.goto("/accounts/signup/")
    page.locator("[name=username]").fill(name)
    page.locator("[name=password1]").fill(_PASSWORD)
    page.locator("[name=password1]").press("Enter")
    page.wait_for_url("/")


def add_text(page: Page, text: str) -> None:
    """Add a corpus, and end on its page."""
    page.goto("/corpora/new/")
    file = {"name": "text.txt", "mimeType": "text/plain", "buffer": text.encode()}
    page.locator("[name=documents]").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", name="text", exact=True)).to_be_visible()


def train(page: Page, corpus: str, **choices: str) -> None:
    """Begin a training on a corpus, and end on the page of its model."""
    page.goto(corpus)
    page.get_by_role("main").get_by_role("link", name="Train", exact=True).click()
    page.get_by_text("Advanced", exact=True).click()
    for name, value in choices.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.locator("#status .badge")).to_be_visible()
