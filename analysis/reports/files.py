"""A stored report as a file: its bytes and media type, in each format."""

import json
from collections.abc import Callable

from analysis.reports import render
from analysis.reports.models import Report

_FORMATS: dict[str, tuple[str, Callable[..., str | bytes]]] = {
    "md": ("text/markdown; charset=utf-8", render.as_markdown),
    "json": ("application/json", render.as_json),
    "pdf": ("application/pdf", render.as_pdf),
}
FORMATS = tuple(_FORMATS)


class Erased(LookupError):
    """The report has no content any more."""


def report_file(report: Report, form: str) -> tuple[bytes, str]:
    """Bytes and media type of a report in one of FORMATS. Raises Erased."""
    if not report.document:
        raise Erased(f"The content of report {report.sha256[:12]} was erased; only its hash is kept.")
    media_type, write = _FORMATS[form]
    content = write(json.loads(report.document), report.sha256)
    return (content if isinstance(content, bytes) else content.encode()), media_type
