"""The folders of the project and of its data, and the secret key that is kept there."""

from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key

from webapp import env, private

BASE_DIR = Path(__file__).resolve().parent.parent.parent
DATA_DIR = private.folder(env.folder("UNDERSTUDY_DATA", BASE_DIR / "data"))
WORK_DIR = private.folder(env.folder("UNDERSTUDY_WORK", DATA_DIR / "work"))  # for the workers of this machine


def _secret_key() -> str:
    """Return SECRET_KEY, or else the key in the data folder, which the first start makes."""
    given = env.text("SECRET_KEY", "")
    if given:
        return _long_enough("SECRET_KEY", given)
    return private.secret(DATA_DIR / "secret-key", get_random_secret_key)


def _long_enough(name: str, key: str) -> str:
    if len(key) < 32:
        raise ImproperlyConfigured(f"{name} must have at least 32 characters.")
    return key


SECRET_KEY = _secret_key()
# What SECRET_KEY was before: log-ins, links and second factors of then are still read.
SECRET_KEY_FALLBACKS = [
    _long_enough("Each key in SECRET_KEY_FALLBACKS", key) for key in env.listing("SECRET_KEY_FALLBACKS")
]
