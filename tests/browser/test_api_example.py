"""The example of docs/api.md, run as it stands there against the whole product."""

import subprocess

from tests.browser.conftest import EXAMPLE


def test_it_uploads_trains_waits_and_prints_what_the_model_writes(
    example: "subprocess.CompletedProcess[str]",
) -> None:
    assert example.returncode == 0, example.stderr
    assert len(example.stdout.rstrip("\n")) > 100


def test_the_example_is_short() -> None:
    lines = [line for line in EXAMPLE.splitlines() if line.strip() and not line.startswith("import")]
    assert len(lines) <= 20
