"""Three complete journeys in a real Chromium, and the unbroken path from an outcome to what would change without it."""

import hashlib
from typing import Any

import pytest

from analysis import queries as analysis
from analysis import services as analysis_services
from analysis.models import Repository
from portfolio import services
from portfolio.models import CaseStudy, Profile
from tests.factories.collection import RepositoryFactory
from tests.factories.portfolio import OwnerFactory
from tests.integration.portfolio.conftest import Site, make_changes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
QUOTE = "80 ms instead of 420 ms"


def three_outcomes(site: Site) -> None:
    """An owner who states three outcomes: two measured, one quoted, each of another change."""
    first, second = (f"change:{site.repository.key}#{change.number}" for change in site.changes[:2])
    key = analysis.public_claims().order_by("pk")[2].key
    profile = Profile.objects.get()
    profile.outcomes = (
        f"The index is read once, which took no more than [[figure {first} landed_additions]].\n"
        f"Its tests came in the same change: [[figure {second} test_added]] of them.\n"
        f"The list of all entries answers quickly on the staging data: [[claim {key}]]."
    )
    services.publish_profile(profile=profile, actor=site.owner)


def test_recruiter_in_seven_seconds(visit: Any, site: Site) -> None:
    """Who, what, since when and three outcomes stand on the first screen, on a small laptop and on a telephone; each
    outcome's receipt unfolds at a click, and the change behind it is one click away."""
    three_outcomes(site)
    for size in ({"width": 1280, "height": 720}, {"width": 360, "height": 740}):
        visitor = visit(viewport=size)
        page = visitor.page
        page.goto("/")
        outcomes = page.locator(".outcomes > li")
        assert outcomes.count() == 3
        seen = [page.locator("main").get_by_text(words).first for words in ("Ada Example", "Software engineer", "2014")]
        for place in (*seen, *outcomes.all(), *page.locator(".outcomes a.figure").all()):
            box = place.bounding_box()
            assert box is not None
            assert box["y"] + box["height"] <= size["height"], (place.inner_text(), box, size)
        for outcome in outcomes.all():
            assert outcome.locator(".meta a").count() == 1, "the change behind it"
            outcome.locator("a.figure").click()
            outcome.locator(".slip").get_by_role("button", name="Compute again").click()
            outcome.locator(".slip").get_by_text("The bytes agree.").wait_for()
        assert visitor.wrong == []


def test_recruiter_in_one_minute(visit: Any, site: Site) -> None:
    """Five clicks: a case study, what is not proven, the change behind it, the résumé, a message to the owner."""
    visitor = visit(viewport={"width": 1280, "height": 900})
    page = visitor.page
    page.goto("/")
    page.get_by_role("link", name="One pass instead of two").first.click()
    assert page.get_by_role("heading", name="What is not proven").is_visible()
    page.locator("main a", has_text="Read the index once").first.click()
    assert page.url.endswith(site.change_url)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Résumé").click()
    assert page.get_by_role("heading", name="Ada Example").is_visible()
    assert page.get_by_role("link", name="PDF").is_visible()
    page.get_by_role("link", name="Contact").click()
    page.get_by_label("Name").fill("A recruiter")
    page.get_by_label("Your e-mail address").fill("recruiter@example.org")
    page.get_by_label("Message").fill("Good morning. We build importers.")
    page.wait_for_timeout(2100)  # faster than two seconds nobody fills a form
    page.get_by_role("button", name="Send").click()
    page.wait_for_url("**/contact/?sent=1")
    assert visitor.wrong == []


def test_unbroken_path_from_an_outcome_to_what_would_change(visit: Any, site: Site) -> None:
    """An outcome on the first page, its receipt, the quoted text and its hash, computing again, what would change."""
    key = analysis.public_claims().order_by("pk")[0].key
    profile = Profile.objects.get()
    profile.outcomes = f"The list got quick: [[claim {key}]]."
    services.publish_profile(profile=profile, actor=site.owner)
    visitor = visit(viewport={"width": 1280, "height": 900})
    page = visitor.page
    page.goto("/")
    page.locator(".outcomes a.figure", has_text=QUOTE).click()
    slip = page.locator(".outcomes .slip")
    slip.get_by_text(QUOTE).first.wait_for()
    slip.get_by_role("button", name="Compute again").click()
    slip.get_by_text("The bytes agree.").wait_for()
    slip.get_by_role("link", name="Whole receipt").click()
    assert page.locator("mark").inner_text() == QUOTE
    text = analysis.public_claims().order_by("pk")[0].text
    assert page.get_by_text("These are exactly the quoted words.").is_visible()
    assert page.get_by_text(text.sha256[:16]).first.is_visible()
    assert text.sha256 == hashlib.sha256(text.text.encode()).hexdigest()
    page.get_by_role("button", name="Compute again").click()
    page.get_by_text("The bytes agree.").wait_for()
    wrong = page.locator(".section", has=page.get_by_role("heading", name="If this were wrong"))
    assert wrong.get_by_role("link", name="The first page").is_visible()
    page.get_by_role("link", name="See the whole text").click()
    assert page.locator("#texts mark").first.inner_text() == QUOTE
    page.get_by_role("link", name="what stands on it").first.click()
    assert page.get_by_role("heading", name=QUOTE).is_visible()
    assert page.get_by_role("heading", name="If this were wrong").is_visible()
    assert page.locator(".section", has_text="If this were wrong").get_by_role("link").first.is_visible()
    assert visitor.wrong == []


