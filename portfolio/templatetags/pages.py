"""Small helpers of the pages: addresses, lookups and the writing of counts."""

from collections.abc import Mapping
from typing import Any

from django import template

from portfolio.publishing.addresses import change_path

register = template.Library()


@register.simple_tag
def change_url(change: Any) -> str:
    """The page of a change."""
    return change_path(change)


@register.filter
def get(mapping: Mapping[Any, Any] | None, key: Any) -> Any:
    """The value under a key that a template cannot spell, or None."""
    return mapping.get(key) if mapping else None


@register.filter
def commas(value: object) -> str:
    """A whole number with separators; what is no number stays as it is."""
    return f"{value:,}" if isinstance(value, int) else str(value if value is not None else "")
