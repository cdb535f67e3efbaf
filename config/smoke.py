"""Import smoke test of a fresh environment: a resolver that is content is not enough.

Run as ``python -m config.smoke``; exit 1 names the library that does not import.
"""

import importlib
import importlib.util
import sys

# What a start needs. mlflow and sklearn take seconds each, so only their presence is checked.
IMPORTED = ("django", "rest_framework", "celery", "redis", "psycopg", "django_htmx", "httpx", "numpy", "pint")
PRESENT = ("mlflow", "sklearn", "skops", "scipy", "openai", "typst", "vl_convert")


def main() -> int:
    for name in IMPORTED:
        try:
            importlib.import_module(name)
        except ImportError as error:
            print(f"The environment is broken: {name} does not import ({error}). Run: make clean run", file=sys.stderr)
            return 1
    missing = [name for name in PRESENT if importlib.util.find_spec(name) is None]
    if missing:
        print(f"The environment lacks {', '.join(missing)}. Run: make clean run", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
