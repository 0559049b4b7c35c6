"""The settings: each is documented and typed, and a wrong value is refused with the setting's name."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from webapp import env

READ = re.compile(r'env\.\w+\(\s*"([A-Z0-9_]+)"')


def test_every_setting_is_in_the_docs() -> None:
    source = "".join(path.read_text() for path in Path(settings.BASE_DIR, "webapp").rglob("*.py"))
    documented = Path(settings.BASE_DIR, "docs", "settings.md").read_text()
    names = set(READ.findall(source))
    assert len(names) > 20
    assert not {name for name in names if f"`{name}`" not in documented}


@pytest.mark.parametrize("value", ["ten", "", "-1"])
def test_a_wrong_number_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SOME_NUMBER", value)
    with pytest.raises(ImproperlyConfigured, match="SOME_NUMBER"):
        env.integer("SOME_NUMBER", 1)


def test_a_wrong_flag_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_FLAG", "maybe")
    with pytest.raises(ImproperlyConfigured, match="SOME_FLAG"):
        env.flag("SOME_FLAG", False)


def test_a_secret_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("SOME_SECRET_FILE", str(tmp_path / "secret"))
    assert env.text("SOME_SECRET", "default") == "from the file"


def test_a_file_that_cannot_be_read_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for path in (tmp_path / "none", tmp_path, tmp_path / "bytes"):
        (tmp_path / "bytes").write_bytes(b"\xff\xfe")
        monkeypatch.setenv("SOME_SECRET_FILE", str(path))
        with pytest.raises(ImproperlyConfigured, match="SOME_SECRET_FILE"):
            env.text("SOME_SECRET", "default")


@pytest.mark.parametrize("secret", ["$HOME and more", " padded ", "a,b=c", "\\$x"])
def test_a_secret_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("SOME_SECRET", secret)
    assert env.text("SOME_SECRET", "default") == secret


def test_a_database_of_another_kind_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://somewhere/else")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        env.database("DATABASE_URL", "sqlite:///x")
