"""Tests of commands in a shell: with any encoding, in pipes that close, with wrong paths, and with Ctrl-C."""

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.trainer.conftest import ROOT, TINY, Running, Trained, cold_trainer, trainer
from trainer.contract import file_errors
from trainer.contract.wording import counted
from trainer.generation import inspection, loaded_model
from trainer.storage.checkpoints import newest_sound
from trainer.storage.model_directory import ModelDirectory

WAIT = 600  # seconds; more than any machine needs
LONG = ["--steps", "100000", "--checkpoint-seconds", "1000"]
STRANGE = "Élan ☃ 😀 \U0010ffff"
NARROW = [
    {"PYTHONIOENCODING": "ascii"},
    {"PYTHONIOENCODING": "latin-1:strict"},
    {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"},
]
narrow = pytest.mark.parametrize("changed", NARROW, ids=["ascii", "latin-1", "C"])


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "trainer", *map(str, arguments)]


def _hears_interrupts() -> None:
    """Handle Ctrl-C even if the tests run in the background of a shell, where it is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def start(arguments: list[str], **options: Any) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hears_interrupts, **options
    )


def unheard(arguments: list[str], read: int = 0) -> tuple[int, bytes]:
    """Run a command whose reader closes the pipe after `read` bytes. Return its exit code and its error output."""
    reader, writer = os.pipe()
    if not read:
        os.close(reader)  # before anything is written
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=writer, stderr=subprocess.PIPE)
    os.close(writer)
    if read:
        os.read(reader, read)
        os.close(reader)
    _, errors = process.communicate(timeout=WAIT)
    return process.returncode, errors


def encoded(changed: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name != "LANG"} | changed


# Encodings -------------------------------------------------------------------------------------------------------


@narrow
def test_what_an_encoding_lacks_is_escaped(changed: dict[str, str], trained: Trained) -> None:
    run = cold_trainer(
        "sample", trained.path, "--prompt", STRANGE, "--length", 30, env=encoded(changed), errors="replace"
    )
    assert run.code == 0, run.errors
    assert r"\u2603 \U0001f600" in run.output
    assert "Traceback" not in run.errors and r"\u2603" in run.errors


@narrow
def test_lines_for_programs_lose_nothing_in_any_encoding(changed: dict[str, str], trained: Trained) -> None:
    run = cold_trainer("inspect", trained.path, "--text", "a☃😀", "--json", env=encoded(changed))
    read = json.loads(run.output)
    assert (read["symbols"], read["known"], read["unknown"]) == (["a", "☃", "😀"], 1, ["☃", "😀"])


@pytest.mark.parametrize("changed", NARROW[2:], ids=["C"])
def test_files_and_folders_may_be_called_anything(changed: dict[str, str], text: Path, tmp_path: Path) -> None:
    named = tmp_path / "Ünïcode ☃.txt"
    named.write_text(text.read_text() + "☃" * 50)
    out = tmp_path / "mödel ☃"
    run = cold_trainer("train", named, "--out", out, *TINY, "--steps", 5, env=encoded(changed))
    assert (run.code, "Traceback" in run.errors) == (0, False), run.errors
    missing = cold_trainer("score", out, tmp_path / "☃", env=encoded(changed))
    assert missing.code == 2 and "there is no such file" in missing.errors


def test_bytes_that_are_no_character_are_no_traceback(trained: Trained) -> None:
    arguments: list[str | bytes] = [*command("sample", trained.path, "--length", 5, "--json", "--prompt"), b"\xff\xe9"]
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, timeout=WAIT)
    assert done.returncode == 0, done.stderr


def test_serve_reads_utf_8_whatever_the_locale(trained: Trained) -> None:
    asked = {"id": 1, "do": "inspect", "model": str(trained.path), "text": "☃"}
    lines = json.dumps(asked, ensure_ascii=False).encode() + b"\n" + b'{"id": "\xff"}\n'
    process = start(command("serve"), stdin=subprocess.PIPE, env=encoded(NARROW[0]))
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(lines)
    process.stdin.flush()
    answers = [json.loads(process.stdout.readline()) for _ in range(2)]
    process.communicate(timeout=WAIT)
    assert {answer["event"] for answer in answers} == {"done", "failed"}
    assert next(answer for answer in answers if answer["event"] == "done")["unknown"] == ["☃"]


# Pipes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("read", "form"), [(20, []), (0, ["--json"])], ids=["people", "json"])
def test_who_stops_reading_ends_the_writing_quietly(read: int, form: list[str], trained: Trained) -> None:
    code, errors = unheard(command("sample", trained.path, "--length", 1_000_000, *form), read)
    assert (code, errors) == (141, b"")


@pytest.mark.parametrize("name", ["score", "inspect", "baselines"])
def test_nobody_to_read_a_result_is_no_error_to_tell(name: str, trained: Trained, text: Path) -> None:
    arguments = {
        "score": command("score", trained.path, text),
        "inspect": command("inspect", trained.path, "--text", "to be", "--json"),
        "baselines": command("baselines", text),
    }
    assert unheard(arguments[name]) == (141, b"")


def test_serve_ends_when_nobody_reads_its_answers(trained: Trained) -> None:
    process = start(command("serve"), stdin=subprocess.PIPE)
    assert process.stdin is not None and process.stdout is not None
    process.stdout.close()
    process.stdin.write(b'{"id": 1, "do": "ping"}\n')
    process.stdin.flush()
    assert process.wait(timeout=WAIT) == 141
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
    process.stdin.close()
    process.stderr.close()


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["people", "json"])
def test_a_training_that_nobody_hears_stops_after_a_checkpoint(form: list[str], text: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    process = start(command("train", text, "--out", out, *TINY, *LONG, *form))
    assert process.stdout is not None
    while "step" not in process.stdout.readline().decode():
        pass
    process.stdout.close()
    _, errors = process.communicate(timeout=WAIT)
    assert process.returncode == 3
    assert b"Traceback" not in errors and b"Broken pipe" not in errors
    assert newest_sound(out / "checkpoints") is not None


def test_the_bar_may_be_what_nobody_reads_any_more(text: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    arguments = command("train", text, "--out", out, *TINY, *LONG)
    process = subprocess.Popen(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    while b"%" not in process.stdout.read(20):
        pass
    process.stdout.close()
    assert process.wait(timeout=WAIT) == 3
    assert newest_sound(out / "checkpoints") is not None


@pytest.mark.parametrize("closed", [(1,), (0, 1, 2)], ids=str)
def test_streams_that_were_closed_at_the_start_lead_nowhere(
    closed: tuple[int, ...], text: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    shut = " ".join(f"{number}>&-" for number in closed)
    run = subprocess.run(
        ["sh", "-c", f'"$@" {shut}', "sh", *command("train", text, "--out", out, *TINY, "--steps", 5)],
        cwd=ROOT,
        capture_output=True,
        timeout=WAIT,
    )
    assert run.returncode == 0 and b"Traceback" not in run.stderr
    ModelDirectory(out).check()
    assert (out / "samples.jsonl").read_text().startswith('{"event": "sample"')


def test_a_full_disk_below_standard_output_is_called_that(trained: Trained) -> None:
    with Path("/dev/full").open("w") as full:
        arguments = command("sample", trained.path, "--length", 5)
        run = subprocess.run(arguments, cwd=ROOT, stdout=full, stderr=subprocess.PIPE, timeout=WAIT)
    assert run.returncode == 1
    assert run.stderr.decode().splitlines() == [
        "A file could not be read or written: the disk is full. Make room on the disk."
    ]


def test_a_standard_error_that_cannot_be_written_costs_nothing(text: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    with Path("/dev/full").open("w") as full:
        for arguments, code in (
            (command("train", text, "--out", out, *TINY, "--steps", 5), 0),
            (command("sample", out, "--prompt", "☃", "--length", 5), 0),
            (command("sample", tmp_path / "nowhere"), 2),
        ):
            run = subprocess.run(arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=full, timeout=WAIT)
            assert run.returncode == code


# Ctrl-C ----------------------------------------------------------------------------------------------------------


def interrupt(process: "subprocess.Popen[bytes]") -> tuple[int, bytes]:
    """Press Ctrl-C until the command has ended. Python loses one that comes just before a program begins to wait."""
    errors = b""
    while process.returncode is None:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            _, errors = process.communicate(timeout=5)
    return process.returncode, errors


def test_an_interrupted_sample_ends_quietly(trained: Trained) -> None:
    process = start(command("sample", trained.path, "--length", 10_000_000))
    assert process.stdout is not None
    process.stdout.read(1)
    assert interrupt(process) == (130, b"")


@pytest.mark.parametrize("name", ["score", "baselines", "train"])
def test_what_waits_for_a_text_can_be_left(name: str, trained: Trained, tmp_path: Path) -> None:
    fifo = tmp_path / "text"
    os.mkfifo(fifo)
    arguments = {
        "score": command("score", trained.path, fifo),
        "baselines": command("baselines", fifo),
        "train": command("train", "-", "--out", tmp_path / "model", *TINY),
    }
    process = start(["sh", "-c", f'exec "$@" < {fifo}', "sh", *arguments[name]] if name == "train" else arguments[name])
    with fifo.open("w") as writer:
        if name == "train":
            writer.write("x" * (1 << 20))  # more than a pipe can hold, so the command is reading it
            writer.flush()
        code, errors = interrupt(process)
    assert (code, b"Traceback" in errors) == (130, False)


def test_an_interrupted_training_leaves_a_checkpoint(text: Path, tmp_path: Path) -> None:
    training = Running("train", text, "--out", tmp_path / "model", *TINY, *LONG, "--json")
    training.until("evaluated")
    assert training.end(signal.SIGINT) == 3
    assert newest_sound(tmp_path / "model" / "checkpoints") is not None


# Paths -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def paths(text: Path, tmp_path: Path) -> dict[str, Path]:
    """Paths that are wrong, each for another reason."""
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    return {
        "missing": tmp_path / "nowhere" / "x",
        "file": text,
        "below a file": text / "x",
        "too long": tmp_path / ("x" * 300),
        "loop": tmp_path / "loop",
    }


@pytest.mark.parametrize(
    ("kind", "says"),
    [
        ("file", "something else has this name already. Choose another name"),
        ("below a file", "a part of this path is a file"),
        ("too long", "this name is too long. Choose a shorter one"),
        ("loop", "something else has this name already"),
    ],
)
def test_where_no_model_can_go(kind: str, says: str, paths: dict[str, Path], text: Path) -> None:
    run = trainer("train", text, "--out", paths[kind], *TINY, "--steps", 5)
    assert run.code == 2
    assert says in run.errors and "disk" not in run.errors and len(run.errors.splitlines()) == 1


@pytest.mark.parametrize("name", ["sample", "score", "inspect", "from"])
@pytest.mark.parametrize("kind", ["missing", "file", "below a file", "too long", "loop"])
def test_where_there_is_no_model(name: str, kind: str, paths: dict[str, Path], text: Path, tmp_path: Path) -> None:
    arguments: dict[str, list[object]] = {
        "sample": ["sample", paths[kind]],
        "score": ["score", paths[kind], text],
        "inspect": ["inspect", paths[kind], "--text", "x"],
        "from": ["train", text, "--out", tmp_path / "out", "--from", paths[kind]],
    }
    run = trainer(*arguments[name])
    assert run.code == 2
    assert str(paths[kind]) in run.errors and "disk" not in run.errors and len(run.errors.splitlines()) == 1


@pytest.mark.parametrize("kind", ["missing", "below a file", "too long", "loop"])
def test_where_there_is_no_text(kind: str, paths: dict[str, Path], trained: Trained) -> None:
    for arguments in (
        command("score", trained.path, paths[kind]),
        command("baselines", paths[kind]),
    ):
        run = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=WAIT)
        assert run.returncode == 2
        assert str(paths[kind]) in run.stderr and "disk" not in run.stderr and len(run.stderr.splitlines()) == 1


def test_room_on_the_disk_is_asked_for_only_where_it_lacks() -> None:
    said = {number: file_errors.advice(OSError(number, os.strerror(number), "x")) for number in errno.errorcode}
    rooms = {errno.errorcode[number] for number, advice in said.items() if "room" in advice}
    assert rooms == {"ENOSPC", "EDQUOT"}


# Standard input --------------------------------------------------------------------------------------------------


def test_a_training_reads_standard_input_among_files(text: Path, trained: Trained, tmp_path: Path) -> None:
    more = tmp_path / "more.txt"
    more.write_text("More to read. " * 100)
    run = trainer(
        "train", "-", more, "--out", tmp_path / "model", *TINY, "--steps", 5, "--json", input=text.read_text()
    )
    assert run.code == 0, run.errors
    assert run.events[0]["characters"] == len(text.read_text()) + len(more.read_text())


def test_a_training_on_standard_input_is_resumed_with_it(text: Path, trained: Trained, tmp_path: Path) -> None:
    options = ["--out", tmp_path / "model", *TINY, "--resume", "--json"]
    first = trainer("train", "-", *options, "--steps", 60, input=text.read_text())
    again = trainer("train", "-", *options, "--steps", 60, input=text.read_text())
    assert (first.code, again.code) == (0, 0), again.errors
    assert again.events[0]["step"] == 60
    assert (tmp_path / "model" / "weights.safetensors").read_bytes() == (
        trained.path / "weights.safetensors"
    ).read_bytes()


@pytest.mark.parametrize("name", ["train", "score", "baselines"])
def test_an_empty_standard_input_is_named(name: str, trained: Trained, tmp_path: Path) -> None:
    arguments = {
        "train": command("train", "-", "--out", tmp_path / "model"),
        "score": command("score", trained.path, "-"),
        "baselines": command("baselines", "-"),
    }
    run = subprocess.run(arguments[name], cwd=ROOT, capture_output=True, text=True, input="", timeout=WAIT)
    assert run.returncode == 2
    assert run.stderr.startswith("standard input: ") and "empty" in run.stderr


def test_a_score_reads_standard_input(text: Path, trained: Trained) -> None:
    run = trainer("score", trained.path, "-", "--json", input=text.read_text())
    assert json.loads(run.output)["baselines"] == trained.run.named("finished")[0]["score"]["baselines"]


def test_standard_input_has_one_use(text: Path, tmp_path: Path) -> None:
    supervised = trainer("train", "-", "--out", tmp_path / "model", "--supervised", input=text.read_text())
    assert supervised.code == 2 and "standard input" in supervised.errors
    twice = trainer("train", "-", "-", "--out", tmp_path / "model", input=text.read_text())
    assert twice.code == 2 and "only once" in twice.errors
    assert not (tmp_path / "model").exists()


# Words -----------------------------------------------------------------------------------------------------------


def test_what_inspect_does_not_know_is_said(trained: Trained) -> None:
    model = loaded_model.load(trained.path)
    said = {text: inspection.table(inspection.inspect(model, text)) for text in ("to ☃", "to be")}
    assert "has never seen '☃'" in said["to ☃"] and "nothing" not in said["to ☃"]
    assert "never seen" not in said["to be"]
    assert "knows nothing of this text" in trainer("inspect", trained.path, "--text", "☃☃").output


def test_one_is_singular(trained: Trained) -> None:
    assert [counted(number, "character") for number in (0, 1, 2000)] == [
        "0 characters",
        "1 character",
        "2,000 characters",
    ]
    assert "too short to judge: 1 character," in trainer("score", trained.path, "-", input="a").output