def test_engineer_who_doubts_a_figure(visit: Any, site: Site) -> None:
    """From a figure to its inputs, to the change in version control, and to every other figure of it."""
    visitor = visit(viewport={"width": 1280, "height": 900})
    page = visitor.page
    page.goto("/")
    page.locator(".outcomes a.figure").first.click()
    slip = page.locator(".outcomes .slip")
    slip.wait_for()
    slip.get_by_role("button", name="Compute again").click()
    slip.get_by_text("The bytes agree.").wait_for()
    slip.get_by_role("link", name="Whole receipt").click()
    page.get_by_role("heading", name="If this were wrong").wait_for()
    page.get_by_text("The whole document, as it is hashed").click()
    assert page.locator("pre code").inner_text().startswith('{"format":1')
    page.get_by_role("link", name="change:").first.click()
    assert page.url.endswith(site.change_url)
    assert page.locator("mark").first.inner_text() == QUOTE
    assert page.locator("dt", has_text="landed as").count() == 1
    page.get_by_role("link", name="What it was worth, step by step").or_(page.locator(".ladder")).first.wait_for()
    assert visitor.wrong == []


def test_owner_publishes_a_first_case_study(visit: Any, live_server: Any) -> None:
    """From an empty site by the checklist: sign in, collect, say who one is, write a study from the evidence, be told
    what lacks, publish; a stranger then computes its figure again."""
    visitor = visit(viewport={"width": 1280, "height": 900})
    page = visitor.page
    sign_in(page)
    assert page.locator(".checklist li.done").count() == 0
    page.get_by_role("link", name="Collect a repository").click()
    page.get_by_role("link", name="Add repository").click()
    assert page.get_by_role("button", name="Start the collection").is_visible()
    change = collected(RepositoryFactory(key="example.org/made-up/index", name="made-up/index"))
    page.goto("/")
    page.get_by_role("link", name="Write who you are, and publish it").click()
    page.locator("#id_name").fill("Ada Example")
    page.locator("#id_role").fill("Software engineer")
    page.locator("[name=_publish]").click()
    page.get_by_text("“Ada Example” is saved and public.").wait_for()
    page.goto(change)
    page.get_by_text("Embeds of this change").click()
    [embed] = [line for line in page.locator("pre code").inner_text().splitlines() if "landed_additions" in line]
    page.goto("/")
    assert page.locator(".checklist li.done").count() == 2
    page.get_by_role("link", name="Write a first case study").click()
    page.locator("#id_title").fill("Fresh study")
    page.locator("#id_context").fill("It took 40 minutes.")
    page.locator("#text-preview").get_by_text("stands without a receipt").first.wait_for()
    page.locator("[name=_save]").click()
    page.get_by_text("stands without a receipt").first.wait_for()
    for name in ("context", "decision", "result", "my_part"):
        page.locator(f"#id_{name}").fill("Words that state no number.")
    page.locator("#id_evidence").fill(f"It took {embed}.")
    page.locator("#text-preview a.figure", has_text="12").wait_for()
    page.locator("[name=_save]").click()
    act(page, "publish_now")
    page.get_by_text("“What is not proven” is empty.").first.wait_for()
    study = CaseStudy.objects.get(slug="fresh-study")
    page.goto(f"/admin/portfolio/casestudy/{study.pk}/change/")
    page.locator("#id_not_proven").fill("That it was worth the trouble.")
    page.locator("[name=_save]").click()
    page.goto("/")
    page.locator(".checklist").get_by_role("link", name="Publish it", exact=True).click()
    act(page, "publish_now")
    page.goto("/")
    assert page.locator(".checklist").count() == 0, "nothing is left to do"
    assert visitor.wrong == []
    a_stranger_reads(visit())


def sign_in(page: Any) -> None:
    """The owner, from the form of the admin to the first page."""
    owner = OwnerFactory()
    owner.set_password("correct horse battery staple")
    owner.save()
    page.goto("/admin/login/?next=/")
    page.locator("#id_username").fill(owner.username)
    page.locator("#id_password").fill("correct horse battery staple")
    page.locator("[type=submit]").click()


def collected(repository: Repository) -> str:
    """What a collection would bring, which needs a network and a worker; the page of its one change."""
    [change] = make_changes(repository, 1)
    analysis_services.compute_facts(repository_id=repository.pk)
    return f"/evidence/{repository.key}/pull/{change.number}/"


def act(page: Any, action: str) -> None:
    """Carry out an action on the first row of a list of the admin."""
    page.locator("input.action-select").first.check()
    page.locator("select[name=action]").select_option(action)
    page.locator("button[name=index]").click()


def a_stranger_reads(visitor: Any) -> None:
    """Somebody who is not signed in finds the study and computes its figure again."""
    page = visitor.page
    page.goto("/")
    page.get_by_role("link", name="Fresh study").first.click()
    assert page.get_by_text("That it was worth the trouble.").is_visible()
    page.locator("main a.figure", has_text="12").click()
    page.locator(".slip").get_by_role("button", name="Compute again").click()
    page.locator(".slip").get_by_text("The bytes agree.").wait_for()
    assert visitor.wrong == []
