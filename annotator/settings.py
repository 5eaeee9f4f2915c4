"""Django settings. Each value that differs between machines is read here from the environment.

The defaults let a fresh clone run: SQLite, local files, no broker, no spending. `.env.example`
lists all variables.
"""

import sys
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

from annotator import env
from annotator.languages import languages_in
from annotator.public_url import PublicUrl

BASE_DIR = Path(__file__).resolve().parent.parent

env.read_secret_files()
DATA_DIR = Path(env.text("DATA_DIR", "var")).absolute()  # each value is an installation of its own
DEBUG = env.flag("DEBUG", False)  # `up` sets it
DATABASE_URL = env.text("DATABASE_URL")
BROKER_URL = env.text("BROKER_URL")  # empty: commands run their tasks themselves
STORAGE_URL = env.text("STORAGE_URL")  # a folder or s3://bucket/prefix; empty: DATA_DIR
PUBLIC_URL = env.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
PUBLIC = PublicUrl.of(PUBLIC_URL)
ALLOWED_HOSTS = env.comma_separated("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
ALLOWED_HOSTS += [PUBLIC.host]
CONTACT = env.text("CONTACT")  # for annotators, if their study has no contact
EMAIL_URL = env.text("EMAIL_URL", "console:")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "unitscope@localhost")
EMAIL_TIMEOUT = 10  # seconds: nothing waits long for a mail server that is away
globals().update(env.EmailUrl.of(EMAIL_URL).settings)
WEBHOOK_URL = env.web_address("WEBHOOK_URL")  # gets what requesters are told; empty: none
WEBHOOK_SECRET = env.long_secret("WEBHOOK_SECRET")
if WEBHOOK_URL and not WEBHOOK_SECRET:
    raise ImproperlyConfigured("WEBHOOK_URL needs a WEBHOOK_SECRET, which signs what is sent.")
STUCK_HOURS = env.positive_int("STUCK_HOURS", 24)  # without an answer; then requesters get mail

# For how many days something of people stays; None: as long as its study.
KEEP_DAYS = {
    "messages": env.optional_int("KEEP_MESSAGES_DAYS"),
    "traces": env.optional_int("KEEP_TRACES_DAYS"),
    "names": env.optional_int("KEEP_NAMES_DAYS"),
    "numbers": env.optional_int("KEEP_NUMBERS_DAYS"),
}
SESSION_COOKIE_AGE = env.positive_int("SESSION_DAYS", 14) * 24 * 3600

# Without DATABASE_URL the installation is embedded: one machine, no database server. Otherwise it
# is production, which needs its own secret key and migrates only on `manage.py migrate`.
EMBEDDED = not DATABASE_URL
if EMBEDDED:
    env.make_data_folder(DATA_DIR)
SECRET_KEY_FILE = DATA_DIR / "secret_key" if EMBEDDED else None
SECRET_KEY = env.secret_key(keep_in=SECRET_KEY_FILE)
API_KEY_SECRET = env.long_secret("API_KEY_SECRET")  # empty: SECRET_KEY

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",  # as elsewhere: runserver's own misses PUBLIC_URL's path
    "django.contrib.staticfiles",
    "csp",
    "django_guid",
    "django_htmx",
    "annotator",
]

# A path in PUBLIC_URL: every page is below it, whether or not a proxy takes it off.
FORCE_SCRIPT_NAME = PUBLIC.path or None

MIDDLEWARE = [
    "django_guid.middleware.guid_middleware",
    "annotator.views.middleware.without_public_path",
    "annotator.views.health.answer_health_checks",
    "annotator.views.metrics.CountRequests",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "annotator.views.middleware.NoteStudy",
    "annotator.views.middleware.limit_storage",
    "annotator.views.rate_limits.RateLimits",
    "annotator.views.middleware.PlainNotFound",
    "annotator.views.middleware.CleanText",
    "annotator.views.middleware.explain_405",
]

ROOT_URLCONF = "annotator.urls"
WSGI_APPLICATION = "annotator.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "annotator.languages.PlainNumbers",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "annotator.views.access.visitor",
                "annotator.views.study_tabs.study_tabs",
            ],
        },
    }
]

if EMBEDDED:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_DIR / "unitscope.sqlite3",
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    }
else:
    DATABASES = {
        "default": dj_database_url.parse(DATABASE_URL, conn_max_age=60, conn_health_checks=True)
    }
    if DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        DATABASES["default"]["ENGINE"] = "annotator.interruptions.postgresql"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Where dissections and pictures are. Pictures are named by their content, so they never change.
if STORAGE_URL.startswith("s3://"):
    _bucket = urlsplit(STORAGE_URL)
    _storage = {
        "BACKEND": "annotator.storage.bucket.Bucket",
        "OPTIONS": {"bucket_name": _bucket.netloc, "location": _bucket.path.strip("/")},
    }
    DISSECTIONS_URL = f"{STORAGE_URL.rstrip('/')}/dissections"
else:
    _folder = Path(STORAGE_URL.removeprefix("file://")).absolute() if STORAGE_URL else DATA_DIR
    _storage = {
        "BACKEND": "annotator.storage.folder.Folder",
        "OPTIONS": {"location": _folder},
    }
    DISSECTIONS_URL = str(_folder / "dissections")
