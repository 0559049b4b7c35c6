"""Tests of commands in a shell: with any encoding, in pipes that close, with wrong paths, and with Ctrl-C.

The start and the end of Python itself are tested with commands that need no TensorFlow, or with one that also tests a
locale: `cold_trainer` and `start`. All others are forked.
"""

import contextlib
import errno
import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from tests.support.warm_trainer import WarmTrainer
from tests.trainer.conftest import (
    ROOT,
    SHALLOW,
    Run,
    Running,
    Trained,
    assert_same_training,
    cold_trainer,
    trainer,
)
from trainer.contract import file_errors
from trainer.contract.wording import counted
from trainer.generation import loaded_model
from trainer.inspection import gates
from trainer.storage.checkpoints import newest_sound
from trainer.storage.model_directory import ModelDirectory

WAIT = 600  # seconds; more than any machine needs
LONG = ["--steps", "100000", "--checkpoint-seconds", "1000"]
STRANGE = "Élan ☃ 😀 \U0010ffff"
NARROW = pytest.mark.parametrize("encoding", ["ascii", "latin-1:strict"])
#: The locale C, and a library for Keras that is not there.
ABROAD = {name: value for name, value in os.environ.items() if name != "LANG"}
ABROAD |= {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "KERAS_BACKEND": "jax"}


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "trainer", *map(str, arguments)]


