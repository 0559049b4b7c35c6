"""Tests of the native code under sanitizers, which see every step beyond an array and all undefined behaviour."""

import subprocess
from pathlib import Path

import pytest

from tests.trainer.test_native_lstm import every_path
from trainer.engine.native import adamw, library, paths, write

HERE = Path(__file__).parent
SANITIZERS = ("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer")


@pytest.mark.disaster  # needs a C compiler
@pytest.mark.parametrize("source", [library.SOURCE, adamw.SOURCE, write.SOURCE], ids=lambda source: source.stem)
@every_path
def test_no_step_beyond_an_array_and_nothing_undefined(path: paths.Path, source: Path, tmp_path: Path) -> None:
    program, file = HERE / f"{source.stem}_sanitized.c", tmp_path / "sanitized"
    flags = "-std=gnu11", "-O1", "-g", "-pthread", "-Wall", "-Wextra", "-Werror", *SANITIZERS, *path.flags
    subprocess.run(["cc", *flags, f'-DSOURCE="{source}"', str(program), "-o", str(file), "-lm"], check=True)
    ran = subprocess.run([str(file)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