# Where nginx has the storage as an internal location: then it sends pictures, not this process.
X_ACCEL_PREFIX = env.text("X_ACCEL_PREFIX")
_static = "annotator.storage.static_files.HashedStaticFiles"
if DEBUG or "pytest" in sys.modules:
    _static = "django.contrib.staticfiles.storage.StaticFilesStorage"
STORAGES = {"default": _storage, "staticfiles": {"BACKEND": _static}}

STATIC_URL = f"{PUBLIC.path}/static/"
STATIC_ROOT = env.text("STATIC_ROOT", str(DATA_DIR / "static"))
WHITENOISE_USE_FINDERS = DEBUG

LOGIN_URL = "sign_in"
LOGIN_REDIRECT_URL = "home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{rule}"}
    for rule in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]

LOCALE_PATHS = [BASE_DIR / "annotator" / "locale"]  # message catalogs: docs/how-to/translate.md
LANGUAGES = languages_in(LOCALE_PATHS[0])
# Of a browser that asks for none of the LANGUAGES, and of commands.
LANGUAGE_CODE = env.one_of("LANGUAGE_CODE", "en", [code for code, _ in LANGUAGES])
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True

# The browser loads and runs nothing but this installation's own files.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "object-src": ["'none'"],
    }
}
# The header in which the proxy says how the browser came, such as X-Forwarded-Proto.
PROXY_SSL_HEADER = env.text("PROXY_SSL_HEADER")
if PROXY_SSL_HEADER:
    SECURE_PROXY_SSL_HEADER = (
        f"HTTP_{PROXY_SSL_HEADER.upper().replace('-', '_')}",
        "https",
    )
    SECURE_SSL_REDIRECT = PUBLIC.is_https
if PUBLIC.is_https and not DEBUG:
    SECURE_HSTS_SECONDS = env.positive_int("HSTS_SECONDS", 2592000)  # 30 days
# Other hosts of the domain are not this installation's to decide about.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
METRICS_TOKEN = env.text("METRICS_TOKEN")  # for /metrics; empty: from this machine only
SESSION_ENGINE = "annotator.tokens.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC.is_https
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = PUBLIC.path or "/"  # two installations share no cookie
CSRF_TRUSTED_ORIGINS = [PUBLIC.origin]
CSRF_FAILURE_VIEW = "annotator.views.refusals.csrf_failure"
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# Celery messages only wake a worker up; the rows in the database are the truth. A task that runs
# longer than the broker's visibility timeout is delivered twice; only one delivery gets the claim.
CELERY_BROKER_URL = BROKER_URL
# Nobody who sends a message waits for long: a page must not hang because the broker is dead.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.2,
    "socket_connect_timeout": 2,
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_max": 0.2}
# Heavy work has queues and workers of its own: `dissect`, and `dissect-gpu` for runs that request a
# GPU. Reports and what beat sends stay in the queue `celery`, which is never busy for long.
CELERY_TASK_ROUTES = {
    "annotator.tasks.dissect": {"queue": "dissect"},
    "annotator.tasks.collect": {"queue": "dissect"},
    "annotator.tasks.analyse": {"queue": "dissect"},
    "annotator.tasks.publish": {"queue": "dissect"},
}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for its broker for ever
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False  # the rows hold the claims
RUN_LEASE_SECONDS = env.positive_int(
    "RUN_LEASE_SECONDS", 90
)  # then another worker may claim the job
# A worker that is busy, or is not there, must not find a pile of them: they expire.
_every = {
    "requeue_lost_runs": RUN_LEASE_SECONDS / 3,
    "expire_lapsed_assignments": 60.0,
    "take_due_snapshots": 15.0,
    "store_due_quality": 30.0,
    "tell_requesters": 60.0,
    "end_market_sessions": 300.0,
    "pay_upkeep": 600.0,
    "keep_only_what_is_needed": 3600.0,
}
CELERY_BEAT_SCHEDULE = {
    name.replace("_", "-"): {
        "task": f"annotator.tasks.{name}",
        "schedule": seconds,
        "options": {"expires": seconds},
    }
    for name, seconds in _every.items()
}

# One line an event, on stderr, with the request that it belongs to.
LOG_LEVEL = env.one_of("LOG_LEVEL", "WARNING", ["DEBUG", "INFO", "WARNING", "ERROR"])
LOG_FORMAT = env.one_of("LOG_FORMAT", "text", ["text", "json"])
DJANGO_GUID = {"GUID_HEADER_NAME": "X-Request-ID", "VALIDATE_GUID": True, "RETURN_HEADER": True}
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {
        "request": {"()": "annotator.operations.log_lines.WithRequest"},
        "no_tokens": {"()": "annotator.operations.log_lines.WithoutTokens"},
        "one_line": {"()": "annotator.operations.log_lines.WithoutTraceOfOutage"},
    },
    "formatters": {
        "text": {"()": "annotator.operations.log_lines.TextLine"},
        "json": {"()": "annotator.operations.log_lines.JsonLine"},
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "filters": ["request", "one_line", "no_tokens"],
            "formatter": LOG_FORMAT,
        }
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    # At INFO it says at every command where each setting of the bucket came from.
    "loggers": {"botocore": {"level": "ERROR" if LOG_LEVEL == "ERROR" else "WARNING"}},
}
