"""`manage.py check --deploy` on the production settings, as `make check` runs it (nothing is connected to)."""

import os
import secrets
import subprocess
import sys
from pathlib import Path

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.production",
    "DATABASE_URL": "postgres://attest:made-up@127.0.0.1:5432/attest",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "ALLOWED_HOSTS": "portfolio.example.org",
}

if __name__ == "__main__":
    environment = {**os.environ, **PRODUCTION, "SECRET_KEY": secrets.token_urlsafe(50)}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    sys.exit(subprocess.run(command, env=environment, cwd=Path(__file__).resolve().parents[1], check=False).returncode)
