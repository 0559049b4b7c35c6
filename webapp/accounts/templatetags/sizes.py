"""The template filter that writes sizes."""

from django import template

from webapp.accounts.limits import MEGABYTE

register = template.Library()


@register.filter
def megabytes(size: int, decimals: int = 1) -> str:
    """Return bytes in megabytes, as text."""
    return f"{size / MEGABYTE:,.{decimals}f}"
