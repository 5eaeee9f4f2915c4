"""Filters that write numbers as a report does, and a tag that links a number to its definition."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotator.results.definitions import Definition
from annotator.results.output import formatting
from annotator.results.output.who_answered import DETAIL_NAMES

register = template.Library()

register.filter("decimal", formatting.decimal)
register.filter("interval", formatting.interval)
register.filter("percent", formatting.percent)
register.filter("counted", formatting.count)


@register.filter
def of(mapping: dict, key: object) -> object:
    """Template filter of result pages: look up a variable key, {{ shares|of:group }}."""
    return mapping.get(key)


@register.filter
def attribute(instance: object, name: str) -> object:
    """Template filter of result pages: read a variable attribute, {{ layer|attribute:rule }}."""
    return getattr(instance, name)


@register.filter
def item(values: tuple, position: int) -> object:
    """Template filter of result pages: read an item by position, {{ curve.units|item:75 }}."""
    return values[position]


@register.filter
def detail_name(column: str) -> str:
    """Template filter of result pages: what a column of WorkerDetails is called."""
    return DETAIL_NAMES[column]


@register.filter
def threshold(hundredths: int) -> str:
    """Template filter of result pages: hundredths in words, 75 becomes "above 0.75"."""
    return f"above {hundredths / 100:g}"


@register.filter
def spaced(key: str) -> str:
    """Template filter of result pages: "without-flagged" becomes "without flagged"."""
    return key.replace("-", " ")


@register.filter("words")
def words_of(text: str) -> list[str]:
    """Template filter of result pages: loop over a list, {% for kind in "svg pdf"|words %}."""
    return text.split()


@register.simple_tag(takes_context=True)
def defined(context: template.Context, key: str, label: str = "") -> SafeString:
    """Template tag of result pages: the name of a number as a link to its definition.

    The definition also appears on hover.

    The context needs `definitions`, and the page needs to include results/_definitions.html.

    Args:
        label: the text of the link; empty means the title of the definition.
    """
    definition: Definition = context["definitions"][key]
    return format_html(
        '<a class="defined" href="#def-{}" title="{}">{}</a>',
        key,
        definition.rule,
        label or definition.title,
    )
