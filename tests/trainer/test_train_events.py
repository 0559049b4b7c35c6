"""Tests of a training's events while it runs, and of the files that it writes."""

import json
import math
import subprocess
import sys
from pathlib import Path

from tests.trainer.conftest import ROOT, SHALLOW, Trained, trainer

LOSSES = {"carried", "cold"}


def test_the_events_come_in_their_order(trained: Trained) -> None:
    names = [event["event"] for event in trained.run.events]
    assert names[0] == "started"
    assert names[-2:] == ["checkpoint", "finished"]
    assert {"progress", "evaluated", "sample"} == set(names[1:-2]) - {"checkpoint"}  # one comes every 30 seconds


def test_every_event_says_what_the_site_shows(trained: Trained) -> None:
    shapes = {
        "started": {"recipe", "vocabulary", "parameters", "device", "characters", "step"},
        "progress": {"step", "epoch", "chars", "train_loss", "chars_per_s", "seconds_left"},
        "evaluated": {"step", "seconds", "best", *LOSSES},
        "sample": {"step", "text"},
        "checkpoint": {"step", "path"},
        "finished": {"score", "seconds", "stalled_seconds", "best"},
    }
    for event in trained.run.events:
        assert shapes[event["event"]] <= set(event)


def test_progress_counts_what_was_read(trained: Trained) -> None:
    last = trained.run.named("progress")[-1]
    assert last["chars"] == last["step"] * 8 * 16
    assert last["chars_per_s"] > 0


def test_the_last_progress_says_that_all_is_done(trained: Trained) -> None:
    last = trained.run.named("progress")[-1]
    assert (last["done"], last["seconds_left"]) == (1, 0)


def test_a_model_can_be_read_long_before_the_end(trained: Trained) -> None:
    assert trained.run.named("evaluated")[0]["step"] <= 15


def test_it_learns(trained: Trained) -> None:
    evaluated = trained.run.named("evaluated")
    assert evaluated[-1]["carried"] < evaluated[0]["carried"] < math.log(100)
    assert evaluated[-1]["best"] == min(event["carried"] for event in evaluated)


def test_samples_are_of_two_hundred_characters(trained: Trained) -> None:
    assert {len(event["text"]) for event in trained.run.named("sample")} == {200}


def test_standard_output_holds_events_and_nothing_else(trained: Trained) -> None:
    assert all(isinstance(json.loads(line), dict) for line in trained.run.output.splitlines())


def test_what_libraries_print_goes_elsewhere() -> None:
    code = """
import os
from trainer.cli.reporters import JsonLines, claim_stdout
lines = JsonLines(claim_stdout())
print("from Python")
os.write(1, b"from C")
lines.write({"event": "ours"})
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == '{"event": "ours"}\n'
    assert "from Python" in done.stderr and "from C" in done.stderr


def test_the_output_ends_with_the_process_and_not_before() -> None:
    """The worker waits for the exit code once the output has ended, and kills a trainer that keeps it waiting."""
    code = """
import atexit, os
from trainer.cli.reporters import JsonLines, claim_stdout
lines = JsonLines(claim_stdout())
atexit.register(os.write, lines.output.fileno(), b"last")
del lines
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "last"


def test_the_directory_holds_what_was_said(trained: Trained) -> None:
    read = {
        name: [json.loads(line) for line in (trained.path / f"{name}.jsonl").read_text().splitlines()]
        for name in ("history", "samples")
    }
    kept = ("progress", "evaluated")
    assert read["history"] == [event for event in trained.run.events if event["event"] in kept]
    assert read["samples"] == trained.run.named("sample")
    assert json.loads((trained.path / "score.json").read_text()) == trained.run.named("finished")[0]["score"]
    assert json.loads((trained.path / "recipe.json").read_text()) == trained.run.events[0]["recipe"]


def test_the_tutorial_has_no_carried_figure(trained_tutorial: Trained) -> None:
    assert {event["carried"] for event in trained_tutorial.run.named("evaluated")} == {None}
    score = trained_tutorial.run.named("finished")[0]["score"]
    assert {part["carried"] for part in score["held_out"].values()} == {None}
    assert all(part["cold"] > 0 for part in score["held_out"].values())


def test_people_see_losses_and_samples(tmp_path: Path, text: Path) -> None:
    run = trainer("train", text, "--out", tmp_path / "model", *SHALLOW, "--cell", "gru", "--steps", 12)
    assert run.code == 0
    assert "16 GRU units" in run.output
    assert "bits/char" in run.output
    assert "counting letters" in run.output.lower()


def test_a_thousand_characters_train(tmp_path: Path) -> None:
    """The same training also has the plain network, lower case, and a budget in minutes."""
    short = tmp_path / "short.txt"
    short.write_text("The quick brown fox jumps over the lazy dog. " * 23)
    out = tmp_path / "model"
    run = trainer("train", short, "--out", out, "--minutes", 0.05, "--cell", "rnn", "--lowercase", "--json")
    assert run.code == 0, run.errors
    assert "too short to judge" in run.events[-1]["score"]["verdict"]
    assert not any(c.isupper() for c in json.loads((out / "vocabulary.json").read_text())["characters"])


def test_it_works_without_the_web_framework() -> None:
    modules = "trainer.cli.main, trainer.training.loop, trainer.cli.serve"
    code = f"import {modules}, sys; print([m for m in sys.modules if 'django' in m])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_the_web_process_uses_brings_no_framework_along() -> None:
    code = (
        "import trainer.contract.recipe, trainer.contract.documents, trainer.contract.sizing, sys;"
        "print([m for m in ('tensorflow', 'keras', 'jax', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