def _hears_interrupts() -> None:
    """Handle Ctrl-C even if the tests run in the background of a shell, where it is ignored."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def start(arguments: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        arguments, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=_hears_interrupts
    )


def unheard(*arguments: object, after: bytes = b"", errors_too: bool = False) -> tuple[int, bytes]:
    """Run a command whose reader closes the pipe once it has read something; if `after` is empty, before it starts.

    Return the exit code and the error output. With `errors_too`, that goes into the same pipe.
    """
    reader, writer = os.pipe()
    with tempfile.TemporaryFile() as errors:
        if not after:
            os.close(reader)
        process = WarmTrainer(arguments, writer, writer if errors_too else errors.fileno())
        os.close(writer)
        if after:
            with os.fdopen(reader, "rb", 0) as output:
                while after not in output.read(1000):
                    pass
        code = process.wait(WAIT)
        errors.seek(0)
        return code, errors.read()


# Encodings -------------------------------------------------------------------------------------------------------


@NARROW
def test_what_an_encoding_lacks_is_escaped(encoding: str, trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    run = trainer("sample", trained.path, "--prompt", STRANGE, "--length", 30)
    assert run.code == 0, run.errors
    assert r"\u2603 \U0001f600" in run.output
    assert "Traceback" not in run.errors and r"\u2603" in run.errors


@NARROW
def test_lines_for_programs_lose_nothing_in_any_encoding(
    encoding: str, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    run = trainer("inspect", trained.path, "--text", "a☃😀", "--json")
    read = json.loads(run.output)
    assert (read["symbols"], read["known"], read["unknown"]) == (["a", "☃", "😀"], 1, ["☃", "😀"])


@pytest.fixture(scope="module")
def abroad(text: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Run]:
    """A training in the environment ABROAD, of a text and in a folder whose names the locale lacks."""
    folder = tmp_path_factory.mktemp("abroad")
    named, out = folder / "Ünïcode ☃.txt", folder / "mödel ☃"
    named.write_text(text.read_text() + "☃" * 50)
    return out, cold_trainer("train", named, "--out", out, *SHALLOW, "--steps", 5, env=ABROAD)


def test_the_locale_c_keeps_names_and_escapes_what_it_lacks(abroad: tuple[Path, Run], tmp_path: Path) -> None:
    out, run = abroad
    assert (run.code, "Traceback" in run.errors) == (0, False), run.errors
    ModelDirectory(out).check()
    written = cold_trainer("sample", out, "--prompt", STRANGE, "--length", 5, env=ABROAD)
    assert written.code == 0 and r"\u2603 \U0001f600" in written.output
    assert "Traceback" not in written.errors and r"\U0001f600" in written.errors
    missing = cold_trainer("baselines", tmp_path / "☃", env=ABROAD)
    assert missing.code == 2 and "there is no such file" in missing.errors


def test_it_computes_with_tensorflow_whatever_keras_was_told(abroad: tuple[Path, Run]) -> None:
    assert ABROAD["KERAS_BACKEND"] == "jax"
    assert abroad[1].code == 0, abroad[1].errors


def test_bytes_that_are_no_character_are_no_traceback(trained: Trained) -> None:
    run = trainer("sample", trained.path, "--length", 5, "--json", "--prompt", os.fsdecode(b"\xff\xe9"))
    assert run.code == 0, run.errors


def test_serve_reads_utf_8_whatever_the_locale(trained: Trained, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    asked = {"id": 1, "do": "inspect", "model": str(trained.path), "text": "☃"}
    lines = json.dumps(asked, ensure_ascii=False).encode() + b"\n" + b'{"id": "\xff"}\n'
    read, write = os.pipe()
    process = WarmTrainer(["serve"], write)
    os.close(write)
    with os.fdopen(read) as output, process.stdin:
        process.stdin.buffer.write(lines)
        process.stdin.buffer.flush()
        answers = [json.loads(output.readline()) for _ in range(2)]
    assert process.wait(WAIT) == 0
    assert {answer["event"] for answer in answers} == {"done", "failed"}
    assert next(answer for answer in answers if answer["event"] == "done")["unknown"] == ["☃"]


# Pipes -----------------------------------------------------------------------------------------------------------


def test_who_stops_reading_ends_the_writing_quietly(trained: Trained) -> None:
    wanted = ["sample", trained.path, "--length", 1_000_000]
    assert unheard(*wanted, after=b"e") == (141, b"")
    assert unheard(*wanted, "--json") == (141, b"")


@pytest.mark.parametrize("name", ["score", "inspect"])
def test_nobody_to_read_a_result_is_no_error_to_tell(name: str, trained: Trained, text: Path) -> None:
    arguments: dict[str, list[object]] = {"score": [text], "inspect": ["--text", "to be", "--json"]}
    assert unheard(name, trained.path, *arguments[name]) == (141, b"")


def test_python_itself_tells_no_error_either_where_nobody_reads(text: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    run = subprocess.run(command("baselines", text), cwd=ROOT, stdout=writer, stderr=subprocess.PIPE, timeout=WAIT)
    os.close(writer)
    assert (run.returncode, run.stderr) == (141, b"")


def test_serve_ends_when_nobody_reads_its_answers() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with tempfile.TemporaryFile() as errors:
        process = WarmTrainer(["serve"], writer, errors.fileno())
        os.close(writer)
        process.stdin.write('{"id": 1, "do": "ping"}\n')
        process.stdin.flush()
        assert process.wait(WAIT) == 141
        errors.seek(0)
        assert b"Traceback" not in errors.read()


@pytest.mark.parametrize(
    ("form", "errors_too", "after"),
    [([], False, b"step"), (["--json"], False, b"step"), ([], True, b"%")],
    ids=["people", "json", "the bar"],
)
def test_a_training_that_nobody_hears_stops_after_a_checkpoint(
    form: list[str], errors_too: bool, after: bytes, text: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    code, errors = unheard("train", text, "--out", out, *SHALLOW, *LONG, *form, after=after, errors_too=errors_too)
    assert code == 3
    assert b"Traceback" not in errors and b"Broken pipe" not in errors
    assert newest_sound(out / "checkpoints") is not None


@pytest.mark.parametrize("closed", [(1,), (0, 1, 2)], ids=str)
def test_a_training_whose_streams_were_closed_at_the_start_is_whole(
    closed: tuple[int, ...], text: Path, tmp_path: Path
) -> None:
    out = tmp_path / "model"
    run = trainer("train", text, "--out", out, *SHALLOW, "--steps", 5, closed=closed)
    assert run.code == 0 and "Traceback" not in run.errors
    ModelDirectory(out).check()
    assert (out / "samples.jsonl").read_text().startswith('{"event": "sample"')


def test_streams_that_were_closed_at_pythons_start_lead_nowhere(text: Path) -> None:
    for closed in ("1>&-", "0>&- 1>&- 2>&-"):
        arguments = ["sh", "-c", f'"$@" {closed}', "sh", *command("baselines", text)]
        run = subprocess.run(arguments, cwd=ROOT, capture_output=True, timeout=WAIT)
        assert (run.returncode, run.stdout, run.stderr) == (0, b"", b"")


def test_a_full_disk_below_standard_output_is_called_that(trained: Trained) -> None:
    with Path("/dev/full").open("w") as full, tempfile.TemporaryFile() as errors:
        process = WarmTrainer(["sample", trained.path, "--length", 5], full.fileno(), errors.fileno())
        assert process.wait(WAIT) == 1
        errors.seek(0)
        said = errors.read().decode().splitlines()
    assert said == ["A file could not be read or written: the disk is full. Make room on the disk."]


def test_a_standard_error_that_cannot_be_written_costs_nothing(text: Path, tmp_path: Path) -> None:
    out = tmp_path / "model"
    with Path("/dev/full").open("w") as full, Path("/dev/null").open("w") as output:
        for arguments, code in (
            (["train", text, "--out", out, *SHALLOW, "--steps", 5], 0),
            (["sample", out, "--prompt", "☃", "--length", 5], 0),
            (["sample", tmp_path / "nowhere"], 2),
        ):
            assert WarmTrainer(arguments, output.fileno(), full.fileno()).wait(WAIT) == code
        run = subprocess.run(command("sample", tmp_path / "nowhere"), cwd=ROOT, stderr=full, timeout=WAIT)
        assert run.returncode == 2


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
    read, write = os.pipe()
    with tempfile.TemporaryFile() as errors, os.fdopen(read, "rb", 0) as output:
        process = WarmTrainer(["sample", trained.path, "--length", 10_000_000], write, errors.fileno())
        os.close(write)
        output.read(1)
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT) == 130
        errors.seek(0)
        assert errors.read() == b""


@pytest.mark.parametrize("name", ["score", "baselines", "train"])
def test_what_waits_for_a_text_can_be_left(name: str, trained: Trained, tmp_path: Path) -> None:
    fifo = tmp_path / "text"
    os.mkfifo(fifo)
    arguments = {
        "score": command("score", trained.path, fifo),
        "baselines": command("baselines", fifo),
        "train": command("train", "-", "--out", tmp_path / "model", *SHALLOW),
    }
    process = start(["sh", "-c", f'exec "$@" < {fifo}', "sh", *arguments[name]] if name == "train" else arguments[name])
    with fifo.open("w") as writer:
        if name == "train":
            writer.write("x" * (1 << 20))  # more than a pipe can hold, so the command is reading it
            writer.flush()
        code, errors = interrupt(process)
    assert (code, b"Traceback" in errors) == (130, False)


def test_an_interrupted_training_leaves_a_checkpoint(text: Path, tmp_path: Path) -> None:
    training = Running("train", text, "--out", tmp_path / "model", *SHALLOW, *LONG, "--json")
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
    run = trainer("train", text, "--out", paths[kind], *SHALLOW, "--steps", 5)
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
    for arguments in (["score", trained.path], ["baselines"]):
        run = trainer(*arguments, paths[kind])
        assert run.code == 2
        assert str(paths[kind]) in run.errors and "disk" not in run.errors and len(run.errors.splitlines()) == 1


def test_room_on_the_disk_is_asked_for_only_where_it_lacks() -> None:
    said = {number: file_errors.advice(OSError(number, os.strerror(number), "x")) for number in errno.errorcode}
    rooms = {errno.errorcode[number] for number, advice in said.items() if "room" in advice}
    assert rooms == {"ENOSPC", "EDQUOT"}


# Standard input --------------------------------------------------------------------------------------------------


def test_a_training_reads_standard_input_among_files(text: Path, trained: Trained, tmp_path: Path) -> None:
    more = tmp_path / "more.txt"
    more.write_text("More to read. " * 100)
    run = trainer(
        "train", "-", more, "--out", tmp_path / "model", *SHALLOW, "--steps", 5, "--json", input=text.read_text()
    )
    assert run.code == 0, run.errors
    assert run.events[0]["characters"] == len(text.read_text()) + len(more.read_text())


def test_a_training_on_standard_input_is_resumed_with_it(text: Path, shallow: Trained, tmp_path: Path) -> None:
    options = ["--out", tmp_path / "model", *SHALLOW, "--steps", 5, "--resume", "--json"]
    first = trainer("train", "-", *options, input=text.read_text())
    again = trainer("train", "-", *options, input=text.read_text())
    assert (first.code, again.code) == (0, 0), again.errors
    assert again.events[0]["step"] == 5
    assert_same_training(tmp_path / "model", shallow.path)


@pytest.mark.parametrize("name", ["train", "score", "baselines"])
def test_an_empty_standard_input_is_named(name: str, trained: Trained, tmp_path: Path) -> None:
    arguments: dict[str, list[object]] = {
        "train": ["-", "--out", tmp_path / "model"],
        "score": [trained.path, "-"],
        "baselines": ["-"],
    }
    run = trainer(name, *arguments[name], input="")
    assert run.code == 2
    assert run.errors.startswith("standard input: ") and "empty" in run.errors


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
    said = {text: gates.table(gates.answer(model, gates.inspect(model, text))) for text in ("to ☃", "to be")}
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
