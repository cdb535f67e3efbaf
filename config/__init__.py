"""Wiring: settings, URLs, the Celery application, WSGI and system checks. Nobody imports it."""
