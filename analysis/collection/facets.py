"""How many public changes each value of a facet has: meant to be cached by the caller."""

from collections import Counter
from typing import Any

from django.db.models import Count, Func, IntegerField

from analysis.collection.browse import public_changes
from analysis.collection.models import Change, Contributor
from analysis.collection.part_models import ChangeContributor

FACET_LIMIT = 12


class _Year(Func):
    """The year of a moment in UTC; SQLite's own function, since Django's is called in Python for every row."""

    output_field = IntegerField()
    template = "EXTRACT(YEAR FROM %(expressions)s AT TIME ZONE 'UTC')"

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        template = "CAST(strftime('%%%%Y', %(expressions)s) AS INTEGER)"
        return self.as_sql(compiler, connection, template=template, **more)


def facet_counts() -> dict[str, list[tuple[str, str, int]]]:
    """For each facet its (value, label, number of public changes), largest first. Two queries over all changes."""
    grouped = (
        public_changes()
        .annotate(year=_Year("sorted_at"))
        .values_list("kind", "year", "language", "size_class", "repository__key", "repository__name")
        .annotate(many=Count("id"))
        .order_by()
    )
    counts: dict[str, Counter[tuple[str, str]]] = {
        name: Counter() for name in ("kind", "year", "language", "size", "repository")
    }
    kinds = dict(Change.Kind.choices)
    for kind, year, language, size, key, name, many in grouped:
        counts["kind"][kind, kinds[kind]] += many
        counts["year"][str(year), str(year)] += many
        counts["language"][language, language] += many
        counts["size"][size, size] += many
        counts["repository"][key, name] += many
    return {
        **{name: _largest(counted) for name, counted in counts.items() if name != "year"},
        "year": sorted(((*pair, many) for pair, many in counts["year"].items()), reverse=True)[:FACET_LIMIT],
        "author": _author_counts(),
    }


def _largest(counted: Counter[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """The first of a facet's values, largest first, without the empty one."""
    rows = sorted(counted.items(), key=lambda row: (-row[1], row[0]))
    return [(value, label, many) for (value, label), many in rows if value][:FACET_LIMIT]


def _author_counts() -> list[tuple[str, str, int]]:
    """Who wrote most public changes; a person is author of a change once (a constraint), so rows are changes."""
    people = (
        Contributor.objects.filter(
            participations__role=ChangeContributor.Role.AUTHOR, participations__change__in=public_changes()
        )
        .annotate(many=Count("participations"))
        .order_by("-many", "id")
    )
    return [(person.identity, person.display_name, person.many) for person in people[:FACET_LIMIT]]
