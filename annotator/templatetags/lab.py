"""Filters of the lab's pages."""

from django import template

register = template.Library()


@register.filter
def about_seconds(seconds: float) -> str:
    """A length of time as a reader needs it: in steps that do not flicker.

    >>> about_seconds(7.2), about_seconds(44), about_seconds(400)
    ('10 seconds', '50 seconds', '7 minutes')
    """
    if seconds < 55:
        return f"{10 * max(1, -int(-seconds // 10))} seconds"
    minutes = -int(-seconds // 60)
    return f"{minutes} minute{'' if minutes == 1 else 's'}"
