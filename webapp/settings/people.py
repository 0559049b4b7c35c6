"""The settings of accounts: log-in, second factor, single sign-on, registration, mail, and what one person may have."""

from webapp import env, oidc
from webapp.settings.folders import DATA_DIR

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
SESSION_ENGINE = "webapp.accounts.sessions"
SESSION_IDLE_HOURS = env.integer("SESSION_IDLE_HOURS", 168, minimum=0)
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # so that a thief of a session can't take over the account
ACCOUNT_REAUTHENTICATION_TIMEOUT = 180
ACCOUNT_EMAIL_NOTIFICATIONS = True
MFA_ADAPTER = "webapp.accounts.second_factor.MFAAdapter"
MFA_FORMS = {"authenticate": "webapp.accounts.forms.CodeForm", "reauthenticate": "webapp.accounts.forms.CodeAgainForm"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Understudy"
MFA_TOTP_TOLERANCE = 1  # 30 seconds that a phone's clock may be wrong
MFA_ALLOW_UNVERIFIED_EMAIL = True  # most people here have no address
_provider = oidc.provider()  # of single sign-on
OIDC, OIDC_NAME = _provider.is_named, _provider.name
SIGN_ON_ORIGINS = _provider.origins
REGISTRATION_OPEN = env.flag("REGISTRATION_OPEN", True)
OIDC_REGISTRATION = env.flag("OIDC_REGISTRATION", REGISTRATION_OPEN)  # whether the provider's people may just come
SOCIALACCOUNT_ADAPTER = "webapp.accounts.single_sign_on.SocialAccountAdapter"
SOCIALACCOUNT_FORMS = {"signup": "webapp.accounts.forms.SocialSignupForm"}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address that the provider tells opens no account that is here already
SOCIALACCOUNT_PROVIDERS = _provider.for_allauth
GUESS_LIMIT = env.integer("GUESS_LIMIT", 100, minimum=0)  # wrong keys of links and tokens of an address in a minute
if not env.flag("RATE_LIMITS", True):
    ACCOUNT_RATE_LIMITS = False
    GUESS_LIMIT = 0

EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.integer("EMAIL_PORT", 587, minimum=1)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True)
EMAIL_TIMEOUT = 5  # seconds that a page waits for a mail server at most
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "understudy@localhost")
EMAIL_FILE_PATH = DATA_DIR / "mail"  # not in the logs, which people pass on: mails have links that set passwords
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"

# The limits of one person; 0 means no limit. `manage.py limits` changes them for one person.
RUNNING_LIMIT = env.integer("RUNNING_LIMIT", 0, minimum=0)  # trainings at the same time
WAITING_LIMIT = env.integer("WAITING_LIMIT", 100, minimum=0)
WAITING_PASSAGES_LIMIT = env.integer("WAITING_PASSAGES_LIMIT", 20, minimum=0)  # requests for passages
WAITING_UPLOADS_LIMIT = env.integer("WAITING_UPLOADS_LIMIT", 10, minimum=0)  # whose texts are not extracted yet
STORED_LIMIT_MB = env.integer("STORED_LIMIT_MB", 10_000, minimum=0)
TRAINING_LIMIT_MINUTES = env.integer("TRAINING_LIMIT_MINUTES", 0, minimum=0)
