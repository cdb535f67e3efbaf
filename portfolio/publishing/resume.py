"""The résumé from the owner's approved records: as plain values, as JSON Resume, and as PDF through Typst."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.safestring import SafeString

from evidence.typesetting import typst_string
from portfolio import queries
from portfolio.models import Position, Profile
from portfolio.publishing import documents, embeds, markdown

OUTCOMES = 3
SCHEMA = "https://raw.githubusercontent.com/jsonresume/resume-schema/v1.0.0/schema.json"


@dataclass(frozen=True)
class Line:
    """One position with its text rendered for the page and as plain words for PDF and JSON."""

    position: Position
    html: SafeString
    words: str


@dataclass(frozen=True)
class Resume:
    """Everything that the three forms are made of."""

    profile: Profile
    statement: SafeString
    statement_words: str
    outcomes: list[tuple[SafeString, str]]
    work: list[Line]
    education: list[Line]
    other: list[Line]
    skills: list[dict[str, Any]]
    studies: list[dict[str, str]]

    @property
    def empty(self) -> bool:
        """Whether the owner has approved nothing yet."""
        return not (self.profile.name or self.work or self.education or self.other)

    @property
    def sources(self) -> list[str]:
        """The texts as the owner wrote them, with their embeds."""
        lines = [*self.work, *self.education, *self.other]
        return [self.profile.statement, self.profile.outcomes, *(line.position.summary for line in lines)]


def gather() -> Resume:
    """Read the approved records: five queries, and those of the figures in the texts."""
    profile = queries.shown_profile()
    lines = [Line(position, *_both(position.summary)) for position in queries.positions()]
    statement, statement_words = _both(profile.statement)

    def of(kind: str) -> list[Line]:
        return [line for line in lines if line.position.kind == kind]

    return Resume(
        profile=profile,
        statement=statement,
        statement_words=statement_words,
        outcomes=[_line(line) for line in profile.outcomes.splitlines() if line.strip()][:OUTCOMES],
        work=of("work"),
        education=of("education"),
        other=of("other"),
        skills=[
            {"name": skill.name, "category": skill.category, "changes": len(skill.evidence.all())}
            for skill in queries.skills()
        ],
        studies=[
            {
                "title": study.live.content["title"],
                "summary": study.live.content["summary"],
                "url": documents.url_of("case-study", study.slug),
            }
            for study in queries.case_studies()[:5]
            if study.live
        ],
    )


def _both(source: str) -> tuple[SafeString, str]:
    """A text for the page and as plain words, its figures written out in both."""
    html = embeds.render(source).html
    return html, markdown.plain_html(str(html))


def _line(source: str) -> tuple[SafeString, str]:
    html = embeds.render_inline(source.strip())
    return html, markdown.plain_html(str(html))


def json_resume(resume: Resume, site: str) -> dict[str, Any]:
    """JSON Resume 1.0.0; what is not known is left out, never made up."""
    person = resume.profile
    basics: dict[str, Any] = {"name": person.name, "label": person.role, "summary": resume.statement_words, "url": site}
    if person.portrait_id:
        basics["image"] = site + reverse("portfolio:portrait", args=[person.portrait_id])
    if person.place:
        basics["location"] = {"address": person.place}
    basics["profiles"] = [{"network": link.get("label", ""), "url": link.get("url", "")} for link in person.links]

    def dates(position: Position) -> dict[str, str]:
        found = {"startDate": position.start.isoformat()}
        return {**found, "endDate": position.end.isoformat()} if position.end else found

    return {
        "$schema": SCHEMA,
        "basics": {name: value for name, value in basics.items() if value},
        "work": [
            {
                "name": line.position.organisation,
                "position": line.position.title,
                "summary": line.words,
                **dates(line.position),
            }
            for line in resume.work
        ],
        "education": [
            {"institution": line.position.organisation, "studyType": line.position.title, **dates(line.position)}
            for line in resume.education
        ],
        "skills": [{"name": skill["name"]} for skill in resume.skills],
        "projects": [
            {"name": study["title"], "description": study["summary"], "url": site + study["url"]}
            for study in resume.studies
        ],
    }


def _period(position: Position) -> str:
    end = _month(position.end) if position.end else "today"
    return f"{_month(position.start)} to {end}"


def _month(day: date) -> str:
    return day.strftime("%b %Y")


_HEAD = """#set page(paper: "a4", margin: (x: 22mm, y: 20mm))
#set text(size: 10.2pt, lang: "en")
#set par(leading: 0.62em, justify: false)
#let section(name) = { v(8pt); line(length: 100%, stroke: 0.4pt + luma(150)); v(-3pt)
  text(size: 9pt, fill: luma(90))[#name]; v(1pt) }
#let entry(title, where, when, words) = block(breakable: false, below: 8pt)[
  #grid(columns: (1fr, auto), text(weight: "bold", title) + [, ] + where, text(fill: luma(90), when))
  #if words != "" { words }
]
"""


def typst_source(resume: Resume) -> str:
    """The document that Typst sets; every word of the owner's goes in as a string literal."""
    person = resume.profile
    facts = [person.role, f"since {person.since}" if person.since else "", person.place]
    parts = [
        _HEAD,
        f"#set document(title: {typst_string(person.name + ', résumé')}, date: none)",
        f"#text(size: 20pt, {typst_string(person.name)})",
        f"#v(-6pt)\n#text(size: 11pt, {typst_string(', '.join(fact for fact in facts if fact))})",
        f"#v(2pt)\n#text({typst_string(resume.statement_words)})",
    ]
    links = ", ".join(str(link.get("url", "")) for link in person.links)
    if links:
        parts.append(f"#v(-2pt)\n#text(size: 9pt, fill: luma(90), {typst_string(links)})")
    if resume.outcomes:
        parts.append(f"#section({typst_string('Outcomes')})")
        parts += [f"#block(below: 5pt, {typst_string(words)})" for _html, words in resume.outcomes]
    for heading, lines in (("Work", resume.work), ("Education", resume.education), ("Also", resume.other)):
        if not lines:
            continue
        parts.append(f"#section({typst_string(heading)})")
        parts += [
            f"#entry({typst_string(line.position.title)}, {typst_string(line.position.organisation)}, "
            f"{typst_string(_period(line.position))}, {typst_string(line.words)})"
            for line in lines
        ]
    if resume.studies:
        parts.append('#section("Selected work")')
        parts += [f"#entry({typst_string(s['title'])}, [], [], {typst_string(s['summary'])})" for s in resume.studies]
    if resume.skills:
        names = ", ".join(skill["name"] for skill in resume.skills)
        parts.append(f'#section("Skills, each with changes that show it")\n#text({typst_string(names)})')
    return "\n".join(parts)


def pdf(resume: Resume) -> bytes:
    """The résumé as PDF, A4; about a tenth of a second."""
    import typst  # a compiled typesetter of 40 MB: loaded by whoever asks for the PDF, not by every process

    return bytes(typst.compile(typst_source(resume).encode()))
