"""Charts as drawings of receipts, and the embeds that put evidence into a text: pinned, frozen, never changing."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from analysis import queries as analysis
from analysis.facts.models import ChangeFacts
from evidence import queries as evidence
from evidence.services import verify
from portfolio import services
from portfolio.publishing import charts, drawings, embeds
from portfolio.publishing.drawings import all_periods, short
from tests.factories.portfolio import CaseStudyFactory
from tests.integration.portfolio.conftest import Site, make_changes


def claim_key() -> str:
    return str(analysis.public_claims().order_by("pk")[0].key)


def test_every_chart_is_drawn_from_a_receipt_that_computes_again(site: Site) -> None:
    drawn = dict(drawings.all_drawn())
    assert set(drawn) == set(drawings.DRAWINGS) - {"cycle"}, "no merge time is known of these pulls"
    for name, chart in drawn.items():
        receipt = drawings.derived(name)
        assert receipt is not None
        assert verify(receipt).ok, name
        assert chart.total is not None
        assert chart.total.receipt == receipt.id
        assert chart.total.value == sum(int(str(cell).replace(",", "")) for row in chart.rows for cell in row[1:])


def test_cycle_chart_states_stages_with_both_events_and_the_median_of_the_whole(site: Site) -> None:
    times = {"cycle_opened_to_ready": 60, "cycle_total": 7200}
    changed = [change for change in site.changes if change.number is not None][:3]
    assert len(changed) == 3
    for change, values in zip(changed, (times, {**times, "cycle_total": 3600}, {"hours_to_merge": 5.0}), strict=True):
        ChangeFacts.objects.update_or_create(
            change=change, defaults={"values": values, "version": "1", "inputs_sha256": "0" * 64}
        )
    cache.clear()
    receipt = drawings.derived("cycle")
    assert receipt is not None
    assert receipt.document["result"] == {"value": 7200, "unit": "second"}
    chart = drawings.draw(receipt)
    assert [(row[0], row[1]) for row in chart.rows] == [("opened → ready", "2"), ("first commit to merge", "3")]
    assert chart.rows[0][2:] == ("60 seconds",) * 3 or chart.rows[0][2:] == ("1 minute",) * 3
    assert chart.rows[1][3] == "2 hours"
    assert verify(receipt).ok


def test_without_a_whole_there_is_no_cycle_chart_and_the_page_stands(site: Site, client: Client) -> None:
    change = next(change for change in site.changes if change.number is not None)
    ChangeFacts.objects.update(values={})
    ChangeFacts.objects.filter(change=change).update(values={"cycle_opened_to_ready": 60})
    cache.clear()
    assert drawings.derived("cycle") is None
    assert client.get("/evidence/overview/").status_code == 200


@pytest.mark.parametrize(
    ("values", "expected"),
    [([5.0], (5, 5, 5)), ([1.0, 3.0], (1.2, 2, 2.8)), ([float(n) for n in range(1, 12)], (2, 6, 10))],
)
def test_spread_interpolates_between_the_ordered_values(values: list[float], expected: tuple[float, ...]) -> None:
    assert drawings.spread(values) == pytest.approx(expected)


def test_total_of_a_chart_opens_its_receipt(client: Client, site: Site) -> None:
    html = client.get("/evidence/overview/").content.decode()
    link = re.findall(r'href="(/receipts/[^"]+of=chart%3A[^"]+)"', html)[0].replace("&amp;", "&")
    page = client.get(link).content.decode()
    assert "Compute again" in page
    assert "/evidence/overview/#" in page


def test_published_chart_and_claim_stay_as_they_were(client: Client, site: Site) -> None:
    key = claim_key()[:16]
    study = CaseStudyFactory(slug="pinned", evidence=f"It says [[claim {key}]].\n\n[[chart landed]]")
    services.publish(document=study, actor=site.owner)
    before = client.get("/work/pinned/").content.decode()
    assert re.search(
        r'class="figure"[^>]+data-kind="quoted"[^>]*><span class="n">“<q>80 ms instead of 420 ms</q>”', before
    )
    assert 'class="plot time"' in before
    make_changes(site.repository, 5)
    cache.clear()
    assert drawings.derived("landing").document["result"]["value"] == 9  # type: ignore[union-attr]
    after = client.get("/work/pinned/").content.decode()
    chart = r'<figure class="chart">.*?</figure>'
    assert re.findall(chart, before, re.S) == re.findall(chart, after, re.S)


def test_claim_on_a_page_leads_to_its_words_in_the_source(client: Client, site: Site) -> None:
    text, receipts = embeds.pin(f"[[claim {claim_key()}]]")
    embeds.freeze(receipts)
    assert text == f"[[quote {receipts[0].id}]]"
    assert evidence.receipt(receipts[0].id) is not None
    page = client.get(f"/receipts/{receipts[0].id}/").content.decode()
    assert site.change_url.rsplit("/", 2)[0] in page


def test_totals_of_a_repository_and_an_achievement_can_be_embedded(site: Site) -> None:
    assert "12" in str(embeds.set_embed("figure", [f"change:{site.repository.key}#{site.changes[0].number}",
                                                   "landed_additions"]))  # fmt: skip
    assert "48" in str(embeds.set_embed("figure", [f"repository:{site.repository.key}", "lines_landed"]))


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("[[claim 0123456789abcdef]]", "no public claim"),
        ("[[claim x]]", "no public claim"),
        ("[[claim]]", "write [[claim KEY]]"),
        ("[[chart pies]]", "there is no chart called pies"),
        ("[[chart landed]]", "nothing to draw"),
        (f"[[quote {'0' * 64}]]", "no stored receipt"),
        ("[[drawing]]", "write [[drawing ID]]"),
        ("[[nothing here]]", "there is no embed called"),
    ],
)
@pytest.mark.django_db
def test_broken_embed_is_refused_at_save_with_its_reason(source: str, reason: str) -> None:
    assert reason in embeds.problems(source)[0]
    assert "unknown" in str(embeds.render(source).html)


def test_time_axis_has_no_holes() -> None:
    assert all_periods(["2031-01-06", "2031-01-27"]) == ["2031-01-06", "2031-01-13", "2031-01-20", "2031-01-27"]
    assert all_periods(["2030-11", "2031-02"]) == ["2030-11", "2030-12", "2031-01", "2031-02"]
    assert all_periods([]) == []
    assert (short("2031-01-06"), short("2031-02")) == ("6 Jan", "Feb 2031")


def test_lettering_does_not_shrink_with_the_drawing() -> None:
    chart = charts.lines("T", "D", [("s", [(0.0, 64.0), (1.0, 90.0)])], [], [])
    assert "viewBox" not in chart.svg
    assert ">60<" in chart.svg, "what never comes near zero starts at a round number below it"
    assert re.search(r'<line class="line s1" x1="0%"', chart.svg)


def test_change_tells_its_owner_how_to_embed_it_and_the_lines_hold(client: Client, site: Site) -> None:
    assert "Embeds of this change" not in client.get(site.change_url).content.decode()
    client.force_login(site.owner)
    html = client.get(site.change_url).content.decode()
    lines = re.findall(r"\[\[(?:change|claim|figure) [^\]]+\]\]", html)
    assert len(lines) > 10
    assert embeds.problems("\n\n".join(lines)) == []
