"""The private files: other users of the machine can't read passwords, sessions, links and the secret key."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.support.environment import run
from tests.support.product import Product
from webapp import private
from webapp.launch.trial import ROOT

KEY = "import sys, pathlib; from webapp.private import secret; print(secret(pathlib.Path(sys.argv[1]), {make}))"
DIES = f"import os; os.fsync = lambda handle: os._exit(9); {KEY.format(make='lambda: chr(97) * 50')}"


def rights(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def open_to_others(folder: Path) -> set[str]:
    """Return the files below a folder to which other users have any access."""
    found = [Path(place, name) for place, folders, names in os.walk(folder) for name in [".", *folders, *names]]
    stays = [path for path in found if path.exists() and not path.is_symlink()]  # the product works in them meanwhile
    return {str(path.relative_to(folder)) for path in stays if rights(path) & 0o077}


def test_a_running_product_leaves_nothing_that_others_may_read(site: Product) -> None:
    site.manage("check")
    assert {"understudy.sqlite3", "secret-key", "logs", "broker"} <= {path.name for path in site.data.iterdir()}
    assert open_to_others(site.data) == set()


@pytest.mark.parametrize("name", ["UNDERSTUDY_DATA", "UNDERSTUDY_WORK"])
def test_a_folder_that_stood_open_is_closed(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    folder.chmod(0o755)
    done = run(sys.executable, "manage.py", "check", **{name: str(folder)})
    assert done.returncode == 0, done.stderr
    assert rights(folder) == 0o700


def test_what_a_command_writes_is_closed_though_the_shell_says_otherwise(tmp_path: Path) -> None:
    before = os.umask(0o000)
    try:
        done = run(sys.executable, "manage.py", "migrate", UNDERSTUDY_DATA=str(tmp_path / "data"))
    finally:
        os.umask(before)
    assert done.returncode == 0, done.stderr
    assert open_to_others(tmp_path / "data") == set()


def test_a_folder_of_everybody_is_refused_with_a_sentence() -> None:
    before = rights(Path("/tmp"))
    done = run(sys.executable, "manage.py", "check", UNDERSTUDY_DATA="/tmp")
    assert done.returncode and done.stderr.strip() == (
        "/tmp belongs to everybody on this machine. Choose a folder inside it."
    )
    assert rights(Path("/tmp")) == before


def test_an_open_folder_that_cannot_be_closed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    tmp_path.chmod(0o755)
    monkeypatch.setattr(Path, "chmod", refuse)
    with pytest.raises(ImproperlyConfigured, match=r"Everybody on this machine can look into .* chmod 700"):
        private.folder(tmp_path)


def test_processes_that_start_at_once_agree_on_the_secret_key(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KEY.format(make="lambda: __import__('secrets').token_hex(25)")]
    command.append(str(tmp_path / "secret-key"))
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    said = {process.communicate()[0].strip() for process in started}
    assert said == {(tmp_path / "secret-key").read_text()}
    assert rights(tmp_path / "secret-key") == 0o600


@pytest.mark.parametrize("left", [None, "", "half of it"])
def test_a_process_that_is_killed_leaves_no_half_of_a_secret_key(tmp_path: Path, left: str | None) -> None:
    path = tmp_path / "secret-key"
    if left is not None:
        path.write_text(left)
    assert run(sys.executable, "-c", DIES, str(path)).returncode == 9
    assert (path.read_text() if path.exists() else None) == left
    assert private.secret(path, lambda: "b" * 50) == path.read_text() == "b" * 50
    assert private.secret(path, lambda: "c" * 50) == "b" * 50


def test_mail_without_a_server_goes_into_no_log(tmp_path: Path) -> None:
    code = "from django.core.mail import send_mail; send_mail('Subject', 'a link', None, ['alice@example.org'])"
    data = tmp_path / "data"
    done = run(sys.executable, "manage.py", "shell", "-c", code, UNDERSTUDY_DATA=str(data), EMAIL_HOST="")
    assert "a link" not in done.stdout + done.stderr
    (mail,) = (data / "mail").iterdir()
    assert "a link" in mail.read_text() and rights(mail) == 0o600
