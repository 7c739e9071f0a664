"""Every setting, read from the environment, top to bottom. README.md lists the variables."""

from pathlib import Path

import bootstrap_wrapper
import django_stubs_ext

from portal import environment as env

django_stubs_ext.monkeypatch()  # lets ModelAdmin[Partner] and the like be written

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = BASE_DIR / "var"
STATIC_ROOT = VAR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)

# --- Who we are and where to reach us
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.matching(
    "SECRET_KEY",
    r"(?!(.)\1*$).{50,}",  # not one letter again and again
    "at least 50 random characters",
    default="insecure " * 8 if DEBUG else "",
)
SECRET_KEY_FALLBACKS = env.words_matching(  # earlier ones: what they signed holds
    "SECRET_KEY_FALLBACKS", r"(?!(.)\1*$).{50,}", "earlier keys, separated by commas", []
)
PORTAL_BASE = env.origin("PORTAL_BASE_URL", default="http://127.0.0.1:8000")
PORTAL_BASE_URL = PORTAL_BASE.geturl()
HTTPS = PORTAL_BASE.scheme == "https"
ALLOWED_HOSTS = env.words_matching(
    "ALLOWED_HOSTS",
    r"[\w.\[\]:-]+",
    "the names of this server, never *",
    [PORTAL_BASE.hostname or "", "localhost"],
)
CSRF_FAILURE_VIEW = "portal.people.views.form_is_out_of_date"
CSRF_TRUSTED_ORIGINS = env.words_matching(
    "CSRF_TRUSTED_ORIGINS",
    r"https?://[^/\s]+",
    "addresses such as https://portal.example.com",
    [PORTAL_BASE_URL],
)
OPERATOR_NAME = env.matching(
    "OPERATOR_NAME", r".{1,60}", "a name of 1 to 60 characters", default="ChargePoint"
)
OPERATOR_SUPPORT_PHONE = env.matching(
    "OPERATOR_SUPPORT_PHONE",
    r"(\+[0-9 ()-]{6,24})?",
    "a phone number such as +1 408 555 0100",
    default="",
)

# business days after which work that nobody has accepted waits for staff
ACCEPT_WITHIN_DAYS = env.number("ACCEPT_WITHIN_DAYS", default=2, least=1)

# --- Audit and backups
AUDIT_KEPT_DAYS = env.number("AUDIT_KEPT_DAYS", default=730, least=90)  # append_only.AUDIT_DAYS
BACKUP_PUBLIC_KEY = env.matching(
    "BACKUP_PUBLIC_KEY", r"(age1[a-z0-9]{58})?", "a public key of age, age1…", default=""
)
# after so many hours without a backup staff are told; 0: backups are made in another way
BACKUP_WITHIN_HOURS = env.number("BACKUP_WITHIN_HOURS", default=0 if DEBUG else 26)

# --- Apps, middleware, templates
INSTALLED_APPS = [
    "workorders",
    "portal.people",
    "portal.outbox",
    "portal.audit",
    "workorders.admin.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "huey.contrib.djhuey",
    "lucide",
    "template_partials",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.middleware.ResponseHeaders",
    "portal.probes.Probes",
    "portal.uploads.WholeBody",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "portal.middleware.Compression",
    "portal.middleware.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "portal.middleware.LoginRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "portal.people.logins.KeptInAudit",
    "portal.people.devices.KnownDevices",
    "allauth.account.middleware.AccountMiddleware",
    "portal.middleware.RedirectsOfKeptForms",
    "portal.sent_forms.SentForms",
]
METRICS_TOKEN = env.matching(
    "METRICS_TOKEN", r"(\S{32,})?", "at least 32 random characters", default=""
)
LOG_REQUESTS = env.flag("LOG_REQUESTS")
if LOG_REQUESTS:
    MIDDLEWARE.insert(0, "portal.request_log.LogRequests")
if METRICS_TOKEN:
    MIDDLEWARE.insert(0, "portal.metrics.CountAnswers")
ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": [
                "template_partials.templatetags.partials",
                "portal.form_key",
                "portal.icons",
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.context.operator",
            ],
        },
    },
    {  # for what is drawn many times on a page
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {"trim_blocks": True, "lstrip_blocks": True},
    },
]
FORM_RENDERER = "portal.form_renderer.FormRenderer"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database: one SQLite file, or PostgreSQL for many machines
DATABASES = {"default": env.database("DATABASE_URL", default=f"sqlite:///{VAR}/portal.sqlite3")}
DATABASES["default"] |= {"ATOMIC_REQUESTS": False, "CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        # a transaction that reads and then writes takes its lock at the start, not halfway
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        " PRAGMA journal_size_limit=27103364; PRAGMA cache_size=2000;"
        " PRAGMA mmap_size=2147418112;",  # the most there is: rows far apart are read without calls
    }
elif env.flag("DATABASE_IS_POOLED"):
    # one transaction after the other gets any connection: none has limits or cursors of its own
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
else:
    DATABASES["default"]["OPTIONS"] = {
        # jit: compiling the list's counts takes ten times as long as running them
        "options": (
            "-c statement_timeout=15000 -c lock_timeout=3000"
            " -c idle_in_transaction_session_timeout=30000 -c jit=off"
        )
    }
if standby := env.standby("STANDBY_DATABASE_URL", of=DATABASES["default"]):
    DATABASES["standby"] = standby
    DATABASE_ROUTERS = ["portal.standby.Router"]
    MIDDLEWARE.append("portal.standby.ReadsFromStandby")

