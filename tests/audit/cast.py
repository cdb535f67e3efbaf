"""An obviously made-up owner over whatever was collected, so that pages with an owner's words are audited too.

usage: ATTEST_VAR=… python -m tests.audit.cast
"""

import datetime as dt
from pathlib import Path
from typing import Any

import django

ROOT = Path(__file__).resolve().parents[2]
STATEMENT = (
    "I build data services and keep them quick. I like small systems that say what they do, and numbers that say where "
    "they come from."
)
WORK = (
    ("Staff engineer", "Made-up Works", dt.date(2021, 4, 1), None, "Owns the collection service and its on-call."),
    ("Senior engineer", "Example & Daughters", dt.date(2017, 9, 1), dt.date(2021, 3, 1),
     "Moved the order store from nightly batches to a queue. Taught two teams to read query plans."),
    ("Engineer", "Nowhere Post Office", dt.date(2014, 2, 1), dt.date(2017, 8, 1),
     "Built the address matcher and its test collection."),
)  # fmt: skip
STUDY = ("MSc Computer science", "University of Elsewhere", dt.date(2011, 10, 1), dt.date(2013, 12, 1), "")
SKILLS = ("PostgreSQL", "Continuous integration", "Capacity planning", "Python", "Observability")


def owner() -> Any:
    from django.contrib.auth import get_user_model

    return get_user_model().objects.filter(is_superuser=True).order_by("id").first()


def subjects() -> tuple[list[str], list[str]]:
    """(references of the largest changes, keys of claims of unlike changes), as many as there are."""
    from analysis import queries as analysis

    rows = analysis.public_changes().filter(is_credited=True, landed_files__isnull=False)
    changes = [analysis.change_ref(row) for row in rows.select_related("repository").order_by("-landed_additions")[:12]]
    claims: dict[int, str] = {}
    for claim in analysis.public_claims().filter(state__in=["stated", "corroborated"]).order_by("kind", "-pk")[:60]:
        claims.setdefault(claim.change_id, claim.key[:16])
    return changes, list(claims.values())


def profile(actor: Any, changes: list[str], claims: list[str]) -> None:
    from portfolio import services
    from portfolio.models import Profile

    said = [f"What a change says of its result, in its own words: [[claim {key}]]." for key in claims[:2]]
    built = [f"A first version of the platform landed whole: [[figure {ref} landed_additions]] in one change, with "
             f"[[figure {ref} test_added]] of tests." for ref in changes[:3]]  # fmt: skip
    row = Profile.objects.first() or Profile()
    row.name, row.role, row.since, row.place = "Ada Example", "Staff engineer, data services", 2014, "Lisbon"
    row.statement = STATEMENT
    row.outcomes = "\n".join((said + built)[:3])
    row.links = [
        {"label": "Code", "url": "https://example.org/ada"},
        {"label": "Talks", "url": "https://example.org/t"},
    ]
    row.save()
    services.publish_profile(profile=row, actor=actor)


def resume(changes: list[str]) -> None:
    from portfolio.models import Position, Skill, SkillEvidence

    for title, organisation, start, end, words in WORK:
        row = {"kind": "work", "start": start, "end": end, "summary": words, "approved": True, "place": "Lisbon"}
        Position.objects.update_or_create(title=title, organisation=organisation, defaults=row)
    title, organisation, start, end, words = STUDY
    row = {"kind": "education", "start": start, "end": end, "summary": words, "approved": True}
    Position.objects.update_or_create(title=title, organisation=organisation, defaults=row)
    for position, name in enumerate(SKILLS):
        slug = name.lower().replace(" ", "-")
        skill, _ = Skill.objects.update_or_create(slug=slug, defaults={"name": name, "position": position})
        for ref in changes[position : position + 3]:
            SkillEvidence.objects.get_or_create(skill=skill, ref=ref)


def studies(actor: Any, changes: list[str], claims: list[str]) -> None:
    from portfolio import services
    from portfolio.models import CaseStudy

    for position, ref in enumerate(changes[:3]):
        claim = f"\n\nThe change itself says [[claim {claims[position]}]]." if position < len(claims) else ""
        names = ("One queue instead of three", "A pipeline that says no", "Reading each file once")
        study, _ = CaseStudy.objects.update_or_create(
            slug=f"study-{'abc'[position]}",
            defaults={
                "title": names[position],
                "summary": "Why the second queue went, what it cost, and what nobody measured.",
                "period": "Summer 2025",
                "technologies": ["Python", "PostgreSQL", "Celery"][: 3 - position % 2],
                "position": position,
                "context": "Three services each kept a queue of their own. When one stopped, the others filled, and "
                "nobody could say which work was lost.\n\nThe team was small, and on call in turns.",
                "constraint": "No new infrastructure. The public interface could not change, and a message could "
                "neither be lost nor be done twice.",
                "options": "- A broker with transactions: safest, and one more thing to run.\n- A table as the queue: "
                "slower, and everything in one place.\n- Leaving it: no work, and the same call at night.",
                "decision": "The table. It is the only option under which a restart needs no thought:\n\n"
                "```sql\nselect id from job\nwhere state = 'due'\nfor update skip locked\nlimit 1;\n```",
                "evidence": f"[[change {ref}]] added [[figure {ref} landed_additions]] and deleted "
                f"[[figure {ref} landed_deletions]] in [[figure {ref} landed_files]].{claim}\n\n[[chart landed]]",
                "result": "The queues became one. What the waiting cost before was not measured, so no saving is "
                "stated here.",
                "what_failed": "The first version polled every second and kept the database busy for nothing. It was "
                "replaced by a notification within a week.",
                "my_part": "Design, the migration and the first month of running it. The dashboards are a colleague’s.",
                "not_proven": "- That incidents became fewer: nobody counted them before.\n- That another team would "
                "choose the same.",
            },
        )
        services.publish(document=study, actor=actor, note="First publication" if study.live_id is None else "")


def texts(actor: Any) -> None:
    from portfolio import services
    from portfolio.models import Page, Post

    services.import_content(folder=ROOT / "content", actor=actor)
    for post in Post.objects.all():
        services.publish(document=post, actor=actor)
    page, _ = Page.objects.update_or_create(
        slug="about", defaults={"title": "About Ada", "body": "I do not exist. These words hold a place for yours."}
    )
    services.publish(document=page, actor=actor)


def achievements(actor: Any, today: dt.datetime) -> None:
    from analysis.achievements.models import Achievement
    from analysis.achievements.services import move
    from analysis.reports import services as reports
    from analysis.reports.models import Report

    published = Achievement.objects.filter(state="published")
    drafts = Achievement.objects.filter(state="draft").order_by("-landed_source_lines", "pk")[:3]
    for row in () if published.exists() else drafts:
        for state in ("in_review", "approved", "published"):
            row = move(achievement_id=row.pk, version=row.version, state=state, actor=actor, now=today)
    last = published.filter(ended_at__isnull=False).order_by("-ended_at").first()
    if last is not None and not Report.objects.exists():
        report = reports.make(reader="manager", period="quarter", day=last.ended_at.date(), actor=actor)
        reports.set_public(report=report, public=True, actor=actor)


def fill() -> None:
    """Everything that an owner would write, published."""
    from django.utils import timezone

    actor = owner()
    changes, claims = subjects()
    profile(actor, changes, claims)
    resume(changes)
    studies(actor, changes, claims)
    texts(actor)
    achievements(actor, timezone.now())


if __name__ == "__main__":
    django.setup()
    fill()
