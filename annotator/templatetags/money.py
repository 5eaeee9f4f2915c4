"""Amounts of money in templates."""

from django import template

from annotator.pay.money import dollars

register = template.Library()


@register.filter
def amount(cents: int) -> str:
    """An amount in cents as a field of a form has it: 12.50."""
    return f"{cents / 100:.2f}"


register.filter("dollars", dollars)
