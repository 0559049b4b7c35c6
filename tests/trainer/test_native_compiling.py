"""Tests of how the native LSTM is compiled and kept: whatever goes wrong costs a line, and the training runs."""

import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.support.disasters import full, small_disk
from tests.trainer.conftest import ROOT, SHALLOW, Run, cold_trainer, trainer
from trainer.engine import processor
from trainer.engine.native import compiling, library, paths

RUBBISH = "#!/bin/sh\nprintf '\\377\\001 what error\\n' >&2; printf rubbish\n"


def _best() -> str:
    """Return the name of the best path of this processor, with the products that trainings have on it."""
    known, half = processor.instructions(), processor.multiplies_bfloat16()
    return next(path.name for path in paths.PATHS if path.half == half and known.issuperset(path.instructions))


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Libraries are kept in a folder of this test's own, and the best path is used."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv(paths.SETTING, _best())


@pytest.fixture(scope="module")
def with_memory(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A PATH with a compiler that compiles a source once. To the same order it gives the same object again."""
    folder = tmp_path_factory.mktemp("compiler")
    script = f"""#!/bin/sh
case "$*" in *" -c "*) ;; *) exec {shutil.which("cc")} "$@" ;; esac
for made; do :; done
order="$*"
kept={folder}/$(echo "${{order% -o *}}" | cksum | tr " " -).o
[ -f $kept ] && exec cp $kept "$made"
{shutil.which("cc")} "$@" && cp "$made" $kept.$$ && mv $kept.$$ $kept
"""
    return f"{_program(folder, 'cc', script).parent}:{os.environ['PATH']}"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory, with_memory: str) -> Path:
    """A folder of libraries that were compiled with a compiler on the PATH."""
    folder = tmp_path_factory.mktemp("compiled")
    assert "native" in _compile(XDG_CACHE_HOME=str(folder), PATH=with_memory, **{paths.SETTING: _best()})
    return folder


def _program(folder: Path, name: str, script: str) -> Path:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(script)
    file.chmod(0o755)
    return file


def _without_zig(folder: Path) -> str:
    """Return a PYTHONPATH on which the package `ziglang` has no compiler."""
    (folder / "ziglang").mkdir(parents=True)
    (folder / "ziglang" / "__init__.py").touch()
    return str(folder)


def _compile(**environment: str) -> str:
    """Run what the set-up runs, and return what it says."""
    command = [sys.executable, "-m", "trainer.engine.native"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, timeout=200
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def _kept(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "cache" / "understudy").iterdir())


def _sources(kept: list[Path]) -> list[str]:
    return [path.name.partition("-")[0] for path in kept]


def _train(text: Path, model: Path) -> Run:
    return trainer("train", text, "--out", model, *SHALLOW, "--steps", 4, "--json")


def test_a_compiler_on_the_path_is_used_and_its_library_is_kept(
    compiled: Path, with_memory: str, tmp_path: Path
) -> None:
    shutil.copytree(compiled, tmp_path / "cache")
    kept = _kept(tmp_path)
    assert _sources(kept) == ["adamw", "lstm", "write"]
    about = [path.stat() for path in kept]
    assert "native" in _compile(PATH=f"{tmp_path}:{with_memory}")
    assert [path.stat().st_mtime_ns for path in _kept(tmp_path)] == [one.st_mtime_ns for one in about]
    assert stat.S_IMODE((tmp_path / "cache" / "understudy").stat().st_mode) == 0o700


def test_without_a_compiler_on_the_path_the_one_of_the_package_compiles(tmp_path: Path) -> None:
    assert "native" in _compile(PATH=str(tmp_path / "nothing"))
    assert _sources(_kept(tmp_path)) == ["adamw", "lstm", "write"]


def test_a_training_without_any_compiler_says_so_and_runs(text: Path, tmp_path: Path) -> None:
    environment = {"PATH": str(tmp_path / "nothing"), "PYTHONPATH": _without_zig(tmp_path / "packages")}
    arguments = ["train", text, "--out", tmp_path / "model", *SHALLOW, "--steps", 4, "--json"]
    run = cold_trainer(*arguments, env={**os.environ, **environment})  # its own path for packages needs a start
    assert run.code == 0, run.errors
    assert run.errors == ""
    assert run.events[0]["loops"].startswith("XLA, since")
    assert "no C compiler" in run.events[0]["loops"]


def test_the_setting_switches_it_off(text: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(paths.SETTING, "0")
    run = _train(text, tmp_path / "model")
    assert run.code == 0, run.errors
    assert paths.SETTING in run.events[0]["loops"]
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(("half", "named"), [(True, "avx2"), (False, "amx")], ids=["bfloat16", "float32"])
def test_a_path_that_has_other_products_is_not_called_missing(
    half: bool, named: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "instructions", lambda: frozenset(paths.PATHS[0].instructions))
    monkeypatch.setenv(paths.SETTING, named)
    assert paths.available(half) == []
    kind = "bfloat16" if half else "float32"
    assert paths.why_none(half) == (
        f"UNDERSTUDY_NATIVE is {named}, and that path does not compute {kind} products on this processor"
    )
    monkeypatch.setattr(processor, "instructions", lambda: frozenset())
    assert paths.why_none(half) == "there are no native loops for this processor"


def test_a_training_compiles_by_itself_and_says_what_it_uses(
    text: Path, with_memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", with_memory)
    run = _train(text, tmp_path / "model")
    assert run.code == 0, run.errors
    assert run.events[0]["loops"].startswith("native, ")
    assert _sources(_kept(tmp_path)) == ["adamw", "lstm", "write"]


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("#!/bin/sh\nexit 1\n", "ended with 1"),
        ("#!/bin/sh\necho rubbish\n", "made no library"),
        (RUBBISH, "made no library"),
        ("#!/bin/sh\nwhile [ $# -gt 0 ]; do [ $1 = -o ] && echo rubbish >$2; shift; done; true\n", "does not work"),
        ("#!/bin/sh\nkill -11 $$\n", "ended with -11"),
        ("not a program", "cc: "),
    ],
    ids=["fails", "makes nothing", "prints rubbish", "makes rubbish", "crashes", "is none"],
)
def test_a_broken_compiler_costs_a_line(tmp_path: Path, script: str, reason: str) -> None:
    broken = _program(tmp_path / "bin", "cc", script).parent
    told = _compile(PATH=f"{broken}:/nowhere", PYTHONPATH=_without_zig(tmp_path / "packages"))
    assert "XLA, since" in told and reason in told, told
    assert _kept(tmp_path) == []


def test_after_a_broken_compiler_the_next_one_is_tried(with_memory: str, tmp_path: Path) -> None:
    broken = _program(tmp_path / "bin", "cc", "#!/bin/sh\nexit 1\n")
    broken.with_name("gcc").symlink_to(str(shutil.which("cc", path=with_memory)))
    assert "native" in _compile(PATH=f"{broken.parent}:{os.environ['PATH']}")


def test_a_library_that_computes_something_else_is_not_kept(tmp_path: Path) -> None:
    changes = {"vectors.h": ("2.0f * LOG2_E", "2.5f * LOG2_E"), "adamw.c": ("* s.first", "* s.second")}
    for source in (ROOT / "trainer" / "engine" / "native").glob("*.[ch]"):
        (tmp_path / source.name).write_text(source.read_text().replace(*changes.get(source.name, ("", ""))))
    script = f"""#!/bin/sh
