"""Amounts of money in templates."""

from django import template

from annotator.pay.money import dollars

register = template.Library()
register.filter("dollars", dollars)
