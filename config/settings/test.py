"""The suite's settings: the servers that tests/legs.py found or started, named by the environment."""

import tempfile
from pathlib import Path

from config.settings.base import *  # noqa: F403  a settings module is its base plus what differs
from config.settings.base import CELERY_BROKER_URL, MIDDLEWARE, env
from config.settings.databases import database

VAR_DIR = Path(env("ATTEST_VAR", default="") or tempfile.mkdtemp(prefix="attest-test-"))
MEDIA_ROOT = VAR_DIR / "media"
STATIC_ROOT = VAR_DIR / "static"
SECRET_KEY = "only-for-tests"  # noqa: S105  no secret: it signs nothing outside a test run
DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": database(env("DATABASE_URL", default=""), sqlite_file=VAR_DIR / "test.sqlite3")}
DATABASES["default"]["CONN_MAX_AGE"] = 0
if "sqlite" in str(DATABASES["default"]["ENGINE"]):
    # A file as in the product: callers of a shared database in memory meet locks that wait for nobody.
    DATABASES["default"]["TEST"] = {"NAME": str(VAR_DIR / "suite.sqlite3")}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Its writes come at moments of their own, which tests that count queries could not foresee.
MIDDLEWARE = [name for name in MIDDLEWARE if name != "portfolio.record.timing.TimeRequests"]
CELERY_BROKER_URL = CELERY_BROKER_URL or "memory://"
AXES_ENABLED = False  # the tests of throttling turn it on

# A test sees what it has just written; tests of the keeping itself set this.
ATTEST_PAGE_SECONDS = 0
