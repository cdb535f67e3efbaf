"""The suite's settings plus the test handlers, for workers in processes of their own."""

import os

from config.settings.test import *  # noqa: F403, TID251  a settings module is its base plus what differs
from config.settings.test import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES, INSTALLED_APPS, VAR_DIR  # noqa: TID251
from jobs.broker import options as broker_options

DATABASES["default"]["CONN_MAX_AGE"] = 60  # as in production; the suite itself uses 0
INSTALLED_APPS = [*INSTALLED_APPS, "tests.jobapp"]
if os.environ.get("JOBAPP_VISIBILITY"):
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        **CELERY_BROKER_TRANSPORT_OPTIONS,
        "visibility_timeout": int(os.environ["JOBAPP_VISIBILITY"]),
        # Messages that are due again are looked for each second, not every hundred.
        "unacked_restore_interval": 1,
        "unacked_restore_throttle": 1,
    }
if not os.environ.get("REDIS_URL"):
    CELERY_BROKER_URL = "filesystem://localhost"
    CELERY_BROKER_TRANSPORT_OPTIONS = broker_options(VAR_DIR / "broker")
