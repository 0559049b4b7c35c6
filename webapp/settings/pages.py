"""The settings of the web server: addresses, proxies, apps, templates, static files, languages, the content policy."""

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from webapp import env
from webapp.settings.folders import BASE_DIR, DATA_DIR
from webapp.settings.people import SIGN_ON_ORIGINS

DEBUG = env.flag("DEBUG", False)
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
    # Machines in the same network ask for its health and its figures without HTTPS. Programs are refused and not led to
    # HTTPS: whoever is led there never learns that their token was not encrypted.
    SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$", r"^api/(?!v1/documentation/)"]
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
WHITENOISE_ALLOW_ALL_ORIGINS = False  # static files are for this site's own pages
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

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        **{f"{kind}-src": ["'self'"] for kind in ("script", "style", "img", "connect")},
        # Browsers hold redirects to it too: the button of single sign-on is a form whose answer leads to the provider.
        "form-action": ["'self'", *SIGN_ON_ORIGINS],
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

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    BASE_DIR / "webapp" / "static",
    ("vendor/uplot", BASE_DIR / "node_modules" / "uplot" / "dist"),
    ("vendor/htmx", BASE_DIR / "node_modules" / "htmx.org" / "dist"),
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = env.text("TIME_ZONE", "UTC")
USE_TZ = True
USE_THOUSAND_SEPARATOR = False
