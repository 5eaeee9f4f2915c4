"""Filters of the lab's pages."""

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()


@register.filter
def about_seconds(seconds: float) -> str:
    """A length of time as a reader needs it: in steps that do not flicker.

    >>> about_seconds(7.2), about_seconds(44), about_seconds(400)
    ('10 seconds', '50 seconds', '7 minutes')
    """
    if seconds < 55:
        return _("%(n)d seconds") % {"n": 10 * max(1, -int(-seconds // 10))}
    minutes = -int(-seconds // 60)
    return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
