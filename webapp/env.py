"""The reader of settings from the environment. Each has a type, and a bad value stops the start with its name.

The value of each setting NAME may also be in a file whose path is in NAME_FILE, which is meant for secrets.
django-environ's mapping reads both. Its type conversions are not used: they read `maybe` as false, do not name the
setting that is wrong, and take a secret that begins with `$` for the name of another setting.
"""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off", ""}
_environment = FileAwareMapping(cache=False)


def text(name: str, default: str) -> str:
    """Return the value of NAME, or the content of the file that NAME_FILE names, or the default."""
    try:
        value = str(_environment[name])
    except KeyError:
        return default
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE: cannot read the file: {error}") from error
    return value.strip() if _environment.get(f"{name}_FILE") else value  # editors add a line break at a file's end


def flag(name: str, default: bool) -> bool:
    """Return a value that means yes or no."""
    value = text(name, str(default)).strip().lower()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    raise ImproperlyConfigured(f"{name} must be one of true, false, 1, 0, yes, no, on, off; it is {value!r}.")


def integer(name: str, default: int, minimum: int = 0) -> int:
    """Return a whole number that is at least `minimum`."""
    value = text(name, str(default)).strip()
    try:
        number = int(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} must be a whole number; it is {value!r}.") from error
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be at least {minimum}; it is {number}.")
    return number


def choice(name: str, options: Sequence[str]) -> str:
    """Return one of the options; the first is the default."""
    value = text(name, options[0]).strip().lower()
    if value not in options:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(options)}; it is {value!r}.")
    return value


def listing(name: str, default: str = "") -> list[str]:
    """Return a list from a comma-separated value."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def folder(name: str, default: Path) -> Path:
    """Return the absolute path of a folder."""
    return Path(text(name, str(default))).expanduser().resolve()


def database(name: str, default: str) -> dict[str, object]:
    """Return Django's database settings from a URL: sqlite:///… or postgres://…"""
    url = text(name, default)
    if urlsplit(url).scheme not in {"sqlite", "postgres", "postgresql"}:
        raise ImproperlyConfigured(f"{name} must begin with sqlite:// or postgres://.")
    return dict(environ.Env.db_url_config(url))