for argument; do
  case $argument in *.c) argument={tmp_path}/${{argument##*/}} ;; esac
  set -- "$@" "$argument"
  shift
done
exec CC "$@"
"""
    script = script.replace("CC", next(compiling.compilers()).command[0])
    only = _program(tmp_path / "bin", "cc", script)
    for name in filter(shutil.which, ("as", "ld")):  # a compiler may look for them on the PATH
        only.with_name(name).symlink_to(str(shutil.which(name)))
    environment = {"PATH": str(tmp_path / "bin"), "PYTHONPATH": _without_zig(tmp_path / "packages")}
    assert "made a library that does not work" in _compile(**environment)
    assert _kept(tmp_path) == []


def test_a_compiler_that_hangs_is_ended_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    child = tmp_path / "child"
    hanging = _program(tmp_path / "bin", "cc", f"#!/bin/sh\nsleep 1000 & echo $! >{child}; wait\n").parent
    monkeypatch.setenv("PATH", f"{hanging}:{os.environ['PATH']}")
    monkeypatch.setattr(compiling, "_PROGRAMS", ("cc",))
    monkeypatch.setattr(compiling, "SECONDS", 0.5)
    monkeypatch.setattr(compiling, "_hanging", set())
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(compiling.NotCompiled, match=r"did not end within 0\.5 seconds"):
        library.compiled(paths.PATHS[-1])
    with pytest.raises(compiling.NotCompiled, match="did not end before"):  # and no second wait
        library.compiled(paths.PATHS[-1])
    with pytest.raises(ProcessLookupError):
        while True:  # the kernel needs a moment to bury it
            os.kill(int(child.read_text()), 0)
            time.sleep(0.01)


def test_a_folder_that_cannot_be_written_costs_a_line(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where the folder should be")
    assert "XLA, since the native loops could not be compiled: there is no folder" in _compile()


@pytest.mark.disaster
def test_a_full_disk_costs_a_line(tmp_path: Path) -> None:
    packages = _without_zig(tmp_path / "packages")  # it would try as long as the other, to no other end
    with small_disk(tmp_path / "cache", megabytes=1) as disk, full(disk):
        assert "XLA, since the native loops could not be compiled" in _compile(PYTHONPATH=packages)


@pytest.mark.disaster
def test_a_disk_that_is_read_only_costs_a_line(text: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "cache") as disk:
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        run = _train(text, tmp_path / "model")
    assert run.code == 0, run.errors
    assert "Read-only" in run.events[0]["loops"]


def test_a_folder_that_others_may_write_into_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "cache" / "understudy").mkdir(parents=True)
    (tmp_path / "cache" / "understudy").chmod(0o777)
    assert "others may write" in _compile()
    assert _kept(tmp_path) == []


def test_without_a_home_it_costs_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", lambda: Path("/proc/nowhere"))
    with pytest.raises(compiling.NotCompiled, match="there is no folder"):
        library.compiled(paths.PATHS[-1])


@pytest.mark.parametrize("damage", [b"", b"rubbish"])
def test_a_damaged_library_is_compiled_again(compiled: Path, with_memory: str, tmp_path: Path, damage: bytes) -> None:
    shutil.copytree(compiled, tmp_path / "cache")
    for path in _kept(tmp_path):
        path.write_bytes(damage)
    assert "native" in _compile(PATH=with_memory)
    assert all(path.stat().st_size > 10_000 for path in _kept(tmp_path))


def test_several_at_once_leave_one_library_that_works(with_memory: str, tmp_path: Path) -> None:
    told: list[str] = []
    several = [threading.Thread(target=lambda: told.append(_compile(PATH=with_memory))) for _ in range(2)]
    for one in several:
        one.start()
    for one in several:
        one.join()
    assert ["native" in one for one in told] == [True] * 2
    assert _sources(_kept(tmp_path)) == ["adamw", "lstm", "write"]


def test_a_processor_without_the_instructions_uses_xla(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor, "instructions", lambda: frozenset({"sse2", "avx"}))
    library.chosen.cache_clear()
    try:
        assert library.chosen(True) == library.chosen(False)
        assert library.chosen(True) == (None, "XLA, since there are no native loops for this processor")
    finally:
        library.chosen.cache_clear()
