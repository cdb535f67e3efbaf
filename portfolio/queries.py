"""Ask: what the public site knows about its owner and its own texts."""

from datetime import date, timedelta

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q, QuerySet, Sum

from portfolio.models import (
    CaseStudy,
    Demo,
    FormerAddress,
    Mention,
    Page,
    PageCount,
    Position,
    Post,
    Profile,
    Revision,
    SearchEntry,
    Skill,
)
from portfolio.models.documents import Document

LIST_LIMIT, MOST_MENTIONS = 200, 50
PROFILE_KEY, PROFILE_SECONDS = "portfolio:profile", 60


def profile() -> Profile:
    """The profile as the owner left it; an unsaved empty one before that."""
    return Profile.objects.select_related(None).first() or Profile()


def shown_profile() -> Profile:
    """The profile as it was last published, empty before that. Every page asks, so it is kept for a minute."""
    kept = cache.get(PROFILE_KEY)
    if kept is None:
        stands = Profile.objects.filter(published_at__isnull=False).exists()
        row = Revision.objects.filter(kind="profile").order_by("-number").first() if stands else None
        # A revision never changes: one of an earlier release may name a field that is gone since.
        present = {field.attname for field in Profile._meta.concrete_fields}
        kept = Profile(**{name: value for name, value in row.content.items() if name in present}) if row else Profile()
        cache.set(PROFILE_KEY, kept, PROFILE_SECONDS)
    return kept


def forget_profile() -> None:
    """Let the next page read the profile anew (other processes follow within a minute)."""
    cache.delete(PROFILE_KEY)


def case_studies() -> QuerySet[CaseStudy]:
    """Published case studies in the owner's order."""
    return CaseStudy.objects.filter(live__isnull=False).select_related("live").order_by("position", "id")


def posts() -> QuerySet[Post]:
    """Published posts, newest first."""
    return Post.objects.filter(live__isnull=False).select_related("live").order_by("-first_published_at", "-id")


def page(slug: str) -> Page | None:
    """A published standing page."""
    return Page.objects.filter(live__isnull=False, slug=slug).select_related("live").first()


def history(kind: str, slug: str) -> QuerySet[Revision]:
    """The published revisions of a document, newest first; one query."""
    return revisions(kind, slug).order_by("-number", "-id")[:LIST_LIMIT]


def revisions(kind: str, slug: str) -> QuerySet[Revision]:
    """Everything that was published of a document, under its former slugs too."""
    former = FormerAddress.objects.filter(kind=kind, current=slug).values("slug")
    return Revision.objects.filter(Q(slug=slug) | Q(slug__in=former), kind=kind)


def present_slug(kind: str, former: str) -> str:
    """The slug that a document has now which was published under a former one; "" where there is none."""
    row = FormerAddress.objects.filter(kind=kind, slug=former).first()
    return row.current if row else ""


def positions() -> QuerySet[Position]:
    """Approved lines of the résumé, newest first."""
    return Position.objects.filter(approved=True).order_by("-start", "id")[:LIST_LIMIT]


def skills() -> QuerySet[Skill]:
    """Skills with their evidence; a skill without evidence is not shown."""
    return (
        Skill.objects.filter(evidence__isnull=False).distinct().prefetch_related("evidence").order_by("position", "id")
    )


def skill_references() -> dict[str, list[str]]:
    """The references of the changes that the owner names for each skill; two queries."""
    return {skill.name: [row.ref for row in skill.evidence.all()] for skill in skills()[:LIST_LIMIT]}


def demos() -> dict[str, Demo]:
    """The last health check of each demo, by its slug."""
    return {demo.slug: demo for demo in Demo.objects.order_by("slug")}


def search_facets() -> tuple[list[str], list[int], list[str]]:
    """Kinds, years, and technologies or tags that occur among published pages; three queries."""
    kinds = SearchEntry.objects.order_by("kind").values_list("kind", flat=True).distinct()
    years = SearchEntry.objects.filter(year__isnull=False).order_by("-year").values_list("year", flat=True).distinct()
    tags = {tag for row in SearchEntry.objects.exclude(tags=[]).values_list("tags", flat=True)[:600] for tag in row}
    return list(kinds[:10]), [year for year in years[:20] if year], sorted(tags, key=str.casefold)[:60]


def views_since(days: int, today: date) -> list[tuple[str, int]]:
    """The most viewed pages of the last `days` days, for the owner."""
    rows = (
        PageCount.objects.filter(day__gt=today - timedelta(days=days))
        .values_list("path")
        .annotate(many=Sum("views"))
        .order_by("-many", "path")
    )
    return [(path, many) for path, many in rows[:20]]


def newest_case_study() -> CaseStudy | None:
    """The case study that was worked on last, published or not."""
    return CaseStudy.objects.order_by("-updated_at", "-id").first()


def takes_mentions() -> bool:
    """Whether this installation takes and sends notices of links: it must know under which address it is read."""
    return bool(settings.ATTEST_WEBMENTIONS and settings.ATTEST_ORIGIN)


def mentions_under(document: Document) -> list[Mention]:
    """The mentions that visitors see under a text, oldest first; no query where notices are off."""
    if not takes_mentions():
        return []
    shown = Mention.objects.filter(kind=document.KIND, document=document.pk, state=Mention.State.SHOWN)
    return list(shown.order_by("received_at", "id")[:MOST_MENTIONS])
