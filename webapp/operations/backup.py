"""A back-up of a site: a folder with all rows, all stored files and the secret key.

Rows are JSON lines, which SQLite and PostgreSQL both read. So a back-up of a laptop can be put back into the database
of a lab, and the other way round. A folder is whole, or it has another name.
"""

import contextlib
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import serializers
from django.core.files.storage import default_storage
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from webapp import env, files, private
from webapp.accounts import second_factor
from webapp.accounts.models import User

ROWS, FILES, KEY, CONTENTS = "rows.jsonl", "files", "secret-key", "contents.json"
_VERSION = 1
_LEFT_OUT = {"sessions", "contenttypes"}  # people log in again; Django makes the rows of the latter itself
_BATCH = 200


class BackupProblem(Exception):
    """The back-up was not made, or not put back. The message says why, in a sentence."""


def make(folder: Path) -> dict[str, int]:
    """Write a back-up into a new folder, and return how many rows, files and bytes it has.

    The site may go on meanwhile: the rows are those of one moment. Files are copied before it, which may take long, and
    those that came meanwhile after it: so models and checkpoints that are replaced meanwhile are there too. What was
    deleted in the little time after that moment is counted as `gone`. A training that runs goes on, in the place where
    the back-up is put back, from its last shared checkpoint.

    Raises BackupProblem when the folder exists, and OSError when the disk is full.
    """
    if folder.exists():
        raise BackupProblem(f"{folder} is there already. Give a folder that is not there yet.")
    partial = folder.with_name(f"{folder.name}.partial")
    if partial.exists():
        raise BackupProblem(f"{partial} is what a broken-off back-up left, or one is being made. Remove it if not.")
    private.folder(partial)
    _copy_files(partial / FILES)
    rows = _write_rows(partial / ROWS)
    gone = _copy_files(partial / FILES)
    contents = _contents(partial / FILES)
    key = partial / KEY
    key.touch(mode=0o600)
    key.write_text(settings.SECRET_KEY, encoding="utf-8")
    about = {
        "version": _VERSION,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "migrations": _migrations(),
        "rows": {"count": rows, "sha256": files.sha256_of(partial / ROWS)},
        "files": contents,
    }
    (partial / CONTENTS).write_text(json.dumps(about, indent=1), encoding="utf-8")
    _flush(partial)
    partial.rename(folder)
    size = sum(entry["bytes"] for entry in contents.values())
    return {"rows": rows, "files": len(contents), "bytes": size, "gone": gone}


def _write_rows(path: Path) -> int:
    """Write all rows as JSON lines, those that others point to first. Return their number."""
    count = 0
    with _one_moment(), path.open("w", encoding="utf-8") as file:
        for model in _models():
            for row in model._base_manager.order_by("pk").iterator(_BATCH):
                file.write(serializers.serialize("jsonl", [row]))
                count += 1
    return count


@contextlib.contextmanager
def _one_moment() -> Iterator[None]:
    """Let all queries of the block see the rows of one moment, while others go on to write."""
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield
    else:  # our transactions lock the file from their start, so that this one is begun by hand
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")


def _models() -> list[type[Model]]:
    """Return the tables, each after those that it points to, as far as that is possible."""
    configs = [(config, None) for config in apps.get_app_configs() if config.label not in _LEFT_OUT]
    models = serializers.sort_dependencies(configs, allow_cycles=True)
    return [model for model in models if model._meta.managed and model._meta.label != "auth.Permission"]


def _copy_files(folder: Path) -> int:
    """Copy all stored files into a folder that has no whole copy of them. Return how many were gone.

    A key never gets another content, but a file may have been copied while it was being stored: then it has grown.
    """
    gone = 0
    for key in _keys():
        path = folder / key
        try:
            if not path.exists() or path.stat().st_size != files.size_of(key):
                files.copy_in(key, path)
        except FileNotFoundError:
            gone += 1
    return gone


def _contents(folder: Path) -> dict[str, dict[str, Any]]:
    """Return the size and the SHA-256 of each file that was copied, by its key."""
    copied = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": files.sha256_of(path)}
        for path in copied
    }


