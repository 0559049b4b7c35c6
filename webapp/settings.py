"""The settings of Understudy, which are read from the environment. docs/settings.md lists them."""

import logging
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from webapp import env, logs, oidc, private
from webapp.broker import TIMEOUT_SECONDS
from webapp.memory import machine_memory

BASE_DIR = Path(__file__).resolve().parent.parent
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


DEBUG = env.flag("DEBUG", False)
SECRET_KEY = _secret_key()
ALLOWED_HOSTS = env.listing("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.listing("CSRF_TRUSTED_ORIGINS")
# The number of proxies, counted from the site outwards, whose X-Forwarded-… headers are trusted.
TRUSTED_PROXIES = ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("TRUSTED_PROXIES", 0)
HTTPS = env.flag("HTTPS", False)
if HTTPS and not TRUSTED_PROXIES:
    raise ImproperlyConfigured(
        "HTTPS needs a proxy that ends it, and its word for what came over it: set TRUSTED_PROXIES (1 for one proxy)."
    )
if HTTPS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"  # other names of the domain set none
    SECURE_REDIRECT_EXEMPT = [r"^health/"]  # machines in the same network ask for it without HTTPS
    SECURE_HSTS_SECONDS = 3600 * 24 * 365
# Warnings of `check --deploy` that do not apply to this site (docs/settings.md). The first two ask to extend HSTS to
# subdomains and to browsers' lists, but the operator may not decide for other sites of the domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if not HTTPS:  # the site serves this machine or its network: HSTS, redirects and secure cookies would make it unusable
    SILENCED_SYSTEM_CHECKS += ["security.W004", "security.W008", "security.W012", "security.W016"]

INSTALLED_APPS = [
    "webapp.accounts",
    "webapp.groups",
    "webapp.corpora",
    "webapp.studies",
    "webapp.queue",
    "webapp.workers",
    "webapp.passages",
    "webapp.inside",
    "webapp.home",
    "webapp.operations",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "webapp.operations.middleware.RequestSeen",
    "webapp.home.middleware.HeadAsGet",
    "csp.middleware.CSPMiddleware",
    "webapp.accounts.security.RefusalsLogged",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "webapp.home.middleware.NeverStored",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "webapp.accounts.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "webapp.home.middleware.StorageAway",
]

_provider = oidc.provider()  # of single sign-on
OIDC, OIDC_NAME = _provider.is_named, _provider.name
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        **{f"{kind}-src": ["'self'"] for kind in ("script", "style", "img", "connect")},
        # Browsers hold redirects to it too: the button of single sign-on is a form whose answer leads to the provider.
        "form-action": ["'self'", *_provider.origins],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
ROOT_URLCONF = "webapp.urls"
WSGI_APPLICATION = "webapp.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "webapp.accounts.context.registration",
            ],
        },
    },
]

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

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "webapp" / "static",
    ("vendor/uplot", BASE_DIR / "node_modules" / "uplot" / "dist"),
    ("vendor/htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist"),
]

# People
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {
    "signup": "webapp.accounts.forms.SignupForm",
    "login": "webapp.accounts.forms.LoginForm",
    "add_email": "webapp.accounts.forms.AddEmailForm",
    "change_password": "webapp.accounts.forms.ChangePasswordForm",
    "set_password": "webapp.accounts.forms.SetPasswordForm",
    "reset_password": "webapp.accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "webapp.accounts.forms.ResetPasswordKeyForm",
    "reauthenticate": "webapp.accounts.forms.ReauthenticateForm",
}
ACCOUNT_ADAPTER = "webapp.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USERNAME_MIN_LENGTH = 2
ACCOUNT_USERNAME_BLACKLIST = ["admin", "root", "understudy"]
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # so that a thief of a session can't take over the account
ACCOUNT_REAUTHENTICATION_TIMEOUT = 180
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Understudy"
MFA_TOTP_TOLERANCE = 1  # 30 seconds that a phone's clock may be wrong
MFA_ALLOW_UNVERIFIED_EMAIL = True  # most people here have no address
REGISTRATION_OPEN = env.flag("REGISTRATION_OPEN", True)
OIDC_REGISTRATION = env.flag("OIDC_REGISTRATION", REGISTRATION_OPEN)  # whether the provider's people may just come
SOCIALACCOUNT_ADAPTER = "webapp.accounts.single_sign_on.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"signup": "webapp.accounts.forms.SocialSignupForm"}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address that the provider tells opens no account that is here already
SOCIALACCOUNT_PROVIDERS = _provider.for_allauth
if not env.flag("RATE_LIMITS", True):
    ACCOUNT_RATE_LIMITS = False

EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.integer("EMAIL_PORT", 587, minimum=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 5  # seconds that a page waits for a mail server at most
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "understudy@localhost")
EMAIL_FILE_PATH = DATA_DIR / "mail"  # not in the logs, which people pass on: mails have links that set passwords
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

# Texts
UPLOAD_LIMIT_BYTES = env.integer("UPLOAD_LIMIT_MB", 20, minimum=1) * 1_000_000
MODEL_LIMIT_BYTES = 4 * UPLOAD_LIMIT_BYTES  # of a model that is uploaded: the server reads 5 limits of one request
DATA_UPLOAD_MAX_MEMORY_SIZE = UPLOAD_LIMIT_BYTES + 1_000_000  # a pasted text is a form field
UPLOAD_LIMIT_FILES = 100  # at a time; when there are more, the page lists those that were left out
DATA_UPLOAD_MAX_NUMBER_FILES = 10 * UPLOAD_LIMIT_FILES  # higher, since Django's own refusal loses the whole form
FILE_UPLOAD_TEMP_DIR = private.folder(WORK_DIR / "uploads")  # where no other user looks, and leftovers are found
FILE_UPLOAD_HANDLERS = [
    "webapp.corpora.uploads.LimitedUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# The queue (docs/queue.md)
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "train"
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_DIRECT = True  # gives each worker one more queue, which only it reads, for its heartbeat
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 2, "socket_timeout": 10}
RECONCILE_SECONDS = env.integer("RECONCILE_SECONDS", 5, minimum=1)
LEASE_SECONDS = env.integer("LEASE_SECONDS", 60, minimum=2)  # without a renewal, after which a job is taken back
RENEW_SECONDS = env.integer("RENEW_SECONDS", 5, minimum=1)
LEASE_GIVE_UP_SECONDS = env.integer("LEASE_GIVE_UP_SECONDS", 40, minimum=1)  # … after which its worker stops by itself
STOP_GRACE_SECONDS = env.integer("STOP_GRACE_SECONDS", 25, minimum=1)
CHECKPOINT_SECONDS = env.integer("CHECKPOINT_SECONDS", 30, minimum=1)
SHARE_CHECKPOINT_SECONDS = env.integer("SHARE_CHECKPOINT_SECONDS", 120, minimum=0)
LOST_ATTEMPTS = env.integer("LOST_ATTEMPTS", 3, minimum=1)
TURN_SECONDS = env.integer("TURN_SECONDS", 600, minimum=0)  # after which a training gives way to others who wait
STUCK_SECONDS = env.integer("STUCK_SECONDS", 600, minimum=1)  # without an event, after which a trainer counts as stuck

# The limits of one person; 0 means no limit. `manage.py limits` changes them for one person.
RUNNING_LIMIT = env.integer("RUNNING_LIMIT", 0, minimum=0)  # trainings at the same time
WAITING_LIMIT = env.integer("WAITING_LIMIT", 100, minimum=0)
WAITING_PASSAGES_LIMIT = env.integer("WAITING_PASSAGES_LIMIT", 20, minimum=0)  # requests for passages
WAITING_UPLOADS_LIMIT = env.integer("WAITING_UPLOADS_LIMIT", 10, minimum=0)  # whose texts are not extracted yet
STORED_LIMIT_MB = env.integer("STORED_LIMIT_MB", 10_000, minimum=0)
TRAINING_LIMIT_MINUTES = env.integer("TRAINING_LIMIT_MINUTES", 0, minimum=0)

WEB_PROCESSES = env.integer("WEB_PROCESSES", 2, minimum=1)
POLLS_PER_SECOND = env.integer("POLLS_PER_SECOND", 12, minimum=1)  # of all open pages together
_SHARE_MB = max(2000, machine_memory() * 3 // 4 // 1_000_000)
TRAINER_MEMORY_MB = env.integer("TRAINER_MEMORY_MB", _SHARE_MB, minimum=0)  # of each trainer and writing process
MODEL_CACHE_MB = env.integer("MODEL_CACHE_MB", 512, minimum=16)

GPU_WORKERS = env.flag("GPU_WORKERS", False)  # there will be some, even if none is heard of now
MEASURE_SPEED = env.flag("MEASURE_SPEED", True)  # of a training worker that knows its own speed not yet

METRICS_TOKEN = env.text("METRICS_TOKEN", "")  # whoever has it may read the figures for Prometheus
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured("METRICS_TOKEN must have at least 20 characters.")

LOG_DIR = DATA_DIR / "logs"
LOG_DIR.mkdir(exist_ok=True)
LOG_FORMAT = env.choice("LOG_FORMAT", logs.FORMS)
LOGGING = logs.configuration(LOG_DIR, env.text("LOG_LEVEL", "INFO"), LOG_FORMAT)
logging.captureWarnings(LOG_FORMAT == "json")  # else Python writes them as lines of its own
