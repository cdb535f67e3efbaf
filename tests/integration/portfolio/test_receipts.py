"""The unbroken path: a figure on a page, its receipt, the quoted source, computing again, what stands on it."""

import re

from django.test import Client

from analysis import queries as analysis
from evidence import services as evidence
from tests.integration.portfolio.conftest import Site


def first_figure(html: str) -> str:
    found = re.search(r'<a class="figure" href="([^"]+)"', html)
    assert found
    return found.group(1).replace("&amp;", "&")


def test_figure_on_the_first_page_leads_to_a_receipt_that_agrees(client: Client, site: Site) -> None:
    url = first_figure(client.get("/").content.decode())
    page = client.get(url).content.decode()
    assert "Compute again" in page
    assert "If this were wrong" in page
    receipt = re.search(r"/receipts/([0-9a-f]{64})/", url)
    assert receipt
    answer = client.post(f"/receipts/{receipt.group(1)}/compute/", {"of": re.sub(".*of=", "", url)})
    assert "The bytes agree." in answer.content.decode()


def test_every_figure_of_a_change_opens_its_receipt(client: Client, site: Site) -> None:
    html = client.get(site.change_url).content.decode()
    links = {link.replace("&amp;", "&") for link in re.findall(r'<a class="figure" href="([^"]+)"', html)}
    assert len(links) > 10
    assert {client.get(link).status_code for link in links} == {200}


def test_slip_comes_alone_for_scripts(client: Client, site: Site) -> None:
    url = first_figure(client.get(site.change_url).content.decode())
    slip = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert slip.lstrip().startswith('<aside class="slip"')
    assert "<html" not in slip


def test_quoted_claim_shows_its_words_in_the_text(client: Client, site: Site) -> None:
    html = client.get(site.change_url).content.decode()
    assert "<mark>80 ms instead of 420 ms</mark>" in html
    assert 'data-kind="quoted"' in html


def test_unknown_receipt_is_not_found(client: Client, site: Site) -> None:
    assert client.get(f"/receipts/{'a' * 64}/").status_code == 404
    assert client.get(f"/receipts/{'a' * 64}/?of=change:nowhere%23x").status_code == 404
    assert client.post(f"/receipts/{'a' * 64}/compute/").status_code == 404


def test_erased_receipt_says_so_and_keeps_its_hash(client: Client, site: Site) -> None:
    derived = next(iter(analysis.figures_of(analysis.change_ref(site.changes[1]))))
    evidence.freeze(derived)
    evidence.erase_receipts(receipt_ids=[derived.id], actor=site.owner, reason="asked for")
    response = client.get(f"/receipts/{derived.id}/")
    assert response.status_code == 410
    assert derived.id in response.content.decode()


def test_published_figure_is_stored(client: Client, site: Site) -> None:
    study = site.study
    study.refresh_from_db()
    assert study.live is not None
    found = re.search(r"\[\[receipt ([0-9a-f]{64})\]\]", study.live.content["evidence"])
    assert found
    assert client.get(f"/receipts/{found.group(1)}/").status_code == 200
    assert found.group(1)[:16] in client.get("/receipts/").content.decode()
