"""Settings that hold everywhere. Each environment variable is read here or in its sibling modules, once."""

import datetime as dt
from pathlib import Path

import environ

BASE_DIR = Path(__file__).resolve().parents[2]
env = environ.Env()

# The folder of run-time files: media, mirrors, artefacts and, in the embedded default, the database.
VAR_DIR = Path(env("ATTEST_VAR", default=str(BASE_DIR / "var")))

INSTALLED_APPS = [
    "config.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "corsheaders",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",  # its tables only, which the release before reads during a deploy; then it goes
    "axes",
    "config.apps.ConfigConfig",
    "evidence.apps.EvidenceConfig",
    "jobs.apps.JobsConfig",
    "mlops.apps.MlopsConfig",
    "analysis.apps.AnalysisConfig",
    "portfolio.apps.PortfolioConfig",
]

MIDDLEWARE = [
    "config.proxies.VisitorAddress",
    "config.logs.RequestId",
    "config.metrics.CountRequests",
    "portfolio.record.timing.TimeRequests",
    "config.outages.RideOut",
    "config.headers.MoreHeaders",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "portfolio.pages.style.AllowInline",
    "portfolio.pages.delivery.Compress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "portfolio.pages.counting.CountViews",
    "portfolio.pages.delivery.KeepPages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.access.sessions.EndOldSessions",
    "django_otp.middleware.OTPMiddleware",
    "config.access.second_factor.RequireSecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"

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
                "portfolio.pages.context.site",
            ],
        },
    },
]

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
] + [{"NAME": "config.access.passwords.OwnWords"}]

# Login: five failures lock one name from one address for a quarter of an hour.
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_VERBOSE = False
LOGIN_URL = "admin:login"
SESSION_COOKIE_AGE = 12 * 60 * 60
# Seconds without use after which a session in the admin ends; twelve hours after its login it ends in any case.
ATTEST_SESSION_IDLE = env.int("ATTEST_SESSION_IDLE", default=3600)
SESSION_COOKIE_SAMESITE = "Lax"
# A second factor is demanded of everybody in the admin.
ATTEST_REQUIRE_2FA = env.bool("ATTEST_REQUIRE_2FA", default=False)
OTP_TOTP_ISSUER = "Attest"

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_I18N = True
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

STATIC_URL = "static/"
# No other site loads these files; by default every origin may.
WHITENOISE_ALLOW_ALL_ORIGINS = False
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR_DIR / "media"

# Strict CSP: no inline script or style but those that portfolio.pages.style names by hash, nothing from elsewhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "portfolio.rest.schema.ProblemSchema",
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_PARSER_CLASSES": ["portfolio.rest.parsers.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "portfolio.rest.auth.KeyAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["portfolio.rest.auth.PublicReadScopedWrite"],
    "DEFAULT_THROTTLE_CLASSES": ["portfolio.rest.limits.PerCallerLimit"],
    "DEFAULT_FILTER_BACKENDS": ["portfolio.rest.filters.StrictFilterBackend"],
    "EXCEPTION_HANDLER": "portfolio.rest.problems.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
# How long a public page is kept for visitors without a cookie; 0 makes every page anew.
ATTEST_PAGE_SECONDS = env.int("ATTEST_PAGE_SECONDS", default=5)
# Requests a minute for a caller with a key, and for an address without one.
ATTEST_API_RATE = env.int("ATTEST_API_RATE", default=600)
ATTEST_API_RATE_ANONYMOUS = env.int("ATTEST_API_RATE_ANONYMOUS", default=120)

# Shared by all web processes in production; in one process a dictionary does.
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://attest")}

SPECTACULAR_SETTINGS = {
    "TITLE": "Attest API",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": "Everything the site shows, with receipts. Public reads need no key; see /docs/ for a guide.",
    "SERVE_INCLUDE_SCHEMA": False,
    "COMPONENT_NO_READ_ONLY_REQUIRED": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "JobState": "jobs.models.State",
        "CollectionState": "analysis.collection.models.Collection.State",
        "AchievementState": "analysis.achievements.models.Achievement.State",
        "AssumptionRole": "analysis.estimates.models.Assumption.Role",
        "AssumptionKind": "analysis.estimates.models.Assumption.Kind",
        "ReviewDecision": "analysis.claims.models.Claim.Review",
        "ClaimState": "analysis.claims.models.Claim.State",
        "ReportTheme": "analysis.change_types.models.TYPE_CHOICES",
        "ReportReader": "analysis.reports.models.Report.Reader",
        "ReportScheduleReader": "analysis.reports.models.SCHEDULED",
        "ReportPeriod": "analysis.reports.models.Report.Period",
        "ReportSchedulePeriod": "analysis.reports.models.ReportSchedule.Period",
        "TextDraftKind": "portfolio.models.drafts.TextDraft.Kind",
        "TextDraftState": "portfolio.models.drafts.TextDraft.State",
        "TextState": "portfolio.models.documents.Document.State",
        "ModelVersionState": "mlops.registry.models.ModelVersion.State",
    },
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
}
# Origins whose pages may read the API from a browser, such as https://app.example.org.
CORS_ALLOWED_ORIGINS: list[str] = env.list("ATTEST_CORS_ORIGINS", default=[])

