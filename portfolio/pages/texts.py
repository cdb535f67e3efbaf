"""The owner's texts: case studies, posts and standing pages, and the preview of what is not published yet."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from evidence.figures import Figure
from portfolio import queries
from portfolio.models import CaseStudy, Post
from portfolio.models.documents import Document
from portfolio.publishing import documents, embeds
from portfolio.publishing.addresses import change_path
from portfolio.publishing.citation import bibtex

RELATED, ACHIEVEMENTS, EVIDENCE = 3, 30, 4


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Case studies in the owner's order."""
    context = {"studies": study_entries(), "skills": shown_skills(), "achievements": achievements()}
    return render(request, "portfolio/work.html", context)


def shown_skills() -> list[tuple[str, list[tuple[str, str, str]]]]:
    """(skill, its evidence as (address, title, note)); evidence that no visitor may see is left out, and a skill too
    that then has none. Three queries, whatever the amount."""
    skills = list(queries.skills())
    changes = analysis.changes_by_ref([row.ref for skill in skills for row in skill.evidence.all()])
    found = []
    for skill in skills:
        rows = [(changes[row.ref], row.note) for row in skill.evidence.all() if row.ref in changes][:EVIDENCE]
        if rows:
            found.append((skill.name, [(change_path(row), row.title or row.key, note) for row, note in rows]))
    return found


def study_entries() -> list[dict[str, Any]]:
    """Published case studies as plain values, in the owner's order; one query."""
    return [
        {
            "url": documents.url_of("case-study", study.slug),
            "title": study.live.content["title"],
            "summary": study.live.content["summary"],
            "period": study.live.content.get("period", ""),
            "technologies": study.live.content.get("technologies", []),
        }
        for study in queries.case_studies()[: queries.LIST_LIMIT]
        if study.live
    ]


def achievements() -> list[tuple[Any, dict[str, Figure]]]:
    """Published achievements with their totals, the newest end first."""
    rows = analysis.with_changes(analysis.public_achievements()).order_by("-ended_at", "-id")[:ACHIEVEMENTS]
    return [(row, analysis.achievement_figures(row)) for row in rows]


def moved(kind: str, slug: str) -> HttpResponse:
    """Where a text is now that was published under this slug before. Raises Http404 for any other slug."""
    present = queries.present_slug(kind, slug)
    if not present or not documents.KINDS[kind]._default_manager.filter(slug=present, live__isnull=False).exists():
        raise Http404(f"no such {kind.replace('-', ' ')}")
    return redirect(documents.url_of(kind, present), permanent=True)


@require_safe
def case_study(request: HttpRequest, slug: str) -> HttpResponse:
    """One case study with its history."""
    study = CaseStudy.objects.filter(slug=slug, live__isnull=False).select_related("live").first()
    if study is None:
        return moved("case-study", slug)
    document = documents.published(study)
    context = {
        "document": document,
        "evidence_changed": evidence_changed(study),
        "history": queries.history("case-study", slug),
        "takes_mentions": queries.takes_mentions(),
        "mentions": queries.mentions_under(study),
        "others": [other for other in study_entries() if other["url"] != document.url][:RELATED],
        "bibtex": bibtex(request.build_absolute_uri(), document, queries.shown_profile().name),
    }
    return render(request, "portfolio/case_study.html", context)


def evidence_changed(document: Document) -> bool:
    """Whether evidence that the published text names has changed since it was approved; two queries."""
    content = document.live.content if document.live else {}
    return analysis.evidence_changed(embeds.subjects_of(*(content.get(name) or "" for name in document.TEXTS)))


@require_safe
def writing(request: HttpRequest, tag: str = "") -> HttpResponse:
    """Posts, newest first, all or of one tag."""
    entries = post_entries(tag)
    if tag and not entries:
        raise Http404("no post has this tag")
    tags = sorted({name for entry in post_entries() for name in entry["tags"]})  # type: ignore[attr-defined]
    return render(request, "portfolio/writing.html", {"entries": entries, "tag": tag, "tags": tags})


def post_entries(tag: str = "") -> list[dict[str, object]]:
    """Published posts as plain values for lists and feeds; one query."""
    found = []
    for post in queries.posts()[: queries.LIST_LIMIT]:
        assert post.live is not None  # noqa: S101  queries.posts selects by it
        content = post.live.content
        if tag and tag not in content["tags"]:
            continue
        found.append(
            {
                "url": documents.url_of("post", post.slug),
                "title": content["title"],
                "summary": content["summary"],
                "tags": content["tags"],
                "series": content["series"],
                "body": content["body"],
                "published": post.first_published_at,
                "updated": post.live.published_at,
                "number": post.live.number,
            }
        )
    return found


@require_safe
def post(request: HttpRequest, slug: str) -> HttpResponse:
    """One post with contents, related posts and how to cite it."""
    found = Post.objects.filter(slug=slug, live__isnull=False).select_related("live").first()
    if found is None:
        return moved("post", slug)
    document = documents.published(found)
    mine = set(document.extras["tags"] or [])
    others = [entry for entry in post_entries() if entry["url"] != document.url]
    related = [entry for entry in others if mine & set(entry["tags"])]  # type: ignore[call-overload]
    series = document.extras["series"]
    context = {
        "document": document,
        "evidence_changed": evidence_changed(found),
        "history": queries.history("post", slug),
        "takes_mentions": queries.takes_mentions(),
        "mentions": queries.mentions_under(found),
        "related": related[:RELATED],
        "series": [entry for entry in others if series and entry["series"] == series],
        "bibtex": bibtex(request.build_absolute_uri(), document, queries.shown_profile().name),
    }
    return render(request, "portfolio/post.html", context)


@require_safe
def standing(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of the owner's own; About, Privacy and Colophon have a text of the site's beside it."""
    found = queries.page(slug)
    own = f"portfolio/standing_{slug}.html" if slug in {"about", "privacy", "colophon"} else ""
    if found is None and not own:
        return moved("page", slug)
    context = {"document": documents.published(found) if found else None, "takes_mentions": queries.takes_mentions()}
    return render(request, own or "portfolio/standing.html", context)


@require_safe
def preview(request: HttpRequest, kind: str, slug: str, key: str) -> HttpResponse:
    """The working copy for whoever has the secret link; never indexed, never cached."""
    model = documents.KINDS.get(kind)
    found = model._default_manager.filter(slug=slug).first() if model else None
    if found is None or not constant_time_compare(found.preview_key, key):
        raise Http404("no such preview")
    context = {"document": documents.draft(found), "is_draft": True, "lacking": documents.missing(found)}
    template = "portfolio/case_study.html" if kind == "case-study" else "portfolio/post.html"
    response = render(request, template, context)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response
