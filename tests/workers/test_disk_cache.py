"""The cache on the disk: it keeps the entries used last, and each is whole even with several processes."""

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from webapp.workers.disk_cache import DiskCache

TWO = DiskCache("kept", room=2, weigh=lambda path: 1)


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.WORK_DIR = tmp_path
    return tmp_path / "kept"


def a_file(path: Path) -> None:
    path.write_text("text")


def a_folder(path: Path) -> None:
    path.mkdir()
    for name in ("one", "two"):
        (path / name).write_text(name)


def age(path: Path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


def test_what_is_not_there_is_not_found(folder: Path) -> None:
    assert TWO.find("none") is None
    folder.write_text("a file in the folder's place")
    assert TWO.find("none") is None


@pytest.mark.parametrize("write", [a_file, a_folder])
def test_what_was_used_longest_ago_makes_room(folder: Path, write: Any) -> None:
    for number, key in enumerate("ab"):
        age(TWO.add(key, write), 1000 + number)
    assert TWO.find("a") == folder / "a"  # used again
    TWO.add("c", write)
    assert {path.name for path in folder.iterdir()} == {"a", "c"}


def test_what_is_heavier_than_the_room_is_not_kept(folder: Path) -> None:
    cache = DiskCache("kept", room=3, weigh=lambda path: path.stat().st_size)
    assert not cache.add("a", a_file).exists()


def test_an_entry_that_could_not_be_written_leaves_nothing(folder: Path) -> None:
    def half(path: Path) -> None:
        a_folder(path)
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        TWO.add("a", half)
    assert list(folder.iterdir()) == [] and TWO.find("a") is None


@pytest.mark.parametrize("write", [a_file, a_folder])
def test_workers_that_add_the_same_at_once_all_have_it(folder: Path, write: Any) -> None:
    together = threading.Barrier(4)
    found: list[Path] = []

    def add() -> None:
        def meet(path: Path) -> None:
            write(path)
            together.wait()

        found.append(TWO.add("a", meet))

    workers = [threading.Thread(target=add) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert found == [folder / "a"] * 4
    assert [path.name for path in folder.iterdir()] == ["a"]
