"""Open Graph images: a page's title on the site's paper, drawn as SVG and turned into PNG."""

import textwrap

from django.utils.html import format_html, format_html_join

WIDTH, HEIGHT = 1200, 630


def card_svg(title: str, name: str) -> str:
    """The card as SVG, 1200 by 630; at most four lines of the title."""
    lines = textwrap.wrap(" ".join(title.split())[:200], 30)[:4] or [name]
    rows = format_html_join(
        "", '<text x="90" y="{}" font-size="68" fill="#1c1a16">{}</text>',
        ((220 + index * 84, line) for index, line in enumerate(lines)),
    )  # fmt: skip
    return format_html(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" font-family="Liberation Serif, Georgia, serif">'
        '<rect width="100%" height="100%" fill="#fcfbf7"/>{}'
        '<line x1="90" x2="1110" y1="540" y2="540" stroke="#96281b" stroke-width="4" stroke-dasharray="4 8"/>'
        '<text x="90" y="590" font-size="32" fill="#5b564c">{}</text></svg>',
        WIDTH, HEIGHT, rows, name,
    )  # fmt: skip


def card_png(title: str, name: str) -> bytes:
    """The card as PNG; a tenth of a second, so the caller keeps it."""
    import vl_convert  # a compiled renderer of 60 MB: loaded by the first card, not by every process

    return bytes(vl_convert.svg_to_png(card_svg(title, name)))
