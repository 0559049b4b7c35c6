"""The rotation of logs: they do not grow without end, and their writers go on."""

import sys
from pathlib import Path

from tests.support.waiting import wait_for
from webapp.launch import logs
from webapp.launch.part_process import PartProcess
from webapp.launch.parts import Part

WRITER = "import sys, time\nn = 0\nwhile True: print('line', n, flush=True); n += 1; time.sleep(0.001)"


def test_a_log_that_has_grown_too_large_is_cut_and_kept_beside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    for number in range(5):
        log.write_text(f"{number}" * 1001)
        logs.cut(tmp_path, largest=1000)
        assert log.read_text() == ""
    kept = {path.name: path.read_text()[0] for path in tmp_path.glob("web.log.*")}
    assert kept == {"web.log.1": "4", "web.log.2": "3", "web.log.3": "2"}


def test_a_small_log_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("short")
    logs.cut(tmp_path, largest=1000)
    assert (tmp_path / "web.log").read_text() == "short"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_log_of_a_part_that_runs_is_cut_too(tmp_path: Path) -> None:
    part = PartProcess(Part("writer", [sys.executable, "-c", WRITER], grace=0.1), {}, tmp_path)
    log = tmp_path / "writer.log"
    part.keep_running()
    try:
        wait_for(lambda: log.exists() and log.stat().st_size > 1000)
        logs.cut(tmp_path, largest=1000)
        wait_for(lambda: log.stat().st_size > 0)
        assert log.read_bytes().startswith(b"line ")  # the writer goes on at the beginning of the emptied file
    finally:
        part.end_now()
        wait_for(lambda: not part.is_up)
        part._release()


def test_a_new_start_puts_the_old_log_away(tmp_path: Path) -> None:
    (tmp_path / "web.log").write_text("before")
    PartProcess(Part("web", ["true"]), {}, tmp_path)
    assert not (tmp_path / "web.log").exists()
    assert (tmp_path / "web.log.1").read_text() == "before"
