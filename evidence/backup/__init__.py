"""Backups: one encrypted archive of the database's rows, the media and the models, consistent while running.

``write`` and ``restore`` are the doors. Mirrors are left out: they are rebuilt from their sources.
"""

from evidence.backup.errors import BackupError
from evidence.backup.reading import Restored, restore
from evidence.backup.writing import Written, write

__all__ = ["BackupError", "Restored", "Written", "restore", "write"]
