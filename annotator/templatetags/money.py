"""Amounts of money, and the markets through which it is paid, in templates."""

from django import template

from annotator.crowd.access.markets import market_label
from annotator.pay.money import dollars

register = template.Library()


@register.filter
def amount(cents: int) -> str:
    """Filter of templates: an amount of money in cents as a form's field has it: 12.50."""
    return f"{cents / 100:.2f}"


register.filter("dollars", dollars)
register.filter("market_label", market_label)
