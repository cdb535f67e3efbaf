"""The Celery application. Tasks are doorways in each app's tasks.py; Job rows are the truth."""

import os

from celery import Celery
from django.conf import settings

from config.refusal import in_one_line
from jobs import broker

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")

with in_one_line():
    settings.ROOT_URLCONF  # noqa: B018  reading one setting loads them all
broker.install()
app = Celery("attest")
app.set_default()  # also for threads of a web server, where the current application is thread-local
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