def _keys() -> Iterator[str]:
    try:
        folders = default_storage.listdir("")[0]
    except FileNotFoundError:  # nothing was ever stored
        return
    for folder in sorted(filter(None, folders)):
        yield from files.keys(folder)


def _migrations() -> list[str]:
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


def _flush(folder: Path) -> None:
    """Let the disk have everything before the folder gets its name."""
    for path in folder.rglob("*"):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def put_back(folder: Path) -> dict[str, int]:
    """Put a back-up into this site, which must be empty, and return how many rows and files it had.

    Where SECRET_KEY is set to another key than the back-up's, second factors are encrypted with that one.

    Every file is compared with the SHA-256 of when it was stored, before anything is written. Raises BackupProblem, and
    what the database or the storage raises: then nothing was changed.
    """
    about = _checked(folder)
    _must_be_empty()
    missing = sorted(set(about["migrations"]) - set(_migrations()))
    if missing:
        raise BackupProblem(f"The back-up comes from a newer version of Understudy ({missing[0]}). Install that first.")
    secret_key = (folder / KEY).read_text(encoding="utf-8")
    try:
        for key in about["files"]:
            files.copy_out(folder / FILES / key, key)
        with transaction.atomic():
            count = _read_rows(folder / ROWS)
            _renewed, unreadable = second_factor.renew(secret_key, present=env.text("SECRET_KEY", "") or secret_key)
    except Exception:
        for prefix in {key.partition("/")[0] for key in about["files"]}:
            files.delete_tree(prefix)  # of a site that had none: so that it can be tried again
        raise
    _put_key_back(secret_key)
    return {"rows": count, "files": len(about["files"]), "unreadable": unreadable}


def _checked(folder: Path) -> dict[str, Any]:
    """Return what a back-up says about itself, if its files are as they were. Raises BackupProblem."""
    try:
        about: dict[str, Any] = json.loads((folder / CONTENTS).read_text(encoding="utf-8"))
        if about["version"] != _VERSION:
            raise BackupProblem(f"The back-up has the form {about['version']}, and this version reads {_VERSION}.")
        wanted = {ROWS: about["rows"]["sha256"]}
        wanted |= {f"{FILES}/{key}": entry["sha256"] for key, entry in about["files"].items()}
        for name, sha256 in wanted.items():
            path = folder / name
            if not path.resolve().is_relative_to(folder.resolve()):
                raise BackupProblem(f"The back-up names a file outside of itself: {name}.")
            if files.sha256_of(path) != sha256:
                raise BackupProblem(f"{path} is not as it was stored. Take another back-up.")
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BackupProblem(f"{folder} is no whole back-up ({problem}).") from problem
    return about


def _must_be_empty() -> None:
    if User.objects.exists():
        raise BackupProblem("Somebody has an account here already. A back-up is put back into an empty site.")
    if next(_keys(), None) is not None:
        raise BackupProblem("This site has stored files already. A back-up is put back into an empty one.")


def _read_rows(path: Path) -> int:
    """Insert all rows in one transaction, whose constraints are checked at its end. Return their number."""
    models = _models()
    count = 0
    with transaction.atomic(), connection.constraint_checks_disabled():
        _empty(models)
        with path.open(encoding="utf-8") as lines:
            for row in serializers.deserialize("jsonl", lines):
                row.save()
                count += 1
        connection.check_constraints()
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            with connection.cursor() as cursor:
                cursor.execute(statement)
    return count


def _empty(models: list[type[Model]]) -> None:
    """Remove the rows that migrations made, since the back-up has its own."""
    for model in reversed(models):
        model._base_manager.all().delete()


def _put_key_back(key: str) -> None:
    """Keep the key with which sessions and links in letters are signed. SECRET_KEY, where it is set, goes first."""
    path = settings.DATA_DIR / "secret-key"
    new = path.with_name("secret-key.new")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    new.write_text(key, encoding="utf-8")
    new.rename(path)
