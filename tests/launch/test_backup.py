"""A back-up is put back into an empty site: the same rows, files and secret key, also from SQLite to PostgreSQL."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from webapp import files
from webapp.operations import backup as making

ROOT = Path(__file__).parents[2]

_FILL = """
from tests.support import factory
from webapp.accounts.models import User
alice = User.objects.create_user("alice", password="enough of a word")
study = factory.a_study(alice)
from allauth.mfa.models import Authenticator
from webapp.accounts import second_factor
Authenticator.objects.create(user=alice, type="totp", data={"secret": second_factor.encrypt("ABCDEFGH")})
"""
_TELL = """
import json
from allauth.mfa.models import Authenticator
from webapp import files
from webapp.accounts import second_factor
from webapp.accounts.models import User
from webapp.queue.models import Job
from webapp.studies.models import Study
study = Study.objects.get()
print(json.dumps({
    "people": [[user.username, user.check_password("enough of a word")] for user in User.objects.all()],
    "jobs": [[job.kind, job.state, job.study_id == study.pk] for job in Job.objects.all()],
    "study": [study.name, study.owner.username, study.corpus.name, study.recipe],
    "second_factors": [second_factor.decrypt(row.data["secret"]) for row in Authenticator.objects.all()],
    "text": files.read_whole_text(study.documents[0]["key"]),
}))
User.objects.create_user("bob")  # gets the next free key
User.objects.get(username="bob").delete()
"""


class Site:
    """A data folder with its database, and the commands that work on it."""

    def __init__(self, data: Path, **environment: str) -> None:
        self.data = data
        kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "UNDERSTUDY_WORK")}
        self._environment = kept | {"UNDERSTUDY_DATA": str(data)} | environment

    def manage(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False)

    def done(self, *arguments: str) -> str:
        ended = self.manage(*arguments)
        assert ended.returncode == 0, ended.stderr
        return ended.stdout

    def shell(self, code: str) -> str:
        return self.done("shell", "--verbosity", "0", "-c", code)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    """A site with one person, who has a corpus and a queued training, and its back-up beside it."""
    site = Site(tmp_path_factory.mktemp("site") / "data")
    site.done("migrate", "--verbosity", "0")
    site.shell(_FILL)
    said = site.done("backup", str(site.data.parent / "backup"))
    assert "2 files" in said, said
    return site


@pytest.fixture
def backup(site: Site) -> Path:
    return site.data.parent / "backup"


def test_it_is_put_back_into_an_empty_site(site: Site, backup: Path, tmp_path: Path) -> None:
    other = Site(tmp_path / "data")
    other.done("restore", str(backup))
    told = json.loads(other.shell(_TELL))
    assert told == json.loads(site.shell(_TELL))
    assert told["people"] == [["alice", True]] and told["second_factors"] == ["ABCDEFGH"]
    assert told["jobs"] == [["train", "queued", True]]
    assert (other.data / "secret-key").read_text() == (site.data / "secret-key").read_text()
    assert (other.data / "secret-key").stat().st_mode & 0o077 == 0


def test_a_laptops_is_put_back_into_postgresql(backup: Path, tmp_path: Path, postgres_url: str) -> None:
    lab = Site(tmp_path / "data", DATABASE_URL=postgres_url)
    lab.done("restore", str(backup))
    told = json.loads(lab.shell(_TELL))
    assert told["people"] == [["alice", True]]
    assert told["study"][:3] == ["Banquo", "alice", "Macbeth"]


def test_where_another_key_is_set_second_factors_are_encrypted_with_that(backup: Path, tmp_path: Path) -> None:
    other = Site(tmp_path / "data", **{"SECRET_KEY": "another key, of forty characters or more"})
    other.done("restore", str(backup))
    assert json.loads(other.shell(_TELL))["second_factors"] == ["ABCDEFGH"]


def test_it_is_not_put_back_over_anything(site: Site, backup: Path) -> None:
    refused = site.manage("restore", str(backup))
    assert refused.returncode
    assert "Somebody has an account here already." in refused.stderr


def test_a_damaged_one_changes_nothing(backup: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(backup), str(copy)], check=True)
    next(path for path in sorted((copy / "files").rglob("*")) if path.is_file()).write_text("another text")
    other = Site(tmp_path / "data")
    refused = other.manage("restore", str(copy))
    assert refused.returncode
    assert "is not as it was stored" in refused.stderr
    assert other.shell("from webapp.accounts.models import User; print(User.objects.count())").strip() == "0"
    assert not (other.data / "files").exists()


def test_one_that_can_not_be_read_leaves_nothing_so_that_another_can_be_put_back(backup: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    subprocess.run(["cp", "-r", str(backup), str(copy)], check=True)
    rows = copy / "rows.jsonl"
    rows.write_text(f'{rows.read_text()}{{"model": "accounts.nothing", "pk": 1, "fields": {{}}}}\n')
    about = json.loads((copy / "contents.json").read_text())
    about["rows"]["sha256"] = hashlib.sha256(rows.read_bytes()).hexdigest()
    (copy / "contents.json").write_text(json.dumps(about))
    other = Site(tmp_path / "data")
    assert other.manage("restore", str(copy)).returncode
    other.done("restore", str(backup))
    assert json.loads(other.shell(_TELL))["people"] == [["alice", True]]


@pytest.mark.django_db
def test_files_that_are_replaced_meanwhile_are_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, half = files.add("studies", "model", b"before"), files.add("texts", "text", b"half")
    after: list[str] = []

    def write_rows(path: Path) -> int:
        for key in (before, half):
            default_storage.delete(key)
        default_storage.save(half, ContentFile(b"half and whole"))
        after.append(files.add("studies", "model", b"after"))
        path.touch()
        return 0

    monkeypatch.setattr(making, "_write_rows", write_rows)
    assert making.make(tmp_path / "backup")["gone"] == 0
    contents = json.loads((tmp_path / "backup" / "contents.json").read_text())["files"]
    for key, data in ((before, b"before"), (half, b"half and whole"), (after[0], b"after")):
        assert (tmp_path / "backup" / "files" / key).read_bytes() == data
        assert contents[key] == {"bytes": len(data), "sha256": files.sha256(data)}


def test_none_is_written_over_another(site: Site, backup: Path) -> None:
    refused = site.manage("backup", str(backup))
    assert "is there already" in refused.stderr
