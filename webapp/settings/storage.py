"""The settings of what is kept: the database, the cache, and files that more than one process needs."""

from typing import Any

from webapp import env
from webapp.broker import TIMEOUT_SECONDS
from webapp.settings.folders import DATA_DIR

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'understudy.sqlite3'}")
}
# A thread keeps its connection: to open one for each request takes as long as to answer a poll, with SQLite too.
DATABASES["default"]["CONN_MAX_AGE"] = 60
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # With secure_delete, SQLite overwrites what is deleted, and does not only forget where it was.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A supervisor has to notice in time that it can't renew its lease, even when the connection hangs.
    timeouts = {"connect_timeout": 5, "tcp_user_timeout": 15_000}
    DATABASES["default"]["OPTIONS"] = timeouts | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env.text("REDIS_URL", "redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "webapp.cache.ForgivingRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "understudy",
        "OPTIONS": {
            "serializer": "webapp.cache.JsonSerializer",
            "socket_connect_timeout": TIMEOUT_SECONDS,
            "socket_timeout": TIMEOUT_SECONDS,
        },
    }
}

# The storage of files that more than one process needs (texts, checkpoints, models): a folder, or an S3 bucket.
S3_BUCKET = env.text("S3_BUCKET", "")
FILE_UPLOAD_PERMISSIONS = 0o600
STORAGES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "files", "base_url": None},
    },
    "staticfiles": {"BACKEND": "webapp.static_files.StaticFiles"},
}
if S3_BUCKET:
    from botocore.config import Config

    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT", "") or None,
            "access_key": env.text("S3_ACCESS_KEY", "") or None,
            "secret_key": env.text("S3_SECRET_KEY", "") or None,
            "region_name": env.text("S3_REGION", "us-east-1"),
            "file_overwrite": True,
            "querystring_auth": True,
            "client_config": Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 2}),
        },
    }
