"""The operator's commands in pipelines: terminals with only ASCII, and pipes that close early."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

Manage = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture(scope="module")
def manage(tmp_path_factory: pytest.TempPathFactory) -> Manage:
    """Start `manage.py …` on a data folder with tables, in an encoding that has only ASCII."""
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "UNDERSTUDY_WORK")}
    data = tmp_path_factory.mktemp("manage") / "däta ☃"
    data.mkdir()
    environment = kept | {"PYTHONIOENCODING": "ascii", "UNDERSTUDY_DATA": str(data)}

    def start(*arguments: str, stdout: int = subprocess.PIPE) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.Popen(command, cwd=ROOT, env=environment, stdout=stdout, stderr=subprocess.PIPE)

    code, _, errors = end(start("migrate", "--verbosity", "0"))
    assert code == 0, errors
    left = data / "work" / "models" / "☃"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))  # long ago
    return start


def end(process: "subprocess.Popen[bytes]") -> tuple[int, str, str]:
    output, errors = process.communicate(timeout=600)
    return process.returncode, output.decode(), errors.decode()


def test_names_that_an_encoding_lacks_are_escaped(manage: Manage) -> None:
    code, _, errors = end(manage("limits", "☃"))
    assert code == 1
    assert "There is nobody called '\\u2603'" in errors and "Traceback" not in errors
    code, output, errors = end(manage("orphans"))
    assert (code, "\\u2603" in output, "Traceback" in errors) == (0, True, False)


@pytest.mark.parametrize("command", ["orphans", "help"])
def test_who_stops_reading_ends_a_command_quietly(command: str, manage: Manage) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = manage(command, stdout=writer)
    os.close(writer)
    _, errors = process.communicate(timeout=600)
    assert (process.returncode, errors) == (141, b"")
