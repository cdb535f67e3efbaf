"""ASGI entry point (any ASGI server)."""

import os

from django.core.asgi import get_asgi_application

from config.refusal import CANNOT_BOOT, in_one_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
with in_one_line(CANNOT_BOOT):
    application = get_asgi_application()
