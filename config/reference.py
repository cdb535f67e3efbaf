"""The generated pages of docs/reference: every command with its arguments, every table with its columns.

`python -m config.reference` (`make reference`) writes them; a test holds that they are what the code says.
"""

from __future__ import annotations

import argparse
import inspect
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

OWN = ("config", "analysis", "evidence", "jobs", "mlops", "portfolio")
ROOT = Path(__file__).resolve().parents[1]


def commands() -> str:
    """Markdown: each command of this project with its purpose, arguments and options."""
    from django.core.management import get_commands, load_command_class
    from django.core.management.base import BaseCommand

    common = {action.dest for action in BaseCommand().create_parser("manage.py", "x")._actions}
    lines = [
        "# Commands",
        "",
        "Generated from the code by `make reference`. `.venv/bin/python manage.py COMMAND --help` says the same.",
        "Results go to stdout, progress to stderr; exit 0 complete, 3 partial, 2 wrong use, 1 failure.",
    ]
    for name, app in sorted(get_commands().items()):
        if str(app) not in OWN:
            continue
        command = load_command_class(str(app), name)
        parser = command.create_parser("manage.py", name)
        lines += ["", f"## {name}", "", " ".join(str(command.help).split())]
        rows = list(_arguments(parser, common, ""))
        if rows:
            lines += ["", "| argument | meaning |", "| --- | --- |", *rows]
    return "\n".join(lines) + "\n"


def _arguments(parser: argparse.ArgumentParser, common: set[str], prefix: str) -> Iterator[str]:
    """A row for each argument that is this command's own; the parts of a command come after it."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, part in action.choices.items():
                yield f"| `{prefix}{name}` | {_cell(_help_of(action, name))} |"
                yield from _arguments(part, common | {"help"}, f"{prefix}{name} ")
        elif action.dest not in common:
            yield f"| `{prefix}{_written(action)}` | {_cell(_told(action))} |"


def _help_of(action: argparse._SubParsersAction[argparse.ArgumentParser], name: str) -> str:
    return next((str(choice.help or "") for choice in action._choices_actions if choice.dest == name), "")


def _written(action: argparse.Action) -> str:
    name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
    if not action.option_strings or action.nargs == 0:
        return name
    values = action.metavar or action.dest.upper()
    return f"{name} {' '.join(values) if isinstance(values, tuple) else values}"


def _told(action: argparse.Action) -> str:
    told = str(action.help or "")
    for key, value in (("%(default)s", action.default), ("%%", "%")):
        told = told.replace(key, str(value))
    if action.choices:
        told = f"{told} ({', '.join(map(str, action.choices))})".strip()
    return told


def tables(app: str) -> str:
    """Markdown: each table of an app with what it stands for, its columns and its rules."""
    from django.apps import apps

    lines = [
        f"# Tables of {app}",
        "",
        "Generated from the models by `make reference`. Rules are constraints of the database.",
    ]
    for model in sorted(apps.get_app_config(app).get_models(), key=lambda model: model.__name__):
        lines += ["", f"## {model.__name__}", "", _first_paragraph(model), ""]
        lines += ["| column | type | meaning |", "| --- | --- | --- |"]
        lines += [_column(field) for field in model._meta.concrete_fields]
        rules = ", ".join(f"`{rule.name}`" for rule in model._meta.constraints)
        lines += ["", f"Rules: {rules}."] if rules else []
    return "\n".join(lines) + "\n"


def _column(field: Any) -> str:
    related = f" of {field.related_model._meta.label}" if field.related_model else ""
    kind = f"{type(field).__name__.removesuffix('Field')}{related}"
    return f"| `{field.name}` | {kind} | {_cell(str(field.help_text))} |"


def _first_paragraph(model: type) -> str:
    return " ".join((inspect.getdoc(model) or "").split("\n\n")[0].split())


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    folder = ROOT / "docs" / "reference"
    told = {folder / f"tables-{app}.md": tables(app) for app in OWN if app != "config"}
    return {folder / "commands.md": commands(), **told}


def main() -> int:
    """Write the pages; says which ones changed."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
    import django

    django.setup()
    for path, text in pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
            print(f"{path.relative_to(ROOT)} written", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
