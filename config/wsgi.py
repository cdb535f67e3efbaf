"""WSGI entry point (gunicorn config.wsgi)."""

import os

from django.core.wsgi import get_wsgi_application

from config.refusal import CANNOT_BOOT, in_one_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
with in_one_line(CANNOT_BOOT):
    application = get_wsgi_application()
