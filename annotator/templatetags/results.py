"""Numbers as a report writes them, and links to what they mean."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from annotator.results.definitions import Definition
from annotator.results.output import formatting

register = template.Library()

register.filter("decimal", formatting.decimal)
register.filter("interval", formatting.interval)
register.filter("percent", formatting.percent)
register.filter("counted", formatting.count)


@register.filter
def of(mapping: dict, key: object) -> object:
    """{{ shares|of:group }}"""
    return mapping.get(key)


@register.filter
def attribute(thing: object, name: str) -> object:
    """{{ layer|attribute:"groups" }}: for a name that is only known when the page is made."""
    return getattr(thing, name)


@register.filter
def place(values: tuple, at: int) -> object:
    """{{ curve.units|place:75 }}"""
    return values[at]


@register.filter
def threshold(hundredths: int) -> str:
    """75 -> above 0.75"""
    return f"above {hundredths / 100:g}"


@register.filter
def spaced(key: str) -> str:
    """without-flagged -> without flagged"""
    return key.replace("-", " ")


@register.filter("words")
def words_of(text: str) -> list[str]:
    """{% for kind in "svg pdf png"|words %}"""
    return text.split()


@register.simple_tag(takes_context=True)
def defined(context: template.Context, key: str, label: str = "") -> SafeString:
    """A number's name, linked to its definition, which it also shows on hover.

    Wants: definitions in the context, and the definitions on the same page.
    """
    definition: Definition = context["definitions"][key]
    return format_html(
        '<a class="defined" href="#def-{}" title="{}">{}</a>',
        key,
        definition.rule,
        label or definition.title,
    )
