"""Evidence that changes under something published: every page that stands on it says so, and no other."""

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from analysis import services as analysis
from analysis.models import Achievement, Change, Report
from analysis.queries import achievement_ref, figures_by_name
from portfolio import services
from tests.factories.achievements import AchievementChangeFactory, AchievementFactory
from tests.factories.portfolio import CaseStudyFactory
from tests.integration.portfolio.conftest import Site

pytestmark = pytest.mark.django_db
NOTE = "Evidence that this stands on has changed since it was published"


@pytest.fixture
def achievement(site: Site) -> Achievement:
    """A published one of the first change, which the site's case study and résumé state a figure of."""
    made = AchievementFactory(ended_at=site.changes[0].landed_at, started_at=site.changes[0].landed_at)
    AchievementChangeFactory(achievement=made, change=site.changes[0])
    for version, state in enumerate(("in_review", "approved", "published"), made.version):
        analysis.move_achievement(
            achievement_id=made.pk, version=version, state=state, actor=site.owner, now=timezone.now()
        )
    return made


def told(client: Client, *addresses: str) -> list[bool]:
    cache.clear()
    return [NOTE in client.get(address).content.decode() for address in addresses]


def test_case_study_resume_and_report_say_that_their_evidence_changed(
    client: Client, site: Site, achievement: Achievement
) -> None:
    services.publish(document=CaseStudyFactory(slug="without-figures"), actor=site.owner)
    landed = site.changes[0].landed_at
    assert landed is not None
    report: Report = analysis.make_report(reader="peer", period="year", day=landed.date(), actor=site.owner)
    analysis.set_report_public(report=report, public=True, actor=site.owner)
    standing = ["/work/one-pass/", "/resume/", reverse("portfolio:report", args=[report.pk])]
    apart = ["/work/without-figures/", "/writing/reading-twice/"]
    assert told(client, *standing, *apart) == [False] * 5
    Change.objects.filter(pk=site.changes[0].pk).update(content_sha256="0" * 64)
    assert analysis.draft_achievements(repository_id=site.repository.pk)["marked_stale"] == 1
    assert told(client, *standing, *apart) == [True, True, True, False, False]
    Achievement.objects.filter(pk=achievement.pk).update(stale_reason="")
    assert told(client, *standing) == [False] * 3


def test_a_text_about_the_achievement_itself_says_so_too(client: Client, site: Site, achievement: Achievement) -> None:
    ref = achievement_ref(achievement)
    study = CaseStudyFactory(slug="of-it", evidence=f"It took [[figure {ref} {next(iter(figures_by_name(ref)))}]].")
    services.publish(document=study, actor=site.owner)
    assert told(client, "/work/of-it/") == [False]
    Achievement.objects.filter(pk=achievement.pk).update(stale_reason="a claim changed")
    assert told(client, "/work/of-it/") == [True]
