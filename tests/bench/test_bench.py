"""The benchmark: its table, and that what fails costs no other figure. Its peers need an environment of their own."""

import json
import subprocess
import sys
from pathlib import Path

from bench import table
from bench.budgets import messages
from bench.rows import ROWS
from tests.support.waiting import GENEROUS
from trainer.contract.documents import sample_text

ROOT = Path(__file__).parents[2]


def test_the_table_holds_medians_ratio_and_whether_the_target_is_reached() -> None:
    ours = [{"speed": speed, "mogrifier": 0.9 * speed} for speed in (31_000.0, 12_000.0, 30_000.0)]
    line, _ = table.lines(ROWS["speed"], ours, [{"speed": 10_000.0}], judged=True).splitlines()
    assert "| **30,000** (12,000 to 31,000) | **10,000** | 3.00 |" in line
    assert line.endswith("| yes |")
    line, _ = table.lines(ROWS["speed"], ours[1:2], [{"speed": 10_000.0}], judged=True).splitlines()
    assert line.endswith("| no |")


def test_sixteen_passages_are_held_against_one() -> None:
    for one, reached in ((3_000.0, "no"), (2_800.0, "yes")):
        lines = table.lines(ROWS["passages"], [{"one": one, "sixteen": 23_000.0}], [], judged=True)
        assert lines.endswith(f"| {reached} |")


def test_a_shortened_run_says_nothing_of_targets() -> None:
    assert table.lines(ROWS["macbeth"], [{"carried": 1.2}], [], judged=False).endswith("| – |")


def test_ours_is_measured_through_the_command_line_also_where_the_peer_fails(tmp_path: Path) -> None:
    text, out = tmp_path / "text.txt", tmp_path / "results.json"
    text.write_text(sample_text()[:24_000], encoding="utf-8")
    options = [
        "--macbeth",
        text,
        "--only",
        "long",
        "macbeth",
        "--repeat",
        1,
        "--scale",
        0.05,
        "--peer",
        tmp_path / "no",
    ]
    command = [sys.executable, "-m", "bench", *options, "--out", out]
    done = subprocess.run(
        list(map(str, command)), cwd=ROOT, capture_output=True, text=True, timeout=GENEROUS, check=True
    )
    rows = json.loads(out.read_text())["rows"]
    assert not rows["long"]["ours"] and "--shakespeare" in rows["long"]["failed"][0]
    assert len(rows["macbeth"]["failed"]) == 1 and "no" in rows["macbeth"]["failed"][0]
    found = rows["macbeth"]["ours"][0]
    assert found["curve"][-1][0] >= 2.9 and found["curve"][-1][1] < 5
    assert f"**{found['carried']:.3f}**; second half {found['second_half']:.3f} | –" in done.stdout


def test_finding_copies_is_measured_on_any_text(tmp_path: Path) -> None:
    text = tmp_path / "text.txt"
    text.write_text(sample_text()[:24_000], encoding="utf-8")
    command = [sys.executable, "-m", "bench.copies", str(text), "--megabytes", "0.1"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=GENEROUS)
    assert "A source of 100," in done.stdout and "| a passage of 20,000 characters |" in done.stdout


def test_budgets_are_measured_once_each_and_tabled(tmp_path: Path) -> None:
    text, out = tmp_path / "text.txt", tmp_path / "results.json"
    text.write_text(sample_text()[:24_000], encoding="utf-8")
    options = ["--macbeth", text, "--only", "short", "shakespeare", "--minutes", 0.05, "--out", out]
    command = list(map(str, [sys.executable, "-m", "bench.budgets", *options]))
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=GENEROUS, check=True)
    assert "shakespeare, 0.05 minutes: left out" in done.stderr
    (found,) = json.loads(out.read_text())["runs"]
    assert (found["text"], found["side"]) == ("short", "ours") and found["curve"]
    row = f"| short | **{found['carried']:.3f}** ({found['layers']}×{found['units']}, {found['readings']:.0f} readings"
    assert row in done.stdout
    again = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=GENEROUS, check=True)
    assert row in again.stdout and "after" not in again.stdout.splitlines()[0]


def test_a_text_in_another_script_is_the_same_each_time() -> None:
    text = messages("ru")
    assert len(text) > 20_000 and text == messages("ru")
    assert "Документация Django" in text.splitlines()
