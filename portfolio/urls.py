"""URLs of the public site."""

from django.urls import URLPattern, URLResolver, path, register_converter

from portfolio.pages import evidence, gallery, home, receipts


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
    path("evidence/<path:repository>/pull/<int:number>/", evidence.change, name="pull"),
    path("evidence/<path:repository>/commit/<sha:sha>/", evidence.change, name="commit"),
    path("receipts/", receipts.receipts, name="receipts"),
    path("receipts/<receipt:receipt_id>/", receipts.receipt, name="receipt"),
    path("receipts/<receipt:receipt_id>/compute/", receipts.compute_again, name="compute-again"),
    path("colophon/components/", gallery.components, name="components"),
]
