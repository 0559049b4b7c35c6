"""A leash ends its command and all that the command started, whoever dies first."""

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


class Held:
    """A shell command on a leash. It writes to a file, so that nothing waits for ever for a line."""

    def __init__(self, script: str, grace: float, output: Path) -> None:
        command = [sys.executable, "-I", "-S", process_guard.__file__, str(grace), "sh", "-c", script]
        self._output, self._heard = output, 0
        with output.open("wb") as file:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file, text=True)
        self.begun = time.monotonic()

    def says(self) -> str:
        """Return its next line."""
        self._heard += 1
        wait_for(lambda: len(self._lines()) >= self._heard, "it said nothing")
        return self._lines()[self._heard - 1]

    def _lines(self) -> list[str]:
        return self._output.read_text().splitlines()

    def tell(self, words: str) -> None:
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
def hold(tmp_path: Path) -> Iterator[Callable[..., Held]]:
    held: list[Held] = []

    def make(script: str, grace: float = 20) -> Held:
        held.append(Held(script, grace, tmp_path / f"{len(held)}.txt"))
        return held[-1]

    yield make
    for one in held:
        with one.process:
            one.let_go()


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_it_returns_the_exit_code_as_a_shell_does(hold: Callable[..., Held]) -> None:
    assert hold("exit 7").code() == 7
    assert hold("kill -KILL $$").code() == 128 + signal.SIGKILL


@pytest.mark.parametrize("how", ["stop\n", ""])
def test_it_asks_first_whether_told_or_let_go(hold: Callable[..., Held], how: str) -> None:
    held = hold("trap 'echo goodbye; exit 3' TERM; echo started; while :; do sleep 0.1; done")
    assert held.says() == "started"
    held.tell(how) if how else held.let_go()
    assert held.says() == "goodbye"
    assert held.code() == 3


def test_a_command_that_does_not_listen_is_ended_after_its_grace(hold: Callable[..., Held]) -> None:
    held = hold(STUBBORN, grace=0.5)
    assert held.says() == "started"
    held.tell("stop\n")
    assert held.code() == 128 + signal.SIGKILL
    assert held.seconds >= 0.5


def test_now_does_not_wait_for_the_grace(hold: Callable[..., Held]) -> None:
    held = hold(STUBBORN, grace=2 * GENEROUS)
    assert held.says() == "started"
    held.tell("stop\n")
    held.tell("now\n")
    assert held.code() == 128 + signal.SIGKILL


@pytest.mark.skipif(not ON_LINUX, reason="only Linux gives orphans to the leash")
def test_what_the_command_left_behind_is_ended_too(hold: Callable[..., Held]) -> None:
    held = hold(f"{ORPHANING} sleep 9999")
    orphan = int(held.says())
    held.tell("now\n")
    held.code()
    assert not is_alive(orphan)


@pytest.mark.skipif(not ON_LINUX, reason="only Linux gives orphans to the leash")
def test_an_orphan_may_end_by_itself_first(hold: Callable[..., Held], tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    orphan = f"setsid sh -c 'echo $$; touch {begun}; sleep 1; echo saved'"
    held = hold(f"{orphan} & until [ -e {begun} ]; do sleep 0.05; done; exit 5")
    number = int(held.says())
    assert held.says() == "saved"
    assert held.code() == 5
    assert not is_alive(number)


@pytest.mark.skipif(not ON_LINUX, reason="needs prctl")
def test_the_command_is_asked_to_stop_when_its_leash_is_cut(hold: Callable[..., Held]) -> None:
    held = hold("trap 'echo goodbye; exit' TERM; echo $$; while :; do sleep 0.1; done")
    command = int(held.says())
    os.kill(held.process.pid, signal.SIGKILL)
    assert held.says() == "goodbye"
    wait_for(lambda: not is_alive(command))
