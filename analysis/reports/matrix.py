"""The matrix of a job description: each requirement with the evidence that speaks of it, or with the gap it leaves.

``document["matrix"]`` is ``{sha256, language, notice, skipped, rows}``; a row is ``{requirement, found, gaps}`` and
what was found is ``{figure, changes}``: how many landed changes, with a receipt, and up to three of them. Nothing is
scored or rated, a term counts by whole words alone, and the numbers of the pasted text are quoted and never figures.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from analysis.achievements.drafts import OUTCOMES
from analysis.change_types.models import ChangeType, TypeReview
from analysis.claims.models import Claim
from analysis.collection.browse import change_ref
from analysis.collection.models import Change, Contributor
from analysis.collection.part_models import ChangeContributor, ChangedFile
from analysis.reports import compile as compiling
from analysis.reports import skills
from analysis.reports.compile import Compiled, Order
from analysis.reports.description import Description, Line, read
from analysis.reports.language import LANGUAGES
from analysis.reports.terms import FILES, NOT_SHOWN, Term, Vocabulary, path_pattern
from evidence.canonical import sha256_bytes
from evidence.receipts import Derived, Kind

ROWS = 200
EXAMPLES = 3
TITLE = "What the job asks for, and what shows it"
NOTHING = "Nothing collected speaks of this."
NAMES_READ = "it was read only for the terms that are names: languages, tools and skills"
NONE_READ = "nothing in it could be read, for it names no language, tool or skill that evidence can speak of"
NOT_PROVEN = (
    "A requirement is compared by the words that are named beside it; what else its line asks for was not looked at.",
    "A count says how many changes are about something, not how well it was done or how hard it was.",
)
EVERYBODY = "No contributor is marked as the owner: the changes of everybody are counted."
WROTE = (ChangeContributor.Role.AUTHOR, ChangeContributor.Role.CO_AUTHOR)
_KINDS = {"type": Kind.PREDICTED, "outcome": Kind.QUOTED, "skill": Kind.DECLARED}
_CATEGORIES = {key for key, _, _, _, pattern in FILES if not pattern}

Found = Mapping[Term, set[int]]  # the ids of the changes that speak of a term


def compile_matrix(order: Order, text: str) -> Compiled:
    """Read the cleaned and redacted description against what landed in the period. Nine queries at most."""
    declared = skills.declared()
    vocabulary = Vocabulary(declared)
    description = read(text)
    lines = _requirements(description, vocabulary)
    changes, by_everybody = _changes(order)
    wanted = {term for _, terms in lines for term in terms}
    found = _evidence(order, wanted, changes, declared)
    compared = compiling.rows_as_input(compiling.subject_of(order), [*changes.values()])
    base = compiling.total_of(compared, "changes", "change")
    receipts = _receipts(order, found, changes)
    rows = [_row(line, terms, found, receipts, changes, vocabulary, description) for line, terms in lines[:ROWS]]
    every = [base, *receipts.values()] if changes else []
    return Compiled(_document(order, text, description, rows, every, by_everybody, len(lines) > ROWS), tuple(every))


def _document(
    order: Order, text: str, description: Description, rows: list[dict[str, Any]], receipts: Sequence[Derived],
    by_everybody: bool, cut: bool,
) -> dict[str, Any]:  # fmt: skip
    return {
        "format": compiling.FORMAT,
        "title": TITLE,
        "reader": order.reader,
        "period": {"from": order.starts_on.isoformat(), "to": order.ends_on.isoformat()},
        "scope": order.repository.name if order.repository else "all repositories",
        "theme": order.theme,
        "totals": [compiling.figure_of("changes compared", receipt) for receipt in receipts[:1]],
        "achievements": [], "claims": [], "changes": [], "listed_of": 0, "caveats": [],
        "matrix": {
            "sha256": sha256_bytes(text.encode()), "language": description.language,
            "notice": _notice(description, rows, cut), "skipped": list(description.skipped), "rows": rows,
        },
        "not_proven": [*NOT_PROVEN, *([EVERYBODY] if by_everybody and receipts else [])],
        "appendix": [compiling.described(receipt) for receipt in receipts],
        "empty_reason": "" if receipts else compiling.why_empty(order),
    }  # fmt: skip


def _requirements(description: Description, vocabulary: Vocabulary) -> list[tuple[Line, list[Term]]]:
    """The lines that ask for something, with their terms. In another language only lines that name a name."""
    english = description.language == "en"
    lines = ((line, vocabulary.find(line.text, names_only=not english)) for line in description.lines)
    return [(line, terms) for line, terms in lines if terms or (english and line.asks)]


def _notice(description: Description, rows: Sequence[object], cut: bool) -> str:
    """One message on what was not read, "" where all was."""
    if description.language != "en":
        name = LANGUAGES.get(description.language)
        what = f"The text seems to be in {name}" if name else "The language of the text could not be told"
        return f"{what}: {NAMES_READ if rows else NONE_READ}. For a whole matrix paste it in English."
    if not rows:
        return "No line of the text asks for something: paste the part with the requirements, one on a line."
    return "The text asks for more than a matrix holds: its last lines are left out. Paste fewer." if cut else ""


def _changes(order: Order) -> tuple[dict[int, Change], bool]:
    """What landed in the period, newest first: the owner's own changes, or everybody's where no owner is marked."""
    landed = compiling.landed(order)
    by_everybody = not Contributor.objects.filter(is_owner=True).exists()
    if not by_everybody:
        own = ChangeContributor.objects.filter(contributor__is_owner=True, role__in=WROTE)
        landed = landed.filter(pk__in=own.values("change_id"))
    return {change.pk: change for change in compiling.read(landed.order_by("-landed_at", "-pk"))}, by_everybody


def _evidence(
    order: Order, wanted: Iterable[Term], changes: Mapping[int, Change], declared: Mapping[str, Sequence[str]]
) -> Found:
    """The changes that speak of each wanted term; terms that none speaks of are not in it."""
    found: dict[Term, set[int]] = defaultdict(set)
    by_source: dict[str, dict[str, Term]] = defaultdict(dict)
    for term in wanted:
        by_source[term.source][term.key] = term
    readers = (_by_files(order, by_source), _by_type(order, by_source), _by_outcome(order, by_source),
               _by_skill(by_source, changes, declared))  # fmt: skip
    for pairs in readers:
        for term, change_id in pairs:
            if change_id in changes:
                found[term].add(change_id)
    return found


Pairs = Iterable[tuple[Term, int]]
Wanted = Mapping[str, Mapping[str, Term]]


def _by_files(order: Order, wanted: Wanted) -> Pairs:
    """By the language, category and path of the files that people wrote; one query."""
    languages, about = wanted.get("language", {}), wanted.get("files", {})
    if not languages and not about:
        return
    rows = ChangedFile.objects.filter(change__in=compiling.landed(order).values("pk"))
    rows = rows.exclude(category__in=(ChangedFile.Category.GENERATED, ChangedFile.Category.VENDORED))
    paths = [(path_pattern(key), term) for key, term in about.items() if key not in _CATEGORIES]
    for change_id, path, category, language in rows.values_list("change_id", "path", "category", "language").iterator():
        if language in languages:
            yield languages[language], change_id
        if category in about:
            yield about[category], change_id
        for pattern, term in paths:
            if pattern.search(path):
                yield term, change_id


def _by_type(order: Order, wanted: Wanted) -> Pairs:
    """By the predicted type, or by the owner's where there is one."""
    types = wanted.get("type", {})
    if not types:
        return
    within = compiling.landed(order).values("pk")
    reviewed = dict(TypeReview.objects.filter(change__in=within).values_list("change_id", "type"))
    predicted = ChangeType.objects.filter(change__in=within, is_current=True, type__in=types)
    said = {**dict(predicted.values_list("change_id", "type")), **reviewed}
    yield from ((types[name], change_id) for change_id, name in said.items() if name in types)


