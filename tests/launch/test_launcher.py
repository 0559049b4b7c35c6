"""The launcher of `make run`: one address, every part is kept alive, and no process is left behind."""

import contextlib
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.support.product import Product, command_line
from tests.support.waiting import GENEROUS, wait_for
from webapp.launch import checks
from webapp.launch.part_process import PartProcess
from webapp.launch.parts import Part, free_port
from webapp.launch.trial import ROOT

PARTS = ("valkey-server|redis-server", "gunicorn", "-Q train", "-Q write", "-Q extract", "manage.py reconcile")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a site before its second start: the first one takes 4 s of a processor for its database."""
    product = Product(tmp_path_factory.mktemp("prepared"))
    subprocess.run([sys.executable, "-m", "webapp.launch.preparation"], cwd=ROOT, env=product.environment, check=True)
    return product.data


@pytest.fixture
def product(prepared: Path, tmp_path: Path) -> Iterator[Product]:
    product = Product(tmp_path)
    shutil.copytree(prepared, product.data)
    yield product
    product.stop()
    for left in product.processes():
        left.kill()


def of_part(product: Product, words: str) -> set[psutil.Process]:
    """Return the processes of a part without its guard."""
    found = {one: command_line(one) for one in product.processes()}
    return {one for one, line in found.items() if re.search(words, line) and "process_guard.py" not in line}


def a_part(product: Product, words: str) -> psutil.Process:
    """Return the first process of a part; gunicorn starts its workers later."""
    wait_for(lambda: of_part(product, words))
    return min(of_part(product, words), key=psutil.Process.create_time)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux says which ports it gives")
def test_a_part_gets_no_port_that_is_given_to_connections() -> None:
    first = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    assert all(1024 < free_port() < first for _ in range(100))


def in_a_terminal(product: Product) -> tuple[int, subprocess.Popen[bytes]]:
    """Type `make run` in a shell in a new terminal. Return the terminal and the shell."""
    terminal, inside = pty.openpty()
    environment = {name: value for name, value in product.environment.items() if "MAKE" not in name}

    def sit_down() -> None:
        os.setsid()
        for number in (signal.SIGHUP, signal.SIGINT):  # also when the tests run under nohup, which ignores them
            signal.signal(number, signal.SIG_DFL)
        os.close(os.open(os.ttyname(inside), os.O_RDWR))  # it becomes the controlling terminal

    shell = subprocess.Popen(
        ["sh", "-c", "make run; exit"],
        cwd=ROOT,
        env=environment,
        stdin=inside,
        stdout=inside,
        stderr=inside,
        preexec_fn=sit_down,
    )
    os.close(inside)
    product.process = shell
    return terminal, shell


def read(terminal: int, words: str) -> str:
    """Read what the terminal shows, up to some words or its end."""
    shown = b""
    with contextlib.suppress(OSError):  # it has no more: the shell has ended
        while words.encode() not in shown:
            shown += os.read(terminal, 65536)
    return shown.decode()


def test_it_says_its_address_once_it_answers_and_ctrl_c_stops_all(product: Product, tmp_path: Path) -> None:
    product.environment["REDIS_URL"] = os.environ["REDIS_URL"]  # a broker of one's own is used instead
    terminal, shell = in_a_terminal(product)
    said = read(terminal, "Ctrl-C stops it")
    assert f"Understudy is at {product.address}/" in said
    assert "Booting worker" in (product.data / "logs" / "web.log").read_text()
    a_second_one_on_the_same_data_is_refused(product, tmp_path)
    wait_for(lambda: all(of_part(product, words) for words in PARTS[1:]))
    assert not of_part(product, PARTS[0]) and not (product.data / "broker").exists()
    os.write(terminal, b"\x03")
    said = read(terminal, "Stopped.")
    shell.wait(GENEROUS)
    assert product.processes() == set()
    os.close(terminal)
    assert "Stopped." in said
    assert "Traceback" not in said
    for log in (product.data / "logs").iterdir():
        assert "Traceback" not in log.read_text(), log


def a_second_one_on_the_same_data_is_refused(product: Product, tmp_path: Path) -> None:
    (launcher,) = of_part(product, "-m webapp.launch")
    second = Product(tmp_path)
    second.log = tmp_path / "second.log"
    second.start(wait=False)
    assert second.process and second.process.wait(GENEROUS) == 1
    assert f"already running on {product.data}, at {product.address}/ (process {launcher.pid})" in second.said()
    product.wait_until_it_answers()


def test_a_part_that_is_killed_is_started_again_and_a_terminal_that_is_closed_stops_all(product: Product) -> None:
    terminal, shell = in_a_terminal(product)
    product.wait_until_it_answers()
    victims = {words: a_part(product, words) for words in PARTS}
    for victim in victims.values():
        victim.kill()
    wait_for(lambda: all(of_part(product, words) - {victim} for words, victim in victims.items()))
    product.wait_until_it_answers()
    os.close(terminal)
    shell.wait(GENEROUS)
    wait_for(lambda: not product.processes())


def test_a_port_that_is_taken_is_said_before_anything_starts(product: Product) -> None:
    before = set(product.data.iterdir())
    with socket.socket() as other:
        other.bind(("127.0.0.1", product.port))
        other.listen()
        product.start(wait=False)
        assert product.process and product.process.wait(GENEROUS) == 1
    assert re.search(r"Port \d+ can't be used .*make run PORT=\d+", product.said())
    assert product.processes() == set()
    assert {path.name for path in set(product.data.iterdir()) - before} == {"launcher.lock"}


@pytest.mark.parametrize(
    ("setting", "value", "sentence"),
    [
        ("UPLOAD_LIMIT_MB", "many", "UPLOAD_LIMIT_MB must be a whole number"),
        ("PORT", "http", "PORT must be a whole number"),
        ("UNDERSTUDY_DATA", "/dev/null/data", "The data folder /dev/null/data can't be written to (Not a directory)"),
    ],
)
def test_a_setting_that_is_wrong_is_named(product: Product, setting: str, value: str, sentence: str) -> None:
    product.environment[setting] = value
    product.start(wait=False)
    assert product.process and product.process.wait(GENEROUS) == 1
    assert sentence in product.said()
    assert "Traceback" not in product.said()
    assert product.processes() == set()


def test_a_port_that_does_not_exist_is_refused() -> None:
    with pytest.raises(checks.CannotStart, match="ports end at 65535"):
        checks.check_port("127.0.0.1", 65536)


def test_a_part_that_keeps_dying_is_tried_ever_more_slowly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    part = PartProcess(Part("doomed", ["sh", "-c", "echo my last words; exit 3"]), dict(os.environ), tmp_path)
    waits = []
    for _ in range(4):
        part.start_at = 0
        part.keep_running()  # it was started again after its first end, and may have ended by now
        wait_for(lambda: not part.is_up)
        waits.append(part.keep_running() or 0)
    said = capsys.readouterr().out
    assert "doomed ended by itself (code 3). It is started again now." in said
    assert "my last words" in said
    assert "4 times in a row" in said
    assert waits == sorted(waits)
    assert waits[-1] > 2 * waits[1] > 0
