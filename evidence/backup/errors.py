"""What can be wrong with a backup."""


class BackupError(Exception):
    """The backup cannot be written or restored; the message says why and what to do."""
