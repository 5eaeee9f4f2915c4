"""Sums as people read them."""

from django import template

register = template.Library()


@register.filter
def dollars(cents: int) -> str:
    """Cents as dollars: 80 is $0.80."""
    return f"${cents / 100:,.2f}"