# Celery carries ids of Job rows; the rows are the truth (docs/adr/0001-relational-truth.md).
CELERY_BROKER_URL = env("CELERY_BROKER_URL", default=env("REDIS_URL", default=""))
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# Seconds after which a job is asked to end, and after which its process is killed.
CELERY_TASK_SOFT_TIME_LIMIT = env.int("ATTEST_JOB_SOFT_LIMIT", default=3300)
CELERY_TASK_TIME_LIMIT = env.int("ATTEST_JOB_HARD_LIMIT", default=3600)
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": CELERY_TASK_TIME_LIMIT + 600,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
}
CELERY_BROKER_CONNECTION_TIMEOUT = 2
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_BEAT_SCHEDULE = {"tick": {"task": "jobs.tick", "schedule": 5.0, "options": {"expires": 30}}}
CELERY_BEAT_SCHEDULER = "jobs.beat:SteadyScheduler"
ATTEST_CELERY_APP = "config.celery.app"
# Folders below VAR_DIR that a backup holds beside the database; mirrors are rebuilt from their sources instead.
ATTEST_BACKUP_FOLDERS = ["media", "mlops", "mlflow", "router"]
# The Bearer token of /metrics; without one the address does not exist.
ATTEST_METRICS_TOKEN = env("ATTEST_METRICS_TOKEN", default="")
# Whether an achievement is published by somebody else than the person who approved it.
ATTEST_FOUR_EYES = env.bool("ATTEST_FOUR_EYES", default=False)
# Days for which kinds of rows are kept, as jobs-done=7,jobs-failed=90.
ATTEST_RETENTION_DAYS: dict[str, int] = env.dict("ATTEST_RETENTION_DAYS", default={})
# Seconds for which a reader waits while the database restarts, before the answer is 503.
ATTEST_DATABASE_PATIENCE = env.float("ATTEST_DATABASE_PATIENCE", default=5.0)
# Seconds for which a worker holds a job without renewal; a lost worker's jobs run elsewhere after that.
ATTEST_JOB_LEASE = env.float("ATTEST_JOB_LEASE", default=30.0)

# The key of pseudonyms and of the memory of erased people; derived from SECRET_KEY where it is not given.
ATTEST_IDENTITY_KEY = env("ATTEST_IDENTITY_KEY", default="")
# Scheme and host of the public site for absolute addresses, where they are not those that were asked.
ATTEST_ORIGIN = env("ATTEST_ORIGIN", default="")
# How many reverse proxies of the operator stand before the web processes; their X-Forwarded-For is believed. One in
# production, since TLS ends there.
ATTEST_PROXIES = env.int("ATTEST_PROXIES", default=0)
# Scheme and host that a worker asks once a minute for the record of uptime; in production the first of ALLOWED_HOSTS
# by https where neither is given.
ATTEST_PROBE = env("ATTEST_PROBE", default=ATTEST_ORIGIN)
# Take and send notices of links between sites (webmention); needs ATTEST_ORIGIN. Off, since the server then fetches
# addresses that others name.
ATTEST_WEBMENTIONS = env.bool("ATTEST_WEBMENTIONS", default=False)
# Hosts on loopback that the operator lets outgoing connections reach, as host:port.
ATTEST_OUTSIDE_ALLOW = env.list("ATTEST_OUTSIDE_ALLOW", default=[])

# MLflow's own database (never Django's); empty is an SQLite file under VAR_DIR.
ATTEST_MLFLOW_STORE = env("ATTEST_MLFLOW_STORE", default="")

# GitHub: tokens (comma-separated, used in turn), the API's base URL (another one for Enterprise), webhook secrets (all
# are accepted, so that one can be replaced by the next). They come from the environment and are stored nowhere.
GITHUB_TOKENS: list[str] = env.list("GITHUB_TOKEN", default=[])
GITHUB_API_URL = env("GITHUB_API_URL", default="https://api.github.com")
GITHUB_WEBHOOK_SECRETS: list[str] = env.list("GITHUB_WEBHOOK_SECRETS", default=[])
GITHUB_WEBHOOK_MAX_BYTES = 25 * 1024 * 1024  # GitHub sends nothing larger

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env("ATTEST_LOG_LEVEL", default="WARNING")},
}

# Reports by e-mail: EMAIL_URL such as smtp+tls://user:password@host:587, and the address that they come from.
vars().update(env.email_url("EMAIL_URL", default="smtp://localhost:25"))
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env("ATTEST_MAIL_FROM", default="attest@localhost")

# The owner's Ed25519 key (32 raw bytes) for evidence bundles; made by `manage.py bundle --make-key`.
ATTEST_SIGNING_KEY = env("ATTEST_SIGNING_KEY", default=str(VAR_DIR / "keys" / "owner_ed25519"))
