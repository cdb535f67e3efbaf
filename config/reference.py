"""The generated pages of docs/reference: every command with its arguments, every table with its columns.

`python -m config.reference` (`make reference`) writes them; a test holds that they are what the code says.
"""

from __future__ import annotations

import argparse
import ast
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


# Variables whose names every Django project knows: their lines in the settings need no comment.
_PLAIN = {
    "ALLOWED_HOSTS": "Host names that are answered, by comma",
    "ATTEST_LOG_LEVEL": "Least level of log lines that are written",
    "ATTEST_MAIL_FROM": "The address that reports come from",
    "ATTEST_REQUIRE_2FA": "A second factor is demanded of everybody in the admin",
    "DATABASE_URL": "postgres://user:password@host:port/name; without one the embedded default is SQLite",
    "DEBUG": "Django's debug pages; refused in production",
    "REDIS_URL": "redis://host:port/number, for the broker and the cache",
    "SECRET_KEY": "Signs sessions; the embedded default makes one of its own, production wants 32 characters or more",
    "SECURE_SSL_REDIRECT": "Send http to https",
}


def settings_read() -> str:
    """Markdown: each environment variable that the settings read, with its type, default and the comment above it."""
    lines = [
        "# Settings",
        "",
        "Generated from config/settings by `make reference`. Settings are environment variables; what is *required*",
        "has no default in production, and a start without it is refused with what to do.",
    ]
    for name in ("base", "embedded", "production"):
        rows = list(environment_read(ROOT / "config" / "settings" / f"{name}.py"))
        lines += ["", f"## {name}", "", "| variable | type | default | meaning |", "| --- | --- | --- | --- |", *rows]
    return "\n".join(lines) + "\n"


def environment_read(path: Path) -> Iterator[str]:
    """A row for each call of ``env`` or ``_required`` in a settings module."""
    text = path.read_text(encoding="utf-8")
    source = text.splitlines()
    seen: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        function = ast.unparse(node.func)
        variable = str(node.args[0].value)
        if function.partition(".")[0] not in ("env", "_required") or not variable.isupper() or variable in seen:
            continue
        seen.add(variable)
        kind = "text" if function in ("env", "_required") else function.partition(".")[2]
        default = next((ast.unparse(word.value) for word in node.keywords if word.arg == "default"), "*required*")
        shown = default if default.startswith("*") else f"`{default}`"
        yield f"| `{variable}` | {kind} | {_cell(shown)} | {_comment(source, node.lineno, variable)} |"


def _comment(source: list[str], line: int, variable: str) -> str:
    """The comment right above a statement, or above the variables that it stands together with."""
    above = line - 2
    while above >= 0 and "env" in source[above] and not source[above].lstrip().startswith("#"):
        above -= 1  # one comment may stand for several variables that belong together
    found: list[str] = []
    while above >= 0 and source[above].lstrip().startswith("#"):
        found.insert(0, source[above].lstrip("# "))
        above -= 1
    return _cell(" ".join(found)) or _PLAIN[variable]


def pages() -> dict[Path, str]:
    """Every generated page by its path."""
    folder = ROOT / "docs" / "reference"
    told = {folder / f"tables-{app}.md": tables(app) for app in OWN if app != "config"}
    return {folder / "commands.md": commands(), folder / "settings.md": settings_read(), **told}


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
