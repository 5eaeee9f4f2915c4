"""Template filters: speeds, lengths of time and remaining times in words."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def rate(value: float) -> str:
    """Template filter: the pace in units a second with two significant digits, such as 0.42."""
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"


@register.filter
def time_left(seconds: float) -> str:
    if seconds < 60:
        return _("less than a minute left")
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("about %(n)d minute left", "about %(n)d minutes left", minutes) % {
            "n": minutes
        }
    hours = round(seconds / 3600)
    return ngettext("about %(n)d hour left", "about %(n)d hours left", hours) % {"n": hours}


@register.filter
def about_seconds(seconds: float) -> str:
    """Template filter: a length of time in steps that do not flicker.

    >>> about_seconds(7.2), about_seconds(44), about_seconds(400)
    ('10 seconds', '50 seconds', '7 minutes')
    """
    if seconds < 55:
        return _("%(n)d seconds") % {"n": 10 * max(1, -int(-seconds // 10))}
    minutes = -int(-seconds // 60)
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
