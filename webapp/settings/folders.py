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
        if len(given) < 32:
            raise ImproperlyConfigured("SECRET_KEY must have at least 32 characters.")
        return given
    return private.secret(DATA_DIR / "secret-key", get_random_secret_key)


SECRET_KEY = _secret_key()
