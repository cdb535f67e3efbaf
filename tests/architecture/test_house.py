"""The rules of the house that import-linter cannot see."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from django.apps import apps
from django.db import models

ROOT = Path(__file__).resolve().parents[2]
APPS = ("config", "portfolio", "analysis", "mlops", "jobs", "evidence")
STAGES = (
    "sources", "collection", "facts", "change_types", "claims", "estimates", "achievements", "reports",
)  # fmt: skip
OWN = [model for model in apps.get_models() if model._meta.app_label in APPS]


def stage_of(model: type[models.Model]) -> str:
    return model.__module__.split(".")[1]


def test_relations_point_only_to_earlier_stages() -> None:
    """A foreign key given as text passes every import rule, so the models themselves are asked."""
    for model in OWN:
        for field in model._meta.get_fields():
            target = getattr(field, "related_model", None)
            if not isinstance(field, models.ForeignKey | models.ManyToManyField) or target not in OWN:
                continue
            mine, theirs = model._meta.app_label, target._meta.app_label
            assert APPS.index(mine) <= APPS.index(theirs), f"{model.__name__}.{field.name} points up to {theirs}"
            if mine == theirs == "analysis":
                assert STAGES.index(stage_of(model)) >= STAGES.index(stage_of(target)), (
                    f"{model.__name__}.{field.name} points to the later stage {stage_of(target)}"
                )


def test_other_apps_enter_by_the_doors_only() -> None:
    """analysis and mlops are entered by queries and services; plain records and specs may be named."""
    graph = grimp.build_graph(*APPS)
    doors = {
        "analysis": {"queries", "services"},
        "mlops": {"queries", "services", "training.spec"},
    }
    for app, open_doors in doors.items():
        for module in graph.modules:
            if not module.startswith(f"{app}."):
                continue
            inner = module.removeprefix(f"{app}.")
            if inner in open_doors:
                continue
            outside = [name for name in graph.find_modules_that_directly_import(module) if not name.startswith(app)]
            outside = [name for name in outside if not name.startswith("config.")]
            assert not outside, f"{outside} import {module}, which is no door"


def test_no_default_ordering() -> None:
    """Order is said at the call and ends in a unique column."""
    assert [model.__name__ for model in OWN if model._meta.ordering] == []


def test_who_and_when_pairs_have_a_constraint() -> None:
    """A *_by with its *_at is all empty or all set, by a named constraint."""
    for model in OWN:
        names = {field.name for field in model._meta.get_fields()}
        pairs = [name[:-3] for name in names if name.endswith("_by") and f"{name[:-3]}_at" in names]
        for stem in pairs:
            if not model._meta.get_field(f"{stem}_at").null:
                continue
            found = [c for c in model._meta.constraints if stem in c.name]
            assert found, f"{model.__name__}: {stem}_by and {stem}_at need a constraint that names them"


@pytest.mark.parametrize("target", ["config.wsgi", "config.celery"])
def test_start_up_imports_no_heavy_library(target: str) -> None:
    """mlflow and sklearn take seconds each; a web process never reaches them by starting."""
    code = (
        f"import sys, {target}\n"
        "import django; django.setup()\n"
        "from django.urls import get_resolver; get_resolver().url_patterns\n"
        "from django.contrib import admin; admin.autodiscover()\n"
        "heavy = ('mlflow', 'sklearn', 'skops', 'altair', 'openai', 'pandas', 'jsonschema')\n"
        "print([m for m in heavy if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60,
        env={"DJANGO_SETTINGS_MODULE": "config.settings.test", "PATH": ""},
    )  # fmt: skip
    assert result.stdout.strip() == "[]"


def test_every_model_says_what_its_content_is() -> None:
    """``hash_fields`` is what `manage.py table_hash` reads; an empty tuple leaves a model out on purpose."""
    silent = [model._meta.label for model in OWN if not hasattr(model, "hash_fields")]
    assert silent == [], "say hash_fields = (…), or () for what is no content"
