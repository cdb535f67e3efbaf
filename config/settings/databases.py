"""The database from DATABASE_URL, or the embedded SQLite file in WAL mode."""

from pathlib import Path
from typing import Any

import environ

# BEGIN IMMEDIATE takes the write lock at the start of a transaction, so that two writers wait instead of failing
# in the middle; WAL lets readers go on meanwhile.
SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;"
    ),
}
# Each side notices within half a minute that the other is cut off: a lost worker must not keep its row locks for the
# hours that TCP would wait.
_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
_SERVER_SIDE = " ".join(
    f"-c tcp_{name}"
    for name in ("keepalives_idle=10", "keepalives_interval=5", "keepalives_count=3", "user_timeout=30000")
)
POSTGRES_OPTIONS = {"connect_timeout": 5, **_ALIVE, "options": _SERVER_SIDE}


def database(url: str, *, sqlite_file: Path) -> dict[str, Any]:
    """Django's settings of one database: the URL's, else SQLite at ``sqlite_file``."""
    if not url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": str(sqlite_file), "OPTIONS": SQLITE_OPTIONS}
    settings: dict[str, Any] = environ.Env.db_url_config(url)
    if settings["ENGINE"] == "django.db.backends.sqlite3":
        settings["OPTIONS"] = {**SQLITE_OPTIONS, **settings.get("OPTIONS", {})}
    else:
        settings["OPTIONS"] = {**POSTGRES_OPTIONS, **settings.get("OPTIONS", {})}
        settings.setdefault("CONN_MAX_AGE", 60)
        settings["CONN_HEALTH_CHECKS"] = True
    return settings