def _by_outcome(order: Order, wanted: Wanted) -> Pairs:
    """By what a change states of an outcome; what the owner rejected is left out."""
    metrics = wanted.get("outcome", {})
    if not metrics:
        return
    claims = Claim.objects.filter(
        change__in=compiling.landed(order).values("pk"), is_current=True, state__in=OUTCOMES, metric__in=metrics
    ).exclude(review=Claim.Review.REJECTED)
    yield from ((metrics[metric], change_id) for metric, change_id in claims.values_list("metric", "change_id"))


def _by_skill(wanted: Wanted, changes: Mapping[int, Change], declared: Mapping[str, Sequence[str]]) -> Pairs:
    """By the changes that the owner names for a skill; a short SHA of twelve digits or more names one too."""
    names = wanted.get("skill", {})
    if not names:
        return
    refs = {change_ref(change): change.pk for change in changes.values()}
    short = {ref[: ref.index("@") + 13]: pk for ref, pk in refs.items() if "@" in ref}
    for name, term in names.items():
        for ref in declared.get(name, ()):
            place = ref.find("@")
            pk = refs.get(ref) or (short.get(ref[: place + 13]) if place > 0 else None)
            if pk is not None:
                yield term, pk


def _receipts(order: Order, found: Found, changes: Mapping[int, Change]) -> dict[Term, Derived]:
    """How many changes speak of each term, each count with its receipt."""
    receipts = {}
    for term in sorted(found, key=lambda term: (term.source, term.key)):
        about = [change for pk, change in changes.items() if pk in found[term]]
        rows = compiling.rows_as_input(f"{compiling.subject_of(order)}~{term.source}={term.key}", about)
        receipts[term] = compiling.total_of(rows, "changes", "change", _KINDS.get(term.source, Kind.MEASURED))
    return receipts