# --- Cache, queue and mail
CACHES = {
    "default": {"BACKEND": "portal.steady_cache.SteadyCache"},
    "first": env.cache("CACHE_URL", default=f"filecache://{VAR}/cache"),
    "database": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "portal_cache",
        "OPTIONS": {"MAX_ENTRIES": env.CACHE_ENTRIES},
    },
}
# two threads: mails go out while a long import runs
HUEY = {"name": "portal", "immediate": False, "consumer": {"workers": 2}} | env.queue(
    "QUEUE_URL", default=f"sqlite:///{VAR}/queue.sqlite3"
)
vars().update(env.mail("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.matching(
    "DEFAULT_FROM_EMAIL",
    r"[^\r\n]+@[^\r\n]+",
    "an e-mail address",
    default=f"portal@{PORTAL_BASE.hostname}",
)

# --- Accounts
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = ["portal.people.backend.Backend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "portal.people.passwords.HardToGuess"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_RESET_TIMEOUT = 3600
INVITATION_DAYS = 7
ACCOUNT_ADAPTER = "portal.people.adapter.Adapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_FORMS = {"reset_password": "portal.people.forms.ResetForm"}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "portal.people.tokens.ResetToken"  # noqa: S105
ACCOUNT_RATE_LIMITS = {
    "csp_report": "30/m/ip,300/m/key",
    # these are counted by portal/people/limits.py
    "login": None,
    "login_failed": None,
    "reset_password": None,
    "reset_password_from_key": None,  # whose keys nobody guesses
}
# --- Second factors: authenticator apps, recovery codes, and passkeys where browsers allow them
MFA_REQUIRED = env.flag("MFA_REQUIRED", default=HTTPS)  # of staff and partner managers
MFA_ADAPTER = "portal.people.adapter.FactorAdapter"
MFA_FORMS = {
    "authenticate": "portal.people.forms.CodeForm",
    "authenticate_webauthn": "portal.people.forms.PasskeyLoginForm",
}
# browsers bind passkeys to a name, and make them only where nobody can listen
PASSKEYS = (HTTPS and not env.is_ip(PORTAL_BASE)) or PORTAL_BASE.hostname == "localhost"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", *(["webauthn"] if PASSKEYS else [])]
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute wrong
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", default=0)

# --- Sessions, cookies, transport: strict when the public address is https
SESSION_ENGINE = "portal.people.session_store"
SESSION_IDLE_HOURS = env.number("SESSION_IDLE_HOURS", default=12, least=1)
STAFF_SESSION_IDLE_HOURS = env.number("STAFF_SESSION_IDLE_HOURS", default=4, least=1)
SESSION_MAX_HOURS = env.number("SESSION_MAX_HOURS", default=168, least=1)
SESSION_COOKIE_AGE = SESSION_IDLE_HOURS * 3600
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_NAME = "__Host-sessionid" if HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if HTTPS else "csrftoken"
DEVICE_COOKIE_NAME = "__Host-device" if HTTPS else "device"  # portal/people/devices.py
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 63072000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = env.flag("HSTS_PRELOAD")  # browsers' lists forget a name slowly
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # asks for preloading
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if ALLAUTH_TRUSTED_PROXY_COUNT else None
)
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],  # Bootstrap draws its form controls from data: images
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "report-uri": ["/csp-reports"],
        "report-to": "csp",  # portal/middleware.py says where that is
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_HANDLERS = [
    "portal.uploads.Capped",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
FILE_UPLOAD_PERMISSIONS, FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o640, 0o750

# --- Dates, texts, static files
USE_TZ = True
TIME_ZONE = "UTC"  # what people see is always in the site's zone
LANGUAGE_CODE, USE_I18N = "en-us", False
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static", ("guides", BASE_DIR / "docs/guides/pictures")]
STATICFILES_DIRS += [("bootstrap", bootstrap_wrapper.get_bootstrap_css_dir())]
BUCKET = env.bucket()
FILES_IN_BUCKET = {"BACKEND": "portal.buckets.Bucket", "OPTIONS": BUCKET}
FILES_ON_DISK = {"BACKEND": "portal.storage.DurableStorage"}
STATIC_IN_FOLDERS = "django.contrib.staticfiles.storage.StaticFilesStorage"
STATIC_WITH_HASHES = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {  # files have no public address: a view serves each of them
    "default": FILES_IN_BUCKET if BUCKET else FILES_ON_DISK,
    "staticfiles": {
        "BACKEND": STATIC_IN_FOLDERS if DEBUG else STATIC_WITH_HASHES,
        # everybody may read them: who collects them need not be who serves them
        "OPTIONS": {"file_permissions_mode": 0o644, "directory_permissions_mode": 0o755},
    },
}
MEDIA_ROOT = env.matching(
    "MEDIA_ROOT", r"/.+", "the whole path of a folder", default=str(VAR / "media")
)
SCANNER_URL = env.matching(
    "SCANNER_URL",
    r"(clamd://[\w.-]+(:\d{1,5})?|clamd:///.+)?",
    "the address of a virus scanner such as clamd://127.0.0.1:3310 or clamd:///run/clamav/clamd.ctl",
    default="",
)
WHITENOISE_ALLOW_ALL_ORIGINS = False

# --- Logging
LOG_LEVEL = env.choice("LOG_LEVEL", ["DEBUG", "INFO", "WARNING", "ERROR"], default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "portal.request_log.NamesNobody",
            "format": "{asctime} {levelname} {name}: {message}",
            "style": "{",
        },
        "json": {"format": "%(message)s"},
    },
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line"},
        "requests": {"class": "logging.StreamHandler", "formatter": "json"},
    },
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"level": LOG_LEVEL},  # by the handler above alone, with DEBUG too
        "portal.request_log": {"handlers": ["requests"], "level": "INFO", "propagate": False},
        # the worker's own words about each task that it looks at: what happened the task says
        "huey": {"level": "WARNING", "handlers": ["console"], "propagate": False},
    },
}
