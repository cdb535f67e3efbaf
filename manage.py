#!/usr/bin/env python
"""Django's command line. Without variables it uses the embedded settings (SQLite under var/)."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
    from django.core.management import execute_from_command_line

    from config.refusal import in_one_line

    with in_one_line():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