def _row(
    line: Line, terms: Sequence[Term], found: Found, receipts: Mapping[Term, Derived], changes: Mapping[int, Change],
    vocabulary: Vocabulary, description: Description,
) -> dict[str, Any]:  # fmt: skip
    shown = [term for term in terms if term in receipts]
    english = description.language == "en"
    gaps = _gaps(line, terms, shown, vocabulary.unknown(line.text)) if english else _silent(terms, shown)
    return {
        "requirement": line.text,
        "found": [
            {"figure": compiling.figure_of(term.label, receipts[term]), "changes": _examples(found[term], changes)}
            for term in shown
        ],
        "gaps": gaps or ([] if shown else [NOTHING]),
    }


def _silent(terms: Sequence[Term], shown: Sequence[Term]) -> list[str]:
    """What was recognised and is shown by no change of the period; a name that anything shows is no gap."""
    spoken = {term.key.lower() for term in shown}
    keys = dict.fromkeys(term.label for term in terms if term not in shown and term.key.lower() not in spoken)
    return [f"No {label} among the changes compared." for label in keys]


def _gaps(line: Line, terms: Sequence[Term], shown: Sequence[Term], unknown: Sequence[str]) -> list[str]:
    gaps = _silent(terms, shown)
    gaps += [f"{word}: nothing collected speaks of this." for word in unknown]
    gaps += [f"{what[0].upper()}{what[1:]} cannot be shown by a repository." for what, pattern in NOT_SHOWN
             if pattern.search(line.text)]  # fmt: skip
    return gaps


def _examples(ids: set[int], changes: Mapping[int, Change]) -> list[dict[str, Any]]:
    """The newest of the changes."""
    newest = [change for pk, change in changes.items() if pk in ids][:EXAMPLES]
    return [
        {"ref": change_ref(change), "title": change.title[:200],
         "landed": change.landed_at.date().isoformat() if change.landed_at else None}
        for change in newest
    ]  # fmt: skip
