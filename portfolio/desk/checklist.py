"""The owner's checklist: what is left to do until the site introduces its owner, each step one click away."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import NoReverseMatch, reverse

from portfolio import queries


@dataclass(frozen=True)
class Step:
    """One step with where it is done."""

    label: str
    url: str
    done: bool


def _admin(name: str, *arguments: object) -> str:
    try:
        return reverse(f"admin:{name}", args=arguments)
    except NoReverseMatch:
        return reverse("admin:index")


def checklist(has_repository: bool) -> list[Step]:
    """The four steps, in order; two queries."""
    person = queries.profile()
    study = queries.newest_case_study()
    profile_url = _admin("portfolio_profile_change", person.pk) if person.pk else _admin("portfolio_profile_add")
    study_url = _admin("portfolio_casestudy_change", study.pk) if study else _admin("portfolio_casestudy_add")
    return [
        Step("Collect a repository", _admin("analysis_repository_changelist"), has_repository),
        Step("Write who you are, and publish it", profile_url, person.published_at is not None),
        Step("Write a first case study", study_url, study is not None),
        Step("Publish it", _admin("portfolio_casestudy_changelist"), bool(study and study.live_id)),
    ]
