"""Filters that write numbers as a report does; tags for definitions and for bars of precision."""

import re

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from annotator.concept_words import cleaned
from annotator.results.output import formatting
from annotator.results.output.formatting import DETAIL_NAMES, counts_in_words
from annotator.results.report.chance_levels import ChanceLevel
from annotator.results.report.layer import LayerResult
from annotator.results.report.reported_numbers import layer as reported
from annotator.results.report.reported_numbers.entries import Definition
from annotator.results.stats.intervals import Interval
from dissect.format.names import on_one_line

register = template.Library()

register.filter("decimal", formatting.decimal)
register.filter("interval", formatting.interval)
register.filter("percent", formatting.percent)
register.filter("percent_interval", formatting.percent_interval)
register.filter("p_value", formatting.p_value)
register.filter("counted", formatting.count)
register.filter("cleaned", cleaned)
register.filter("on_one_line", on_one_line)
register.filter("counts_in_words", counts_in_words)


@register.filter
def of(mapping: dict, key: object) -> object:
    """Template filter of result pages: look up a variable key, {{ shares|of:group }}."""
    return mapping.get(key) if mapping else None


@register.filter
def attribute(instance: object, name: str) -> object:
    """Template filter of result pages: read a variable attribute, {{ layer|attribute:rule }}."""
    return getattr(instance, name)


@register.filter
def item(values: tuple, position: int) -> object:
    """Template filter of result pages: read an item by position, {{ curve.units|item:75 }}."""
    return values[position]


@register.filter
def headline_value(layer: LayerResult, chance: ChanceLevel) -> float | None:
    """Template filter of result pages: the layer's own number beside a chance level."""
    return reported.headline_value(layer, chance)


@register.filter
def headline(value: float | None, chance: ChanceLevel) -> str:
    """Template filter of result pages: a number as its kind is written, a precision or a share."""
    return formatting.written(value, reported.headline_measure(chance))


@register.filter
def detail_name(column: str) -> str:
    """Template filter of result pages: what a column of WorkerDetails is called."""
    return DETAIL_NAMES[column]


@register.filter
def magnitude(value: float) -> float:
    """Template filter of result pages: a difference without its sign."""
    return abs(value)


@register.filter
def opposite(ends: Interval) -> Interval:
    """Template filter of result pages: the interval of a difference the other way round."""
    return Interval(-ends.high, -ends.low, ends.is_reliable)


@register.filter
def threshold(hundredths: int) -> str:
    """Template filter of result pages: hundredths in words, 75 becomes "above 0.75"."""
    return _("above %(threshold)g") % {"threshold": hundredths / 100}


@register.filter
def spaced(key: str) -> str:
    """Template filter of result pages: "without-flagged" becomes "without flagged"."""
    return key.replace("-", " ")


@register.filter("words")
def words_of(text: str) -> list[str]:
    """Template filter of result pages: loop over a list, {% for kind in "svg pdf"|words %}."""
    return text.split()


@register.filter
def fill_in(text: str) -> SafeString:
    """Template filter of result pages: highlight each `[TO FILL IN: ...]` of a text."""
    pieces = re.split(r"(\[TO FILL IN: [^\]]*\])", text)  # every second one is a match
    marked = (format_html("<mark>{}</mark>", p) if n % 2 else p for n, p in enumerate(pieces))
    return format_html_join("", "{}", ((piece,) for piece in marked))


@register.filter
def with_code(text: str) -> SafeString:
    """Template filter of result pages: what stands between backticks, as in Markdown, is code."""
    pieces = re.split(r"`([^`]*)`", text)  # every second one stood between two
    marked = (format_html("<code>{}</code>", p) if n % 2 else p for n, p in enumerate(pieces))
    return format_html_join("", "{}", ((piece,) for piece in marked))


@register.simple_tag(takes_context=True)
def defined(context: template.Context, key: str, label: str = "") -> SafeString:
    """Template tag of result pages: the name of a number as a button that shows its definition.

    The definition opens in place, without a script; it also appears on hover. If the context has
    `definitions_page`, an address, it is a link to the definition on that page instead.

    The context needs `definitions`, and a page of buttons needs to include
    results/_definitions.html.

    Args:
        label: the text of the button; empty means the title of the definition.
    """
    definition: Definition = context["definitions"][key]
    label = label.replace("%%", "%") or definition.title  # Django doubles it in _("95 % interval")
    if page := context.get("definitions_page"):
        return format_html('<a class="defined" href="{}#def-{}">{}</a>', page, key, label)
    return format_html(
        '<button type="button" class="defined" popovertarget="def-{}" title="{}">{}</button>',
        key,
        definition.rule,
        label,
    )


@register.simple_tag
def precision_bar(
    name: str, precision: float | None, ends: Interval | None, threshold: float
) -> SafeString:
    """Template tag of result pages: a precision with its interval and the threshold, as SVG.

    Args:
        name: what the number is called, as in "Consensus precision"; hovering shows it.
    """
    if precision is None:
        return SafeString("")
    low, high = (ends.low, ends.high) if ends else (precision, precision)
    if ends:
        interval = _("95 %% interval %(low).3f to %(high).3f") % {"low": low, "high": high}
        precise = f"{name} {precision:.3f}, {interval}"
    else:
        precise = f"{name} {precision:.3f}"
    words = _("%(precise)s; threshold %(threshold)g") % {"precise": precise, "threshold": threshold}
    return format_html(
        '<svg class="precision-bar" viewBox="0 0 200 16" role="img" aria-label="{0}">'
        '<title>{0}</title><path class="axis" d="M0 8H200"/>'
        '<rect class="interval" x="{1}" y="5" width="{2}" height="6" rx="2"/>'
        '<path class="threshold" d="M{3} 1V15"/><circle cx="{4}" cy="8" r="4.5"/></svg>',
        words,
        f"{200 * low:.1f}",
        f"{max(200 * (high - low), 1):.1f}",
        f"{200 * threshold:.1f}",
        f"{200 * precision:.1f}",
    )
