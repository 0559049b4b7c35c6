"""The kernel's count of processes killed for lack of memory, in the files of each version of Linux."""

from pathlib import Path

import pytest

from webapp.memory import oom_kills

EVENTS = "low 0\nhigh 0\nmax 7\noom 2\noom_kill {}\noom_group_kill 0\n"
CONTROL = "oom_kill_disable 0\nunder_oom 0\noom_kill {}\n"


@pytest.mark.parametrize(
    "own, file, content",
    [
        ("0::/understudy/worker\n", "understudy/worker/memory.events", EVENTS),
        ("0::/\n", "memory.events", EVENTS),
        ("9:cpu:/x\n4:memory:/x\n0::/\n", "memory/x/memory.oom_control", CONTROL),
    ],
)
def test_a_kill_is_counted_in_the_control_group(tmp_path: Path, own: str, file: str, content: str) -> None:
    (tmp_path / "own").write_text(own)
    path = tmp_path / "cgroups" / file
    path.parent.mkdir(parents=True)
    found = []
    for kills in (0, 3):
        path.write_text(content.format(kills))
        found.append(oom_kills(tmp_path / "own", tmp_path / "cgroups", tmp_path / "none"))
    assert found == [0, 3]


def test_a_kill_is_counted_for_the_whole_machine(tmp_path: Path) -> None:
    (tmp_path / "vmstat").write_text("pgfault 12\noom_kill 5\n")
    assert oom_kills(tmp_path / "none", tmp_path / "none", tmp_path / "vmstat") == 5


def test_a_system_that_says_nothing_counts_nothing(tmp_path: Path) -> None:
    assert oom_kills(tmp_path / "a", tmp_path / "b", tmp_path / "c") == 0


def test_this_system_is_read_without_an_error() -> None:
    assert oom_kills() >= 0
