"""Tests of the log of JSON lines: it continues from the position in a checkpoint."""

import resource
from pathlib import Path

from trainer.storage.json_lines import JsonLinesLog


def test_what_was_written_after_the_checkpoint_is_forgotten(tmp_path: Path) -> None:
    first = JsonLinesLog(tmp_path / "history.jsonl")
    first.write({"step": 1})
    position = first.position()
    first.write({"step": 2})
    first.write({"step": 3})
    first.close()
    again = JsonLinesLog(tmp_path / "history.jsonl", position)
    again.write({"step": 2, "text": "ä"})
    again.close()
    assert (tmp_path / "history.jsonl").read_text() == '{"step": 1}\n{"step": 2, "text": "ä"}\n'


def test_lines_wait_while_the_disk_is_full(tmp_path: Path) -> None:
    log = JsonLinesLog(tmp_path / "history.jsonl")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20, hard))
    try:
        for step in (1, 2, 3):
            log.write({"step": step})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    log.write({"step": 4})
    log.position()
    log.close()
    lines = (tmp_path / "history.jsonl").read_text().splitlines()
    assert lines == [f'{{"step": {step}}}' for step in (1, 2, 3, 4)]


def test_going_back_forgets_later_lines_once_the_next_is_written(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    log = JsonLinesLog(path)
    for step in (1, 2, 3):
        log.write({"step": step})
    before = path.read_bytes()
    log.go_back(1)
    assert log.position() == len(b'{"step": 1}\n')
    assert path.read_bytes() == before, "the checkpoint before may still be needed"
    log.write({"step": 2, "text": "again"})
    log.close()
    assert path.read_text() == '{"step": 1}\n{"step": 2, "text": "again"}\n'


def test_a_position_beyond_the_end_is_the_end(tmp_path: Path) -> None:
    path = tmp_path / "history.jsonl"
    path.write_text('{"step": 1}\n')
    JsonLinesLog(path, 1000).close()
    assert path.read_text() == '{"step": 1}\n'
