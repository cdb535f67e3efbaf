"""URLs of the public site."""

from django.urls import URLPattern, URLResolver, path, register_converter

from portfolio.demos import views as demo_views
from portfolio.pages import (
    cards,
    contact,
    docs,
    evidence,
    feeds,
    gallery,
    home,
    machine,
    mentions,
    method,
    models,
    portraits,
    receipts,
    reports,
    resume,
    search,
    texts,
    value,
)


class Sha:
    """Twelve to sixty-four hexadecimal digits."""

    regex = "[0-9a-f]{12,64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ReceiptId(Sha):
    """A SHA-256: sixty-four hexadecimal digits."""

    regex = "[0-9a-f]{64}"


register_converter(Sha, "sha")
register_converter(ReceiptId, "receipt")

app_name = "portfolio"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("progress/", home.progress, name="progress"),
    path("repositories/", evidence.repositories, name="repositories"),
    path("evidence/", evidence.changes, name="evidence"),
    path("evidence/overview/", evidence.overview, name="overview"),
    path("evidence/<path:repository>/pull/<int:number>/", evidence.change, name="pull"),
    path("evidence/<path:repository>/commit/<sha:sha>/", evidence.change, name="commit"),
    path("receipts/", receipts.receipts, name="receipts"),
    path("receipts/<receipt:receipt_id>/", receipts.receipt, name="receipt"),
    path("receipts/<receipt:receipt_id>/compute/", receipts.compute_again, name="compute-again"),
    path("work/", texts.work, name="work"),
    path("work/<slug:slug>/", texts.case_study, name="case-study"),
    path("writing/", texts.writing, name="writing"),
    path("writing/atom.xml", feeds.atom, name="atom"),
    path("writing/feed.json", feeds.json_feed, name="json-feed"),
    path("writing/tags/<slug:tag>/", texts.writing, name="tag"),
    path("writing/tags/<slug:tag>/atom.xml", feeds.atom, name="tag-atom"),
    path("writing/tags/<slug:tag>/feed.json", feeds.json_feed, name="tag-json-feed"),
    path("writing/<slug:slug>/", texts.post, name="post"),
    path("preview/<slug:kind>/<slug:slug>/<str:key>/", texts.preview, name="preview"),
    path("demos/", demo_views.index, name="demos"),
    path("demos/<slug:slug>/", demo_views.demo, name="demo"),
    path("evidence/<path:repository>/pull/<int:number>/value/", method.ladder, name="pull-value"),
    path("evidence/<path:repository>/commit/<sha:sha>/value/", method.ladder, name="commit-value"),
    path("method/", method.method, name="method"),
    path("method/changes/", value.method_changes, name="method-changes"),
    path("value/", value.value, name="value"),
    path("basis/", value.basis, name="basis"),
    path("models/", models.models, name="models"),
    path("models/alerts/", models.alerts, name="alerts"),
    path("models/history/", models.history, name="model-history"),
    path("models/<slug:name>/", models.model, name="model"),
    path("models/<slug:name>/<int:number>/", models.version, name="model-version"),
    path("reports/", reports.reports, name="reports"),
    path("reports/<int:report_id>/", reports.report, name="report"),
    path("reports/<int:report_id>/report.<slug:form>", reports.report_file, name="report-file"),
    path("router/", machine.router, name="router"),
    path("router/decisions/<slug:key>/", machine.decision, name="decision"),
    path("status/", machine.status, name="status"),
    path("docs/", docs.index, name="docs"),
    path("docs/<path:name>/", docs.document, name="doc"),
    path("search/", search.search, name="search"),
    path("resume/", resume.page, name="resume"),
    path("resume/resume.pdf", resume.as_pdf, name="resume-pdf"),
    path("resume/resume.json", resume.as_json, name="resume-json"),
    path("contact/", contact.contact, name="contact"),
    path("webmention/", mentions.webmention, name="webmention"),
    path("about/", texts.standing, {"slug": "about"}, name="about"),
    path("privacy/", texts.standing, {"slug": "privacy"}, name="privacy"),
    path("colophon/", texts.standing, {"slug": "colophon"}, name="colophon"),
    path("pages/<slug:slug>/", texts.standing, name="page"),
    path("card/<str:key>.png", cards.card, name="card"),
    path("portrait/<receipt:sha256>.jpg", portraits.portrait, name="portrait"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("robots.txt", feeds.robots, name="robots"),
    path("colophon/components/", gallery.components, name="components"),
]
