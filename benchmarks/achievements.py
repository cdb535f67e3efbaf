"""Speed of drafts, reports and the static copy over made-up pulls, at a quarter, a half and the whole of the size.

python -m benchmarks.achievements [pulls]

Each size has a database of its own (SQLite, as the embedded site has it). Seconds are of this process's processor, and
beside them by the clock; goals are for 10,000 pulls.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.measures import exponent, measure

START = dt.datetime(2031, 1, 1, 9, tzinfo=dt.UTC)
GOALS = {"drafts": 60.0, "report": 10.0, "report with PDF": 20.0}
EXPORTED = (15, 30, 60)  # changes whose copy is written: the last with receipts and lists more than 1,000 pages
LEAST_PAGES_A_SECOND = 25
LINEAR = 1.2  # the power that still counts as linear, as for the other subjects


def fill(pulls: int) -> int:
    """Made-up pulls of a year: files in modules that are worked on together, issues, an owner; the repository's id."""
    from analysis import services
    from analysis.models import Change, ChangeContributor, ChangedFile
    from tests.factories.collection import ChangeFactory, ContributorFactory, RepositoryFactory

    rng = random.Random(1)
    repository = RepositoryFactory(key="example.org/made-up/large", name="made-up/large")
    people = [ContributorFactory(is_owner=n == 0) for n in range(12)]
    step = dt.timedelta(days=364) / pulls
    changes = [
        ChangeFactory.build(
            repository=repository, number=n + 1, key=f"pull:{n + 1}", title=f"ABC-{n // 3}: mend part {n}",
            body="Made-up.", merged_at=START + step * n, landed_at=START + step * n, sorted_at=START + step * n,
            landed_additions=20, landed_deletions=4, landed_files=2,
        )
        for n in range(pulls)
    ]  # fmt: skip
    Change.objects.bulk_create(changes, batch_size=500)
    files, parts = [], []
    for n, change in enumerate(changes):
        module = n // 3
        for path, category in ((f"app/m{module}.py", "source"), (f"tests/test_m{module}.py", "test")):
            lines = rng.randint(1, 80)
            files.append(
                ChangedFile(change=change, path=path, additions=lines, deletions=3, category=category,
                            language="Python", status="modified")
            )  # fmt: skip
        parts.append(ChangeContributor(change=change, contributor=rng.choice(people), role="author", commits=2))
    ChangedFile.objects.bulk_create(files, batch_size=1000)
    ChangeContributor.objects.bulk_create(parts, batch_size=1000)
    services.compute_facts(repository_id=repository.pk)
    return int(repository.pk)


def timed(work: Callable[[], object]) -> tuple[float, float, object]:
    """(processor seconds, seconds by the clock, result)."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = work()
    return time.process_time() - cpu, time.perf_counter() - wall, result


def one_size(pulls: int) -> dict[str, tuple[float, float]]:
    """Drafts and reports over this many pulls."""
    from analysis import queries, services
    from analysis.models import Report

    repository_id = fill(pulls)
    found: dict[str, tuple[float, float]] = {}
    cpu, wall, counts = timed(lambda: services.draft_achievements(repository_id=repository_id))
    print(f"{pulls} pulls: {counts}", file=sys.stderr)
    found["drafts"] = cpu, wall

    def report() -> Report:
        return services.make_report(reader="peer", period="year", day=START.date(), actor="system:bench")

    cpu, wall, made = timed(report)
    found["report"] = cpu, wall
    assert isinstance(made, Report)
    pdf_cpu, pdf_wall, _ = timed(lambda: queries.report_file(made, "pdf"))
    found["report with PDF"] = cpu + pdf_cpu, wall + pdf_wall
    return found


def copied(changes: int, folder: Path) -> tuple[int, float, float]:
    """(pages, processor seconds, seconds by the clock) of a static copy."""
    from portfolio import services

    fill(changes)
    cpu, wall, counts = timed(lambda: services.export_site(folder=folder, actor="system:bench"))
    return counts.pages, cpu, wall  # type: ignore[attr-defined]  # the counts of a copy


def fresh_database(var: Path) -> None:
    """Point Django at a new SQLite file and make its tables."""
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    connections.close_all()
    settings.DATABASES["default"]["NAME"] = str(var)
    connections["default"].settings_dict["NAME"] = str(var)
    call_command("migrate", verbosity=0)


def told_work(sizes: list[int], rows: list[dict[str, tuple[float, float]]]) -> None:
    """The table of drafts and reports; the largest size by the clock and the growth by the processor are recorded."""
    print("| work | " + " | ".join(f"{size:,} pulls" for size in sizes) + " | goal | grows with the power |")
    print("|---|" + "---|" * (len(sizes) + 2))
    for what, goal in GOALS.items():
        cells = " | ".join(f"{row[what][0]:.1f} s ({row[what][1]:.1f})" for row in rows)
        power = exponent(sizes, [row[what][0] for row in rows])
        print(f"| {what} | {cells} | {goal:.0f} s | {power:.2f} |")
        name = f"{what}, {sizes[-1]:,} pulls"
        measure("curation", name, rows[-1][what][1], "s", goal=goal)
        measure("curation", f"{name}: processor", rows[-1][what][0], "s")
        measure("curation", f"{what}: growth with the pulls, exponent", power, "", goal=LINEAR)


def told_copies(copies: list[tuple[int, float, float]]) -> None:
    """The table of static copies."""
    print("\n| static copy | pages a second of processor time | by the clock |\n|---|---|---|")
    for pages, cpu, wall in copies:
        print(f"| {pages:,} pages | {pages / cpu:.0f} | {pages / wall:.0f} |")
    pages, cpu, wall = copies[-1]
    name = f"static copy, {pages:,} pages"
    measure("curation", name, pages / wall, "pages/s", goal=LEAST_PAGES_A_SECOND, lower_is_better=False)
    measure("curation", f"{name}: processor", pages / cpu, "pages/s", lower_is_better=False)
    power = exponent([each[0] for each in copies], [each[1] for each in copies])
    print(f"at least {LEAST_PAGES_A_SECOND}; grows with the power {power:.2f} of the pages")
    measure("curation", "static copy: growth with the pages, exponent", power, "", goal=LINEAR)


def main() -> None:
    """Print the tables as Markdown."""
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as name:
        os.environ["ATTEST_VAR"], os.environ["DATABASE_URL"] = name, ""
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
        import django

        django.setup()
        sizes = [largest // 4, largest // 2, largest]
        rows = []
        for size in sizes:
            fresh_database(Path(name) / f"{size}.sqlite3")
            rows.append(one_size(size))
        told_work(sizes, rows)
        copies = []
        for changes in EXPORTED:
            fresh_database(Path(name) / f"copy{changes}.sqlite3")
            copies.append(copied(changes, Path(name) / f"copy{changes}"))
        told_copies(copies)


if __name__ == "__main__":
    main()
