"""Measure `verify --all` on many frozen receipts, beside a plain loop that checks them one at a time.

python -m benchmarks.verify [receipts] [--workers 2] [--every 20]

A database of its own holds receipts like those of a site: most are counts and sums over facts, one in every twenty
(``--every``) is a simulation of 20,000 draws. The plain loop reads each receipt by its id and verifies it in this
process; it is timed on a sample, and told as a rate.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.measures import measure
from benchmarks.simulate import inputs

SAMPLE = 2000


def set_up(folder: Path) -> None:
    """Point Django at an empty database in ``folder`` and migrate it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.embedded")
    os.environ["ATTEST_VAR"] = str(folder)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def receipts(count: int, every: int) -> Iterator[object]:
    """Receipts of lines counted over three files, of totals over changes, and of simulated money."""
    from analysis.estimates.methods import value_1_0 as value
    from evidence.receipts import Input, Kind, derive

    for at in range(count):
        subject = f"change:example.org/made-up/bench#{at + 1}"
        if at % every == 0:
            entries = [Input(role, f"change:bench#{at}", told) for role, told in value.documents(inputs(at))]
            yield derive(kind=Kind.ESTIMATED, subject=subject, method="value.money", version=value.VERSION,
                         inputs=entries, seed=value.SEED)  # fmt: skip
        else:
            rows = [[f"change:bench#{at}", at % 900, 3, 40, 12] for _ in range(3)]
            yield derive(kind=Kind.MEASURED, subject=subject, method="achievements.total", version="1",
                         inputs=[Input("changes", subject, rows)],
                         parameters={"column": "added", "unit": "line"})  # fmt: skip


def plain_loop(ids: list[str]) -> float:
    """Seconds to read and verify these receipts one by one."""
    from evidence import services
    from evidence.models import Receipt

    started = time.perf_counter()
    for receipt_id in ids:
        if not services.verify(Receipt.objects.get(pk=receipt_id)).ok:
            raise SystemExit(f"{receipt_id} does not verify")
    return time.perf_counter() - started


def main() -> None:
    """Freeze, verify, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", nargs="?", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--every", type=int, default=20)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        set_up(Path(folder))
        from evidence import services, verification
        from evidence.models import Receipt

        services.load_methods()
        started = time.perf_counter()
        services.freeze_many(receipts(asked.count, asked.every))  # type: ignore[arg-type]  # typed once Django is set up
        print(f"{asked.count} receipts frozen in {time.perf_counter() - started:.1f} s", file=sys.stderr)
        steps: list[int] = []
        started, before = time.perf_counter(), os.times()
        found = verification.verify_all(asked.workers, lambda done, total: steps.append(done))
        seconds, after = time.perf_counter() - started, os.times()
        worked = sum(after[at] - before[at] for at in range(4))
        apart = max(1, asked.count // SAMPLE)
        ids = list(Receipt.objects.order_by("pk").values_list("pk", flat=True))[::apart]
        alone = plain_loop(ids)
    print(f"verified {found.counts} in {seconds:.1f} s ({worked:.1f} s of processors, {asked.workers} workers)")
    print(f"{1000 * seconds / asked.count:.3f} ms each; progress told {len(steps)} times")
    print(f"plain loop: {1000 * alone / len(ids):.3f} ms each (sample of {len(ids)}),"
          f" {alone / len(ids) * asked.count / seconds:.2f} times slower")  # fmt: skip
    subject = f"verifying {asked.count:,} receipts"
    measure(subject, f"whole, {asked.workers} workers", seconds, "s")
    measure(subject, "each", 1000 * seconds / asked.count, "ms")
    measure(subject, "a plain loop takes, times as long", alone / len(ids) * asked.count / seconds, "x",
            lower_is_better=False)  # fmt: skip
    if not found.ok:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
