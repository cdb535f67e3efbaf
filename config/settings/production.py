"""Production: PostgreSQL and Redis, everything unsafe refused at start with what to do about it."""

from django.core.exceptions import ImproperlyConfigured

from config.logs import json_formatter, report_errors
from config.settings.base import *  # noqa: F403  a settings module is its base plus what differs
from config.settings.base import ATTEST_PROBE, LOGGING, VAR_DIR, env
from config.settings.databases import database


def _required(name: str, example: str) -> str:
    value: str = env(name, default="").strip(" ,")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. Set it in the environment, for example: {name}={example}")
    return value


def _refuse(bad: bool, what: str, advice: str) -> None:
    if bad:
        raise ImproperlyConfigured(f"{what} {advice}")


SECRET_KEY = _required("SECRET_KEY", "$(python3 -c 'import secrets; print(secrets.token_urlsafe(50))')")
ALLOWED_HOSTS = [host.strip() for host in _required("ALLOWED_HOSTS", "portfolio.example.org").split(",")]
ATTEST_PROBE = ATTEST_PROBE or f"https://{ALLOWED_HOSTS[0].lstrip('.')}"
_refuse(
    len(SECRET_KEY) < 32, "SECRET_KEY is shorter than 32 characters and could be guessed.", "Make one with secrets."
)
_refuse(
    "token_urlsafe" in SECRET_KEY,
    "SECRET_KEY holds the recipe of a key and not a key.",
    "Run it, and set what it prints.",
)
_refuse("*" in ALLOWED_HOSTS, "ALLOWED_HOSTS accepts any host name.", "Name the hosts, such as portfolio.example.org.")
_refuse(env.bool("DEBUG", default=False), "DEBUG is on, which shows settings to visitors.", "Unset DEBUG.")
_DATABASE_URL = _required("DATABASE_URL", "postgres://user:password@host:5432/attest")
_refuse(
    _DATABASE_URL.startswith("sqlite"),
    "DATABASE_URL names SQLite, which serves one machine and one writer.",
    "Name a PostgreSQL database, or run the embedded settings with `make run`.",
)
_refuse(
    not _DATABASE_URL.startswith(("postgres://", "postgresql://")),
    "DATABASE_URL names no PostgreSQL database.",
    "Write it as postgres://user:password@host:5432/attest.",
)
DATABASES = {"default": database(_DATABASE_URL, sqlite_file=VAR_DIR)}
CELERY_BROKER_URL = _required("REDIS_URL", "redis://host:6379/0")
DEBUG = False
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": CELERY_BROKER_URL}}

# How many reverse proxies of the operator stand before the web processes; TLS ends at one.
ATTEST_PROXIES = env.int("ATTEST_PROXIES", default=1)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=True)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 63_072_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_NAME = "__Host-csrf"
ATTEST_REQUIRE_2FA = env.bool("ATTEST_REQUIRE_2FA", default=True)
CSRF_COOKIE_SECURE = True
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if not host.startswith(".")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LOGGING = {**LOGGING, "formatters": {"plain": json_formatter()}}

# Where errors are reported to; empty sends nothing. No request bodies, cookies, users or addresses are sent.
SENTRY_DSN = env("SENTRY_DSN", default="")
if SENTRY_DSN:
    report_errors(SENTRY_DSN)
