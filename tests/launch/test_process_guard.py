"""The process guard: it ends its command and all processes of the command, whichever dies first."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.waiting import GENEROUS, wait_for
from webapp.launch import process_guard

ON_LINUX = sys.platform == "linux"
STUBBORN = "trap '' TERM; echo started; while :; do sleep 0.1; done"
ORPHANING = (
    f"{sys.executable} -c 'import os; os.setsid(); print(os.getpid(), flush=True); import time; time.sleep(9999)' &"
)


class Guarded:
    """A shell command under a guard. It writes to a file, since reading a pipe could wait for ever."""

    def __init__(self, script: str, grace: float, output: Path) -> None:
        command = [sys.executable, "-I", "-S", process_guard.__file__, str(grace), "sh", "-c", script]
        self._output, self._heard = output, 0
        with output.open("wb") as file:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file, text=True)
        self.begun = time.monotonic()

    def says(self) -> str:
        """Return the next line that the command writes."""
        self._heard += 1
        wait_for(lambda: len(self._lines()) >= self._heard, "it said nothing")
        return self._lines()[self._heard - 1]

    def _lines(self) -> list[str]:
        return self._output.read_text().splitlines()

    def send(self, words: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(words)
        self.process.stdin.flush()
        self.begun = time.monotonic()

    def let_go(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()

    def code(self) -> int:
        return self.process.wait(GENEROUS)

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.begun


@pytest.fixture
def guard(tmp_path: Path) -> Iterator[Callable[..., Guarded]]:
    guarded: list[Guarded] = []

    def make(script: str, grace: float = 20) -> Guarded:
        guarded.append(Guarded(script, grace, tmp_path / f"{len(guarded)}.txt"))
        return guarded[-1]

    yield make
    for one in guarded:
        with one.process:
            one.let_go()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_returns_the_exit_code_as_a_shell_does(guard: Callable[..., Guarded]) -> None:
    assert guard("exit 7").code() == 7
    assert guard("kill -KILL $$").code() == 128 + signal.SIGKILL


@pytest.mark.parametrize("how", ["stop\n", ""])
def test_it_asks_first_whether_told_or_let_go(guard: Callable[..., Guarded], how: str) -> None:
    guarded = guard("trap 'echo goodbye; exit 3' TERM; echo started; while :; do sleep 0.1; done")
    assert guarded.says() == "started"
    guarded.send(how) if how else guarded.let_go()
    assert guarded.says() == "goodbye"
    assert guarded.code() == 3


def test_a_command_that_does_not_listen_is_ended_after_its_grace(guard: Callable[..., Guarded]) -> None:
    guarded = guard(STUBBORN, grace=0.5)
    assert guarded.says() == "started"
    guarded.send("stop\n")
    assert guarded.code() == 128 + signal.SIGKILL
    assert guarded.seconds >= 0.5


def test_now_does_not_wait_for_the_grace(guard: Callable[..., Guarded]) -> None:
    guarded = guard(STUBBORN, grace=2 * GENEROUS)
    assert guarded.says() == "started"
    guarded.send("stop\n")
    guarded.send("now\n")
    assert guarded.code() == 128 + signal.SIGKILL


@pytest.mark.skipif(not ON_LINUX, reason="only Linux gives orphans to the guard")
def test_what_the_command_left_behind_is_ended_too(guard: Callable[..., Guarded]) -> None:
    guarded = guard(f"{ORPHANING} sleep 9999")
    orphan = int(guarded.says())
    guarded.send("now\n")
    guarded.code()
    assert not is_alive(orphan)


@pytest.mark.skipif(not ON_LINUX, reason="only Linux gives orphans to the guard")
def test_an_orphan_may_end_by_itself_first(guard: Callable[..., Guarded], tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    orphan = f"setsid sh -c 'echo $$; touch {begun}; sleep 1; echo saved'"
    guarded = guard(f"{orphan} & until [ -e {begun} ]; do sleep 0.05; done; exit 5")
    number = int(guarded.says())
    assert guarded.says() == "saved"
    assert guarded.code() == 5
    assert not is_alive(number)


@pytest.mark.skipif(not ON_LINUX, reason="needs prctl")
def test_the_command_is_asked_to_stop_when_its_guard_dies(guard: Callable[..., Guarded]) -> None:
    guarded = guard("trap 'echo goodbye; exit' TERM; echo $$; while :; do sleep 0.1; done")
    command = int(guarded.says())
    os.kill(guarded.process.pid, signal.SIGKILL)
    assert guarded.says() == "goodbye"
    wait_for(lambda: not is_alive(command))
