"""A tag for pages on which work waits: it says that the broker cannot be reached."""

from django import template

from annotator.interruptions.broker import is_broker_down

register = template.Library()


@register.inclusion_tag("_broker.html")
def broker_notice() -> dict[str, bool]:
    """Say on a page where work waits that the broker cannot be reached, if so."""
    return {"is_down": is_broker_down()}
