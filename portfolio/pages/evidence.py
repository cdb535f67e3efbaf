"""Evidence: repositories, the list of changes with its facets, and the page of one change."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import capfirst
from django.views.decorators.http import require_safe

from analysis import queries as analysis
from evidence.figures import Figure
from portfolio.pages.progress import running
from portfolio.publishing import drawings

FACETS = (
    ("kind", "How it landed"),
    ("year", "Year"),
    ("language", "Language"),
    ("size", "Size"),
    ("author", "Author"),
    ("repository", "Repository"),
)
SHOWN_FILES, SHOWN_REFUSALS = 200, 60
FACET_SECONDS = 300


@dataclass(frozen=True)
class Choice:
    """One value of a facet as a link: it sets the value, or takes it away where it is set."""

    label: str
    url: str
    count: int
    chosen: bool


def read_filters(request: HttpRequest) -> analysis.ChangeFilters:
    """The filters in the address; what is too long or of the wrong kind counts as not given."""
    asked = {name: request.GET.get(name, "").replace("\x00", "").strip()[:200] for name in ("q", *dict(FACETS))}
    year = asked["year"]
    return analysis.ChangeFilters(
        text=asked["q"],
        repository=asked["repository"],
        kind=asked["kind"],
        author=asked["author"],
        language=asked["language"],
        size=asked["size"],
        year=int(year) if year.isascii() and year.isdigit() and len(year) == 4 else None,
    )


def _query(filters: analysis.ChangeFilters) -> dict[str, str]:
    values = {
        "q": filters.text,
        "kind": filters.kind,
        "year": str(filters.year or ""),
        "language": filters.language,
        "size": filters.size,
        "author": filters.author,
        "repository": filters.repository,
    }
    return {name: value for name, value in values.items() if value}


def facets(filters: analysis.ChangeFilters, path: str) -> list[tuple[str, list[Choice]]]:
    """Every facet with its choices. Counting is cached until a collection ends, and a few minutes at most."""
    counts = cache.get_or_set(f"facets:{analysis.latest_collection_id()}", analysis.facet_counts, timeout=FACET_SECONDS)
    chosen = _query(filters)
    found = []
    for name, label in FACETS:
        choices = []
        for value, text, count in (counts or {}).get(name, []):
            is_chosen = chosen.get(name) == value
            rest = {key: kept for key, kept in chosen.items() if key != name}
            query = urlencode(rest if is_chosen else {**rest, name: value})
            words = capfirst(text) if name == "kind" else text
            choices.append(Choice(words, f"{path}?{query}" if query else path, count, is_chosen))
        if len(choices) > 1 or any(choice.chosen for choice in choices):
            found.append((label, choices))
    return found


def conditions(chosen: dict[str, str], found: list[tuple[str, list[Choice]]]) -> list[tuple[str, str]]:
    """What the list is narrowed by, each as (what, value) in the words of the facets."""
    words = {label: choice.label for label, choices in found for choice in choices if choice.chosen}
    labels = [(dict(FACETS).get(name, "Words"), value) for name, value in chosen.items()]
    return [(label, words.get(label, value)) for label, value in labels]


@require_safe
def changes(request: HttpRequest) -> HttpResponse:
    """The list of changes: search, facets, keyset pages. htmx gets the results alone."""
    filters = read_filters(request)
    page = analysis.change_page(filters, after=request.GET.get("after", "")[:60])
    chosen = _query(filters)
    found = facets(filters, request.path)
    context = {
        "filters": filters,
        "conditions": conditions(chosen, found),
        "chosen": chosen,
        "narrowed": set(chosen) - {"q"},
        "changes": page.changes,
        "figures": analysis.list_figures(page.changes),
        "next": f"{request.path}?{urlencode({**chosen, 'after': page.after})}" if page.after else "",
        "first": f"{request.path}?{urlencode(chosen)}" if request.GET.get("after") else "",
        "facets": found,
        "progress": running(),
    }
    partial = request.headers.get("HX-Target") == "results"
    response = render(request, "portfolio/evidence.html#results" if partial else "portfolio/evidence.html", context)
    response["Vary"] = "HX-Request, HX-Target"
    return response


@require_safe
def repositories(request: HttpRequest) -> HttpResponse:
    """What is collected, from where, how much of it, and how complete."""
    context = {
        "repositories": analysis.repository_summaries(),
        "progress": running(),
    }
    return render(request, "portfolio/repositories.html", context)


@require_safe
def change(request: HttpRequest, repository: str, number: int = 0, sha: str = "") -> HttpResponse:
    """One change: facts with receipts, files, texts with their claims, type, estimates."""
    found = analysis.change_by_key(repository, f"pull:{number}" if number else f"commit:{sha}")
    if found is None:
        raise Http404("no such change")
    figures = analysis.change_figures(found)
    texts = [text for text in analysis.read_texts(found) if text.text.text]
    files = list(analysis.changed_files(found, limit=SHOWN_FILES + 1))
    context = {
        "change": found,
        "ref": analysis.change_ref(found),
        "landed_facts": {n: figure for n, figure in figures.items() if not n.startswith(("proposed_", "cycle_"))},
        **_cycle(figures),
        "proposed_facts": {name: figure for name, figure in figures.items() if name.startswith("proposed_")},
        "files": files[:SHOWN_FILES],
        "more_files": len(files) > SHOWN_FILES,
        "change_type": analysis.type_figure(found, None if len(files) > SHOWN_FILES else [file.path for file in files]),
        "texts": texts,
        "claims": [(claim, analysis.claim_figure(claim)) for text in texts for claim in text.claims],
        "refusals": [item for text in texts for item in text.refusals][:SHOWN_REFUSALS],
        "people": list(found.participations.all()),
        "told_by": analysis.told_by(found),
        "untold": sorted(found.unknown.items()),
    }
    return render(request, "portfolio/change.html", context)


def _cycle(figures: Mapping[str, Figure]) -> dict[str, object]:
    """The stages of a pull and what beside them is known of its reviews; no stages where nothing of them is known."""
    found = {name: figure for name, figure in figures.items() if name.startswith("cycle_")}
    stages = [figure for name, figure in found.items() if "_to_" in name]
    return {
        "stages": stages if any(stage.known for stage in stages) else [],
        "cycle_reason": next((stage.reason for stage in stages), ""),
        "cycle_total": found.get("cycle_total"),
        "cycle_beside": {
            n: found[n] for n in ("cycle_draft", "cycle_rounds", "cycle_people", "cycle_machines") if n in found
        },
    }


@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """What landed, drawn: each chart from the rows of its receipt."""
    return render(request, "portfolio/overview.html", {"charts": list(drawings.all_drawn())})
