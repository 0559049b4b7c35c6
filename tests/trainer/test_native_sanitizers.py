"""Tests of the native LSTM under sanitizers, which see every step beyond an array and all undefined behaviour."""

import subprocess
from pathlib import Path

import pytest

from tests.trainer.test_native_lstm import every_path
from trainer.engine.native import library
from trainer.engine.native import paths as native_paths

PROGRAM = Path(__file__).with_name("native_sanitized.c")
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")


@pytest.mark.disaster  # needs a C compiler
@every_path
def test_no_step_beyond_an_array_and_nothing_undefined(path: native_paths.Path, tmp_path: Path) -> None:
    program = tmp_path / "sanitized"
    flags = "-std=gnu11", "-O1", "-g", "-pthread", "-Wall", "-Wextra", "-Werror", *SANITIZERS, *path.flags
    source = f'-DNATIVE_LSTM="{library.SOURCE}"'
    subprocess.run(["cc", *flags, source, str(PROGRAM), "-o", str(program), "-lm"], check=True)
    ran = subprocess.run([str(program)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
