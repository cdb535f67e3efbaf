"""How to cite a text of the site."""

import re

from portfolio.publishing.documents import Shown

_UNSAFE = re.compile(r"[\\{}%&#$_~^\r\n]")


def bibtex(url: str, document: Shown, author: str) -> str:
    """A BibTeX entry of the published revision; special characters are left out rather than escaped wrongly."""
    moment = document.first_published_at
    fields = {
        "title": _UNSAFE.sub(" ", document.title),
        "author": _UNSAFE.sub(" ", author),
        "year": str(moment.year) if moment else "",
        "month": str(moment.month) if moment else "",
        "note": f"Revision {document.number}",
        "url": url,
    }
    lines = [f"  {name} = {{{value}}}" for name, value in fields.items() if value]
    return f"@misc{{{document.slug},\n" + ",\n".join(lines) + "\n}"
