"""The words for what the database stores as a key: states, roles, variants and the like."""

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

register = template.Library()

WORDS = {
    "submitted": _("waiting"),
    "approved": _("approved"),
    "rejected": _("rejected"),
    "soft-rejected": _("soft-rejected"),
    "returned": _("returned"),
    "accepted": _("accepted"),
    "expired": _("expired"),
    "open": _("open"),
    "complete": _("complete"),
    "disposed": _("withdrawn"),
    "requester": _("requester"),
    "reviewer": _("reviewer"),
    "reader": _("reader"),
    "annotator": _("annotator"),
    "publishes, sees everything": _("publishes, sees everything"),
    "reviews answers": _("reviews answers"),
    "reads results": _("reads results"),
    "labels units, blind": _("labels units, blind"),
    "training": _("training"),
    "qualification": _("qualification"),
    "control": _("control"),
    "simulated": _("simulated"),
    "imported": _("imported"),
    "without flagged": _("without flagged"),
    "without ai": _("without ai"),
    "with excluded": _("with excluded"),
    "with opened": _("with opened"),
    "every answer": _("every answer"),
    "completed": _("completed"),
    "stopped": _("stopped"),
    "no consent": _("no consent"),
    "screened out": _("screened out"),
    "failed checks": _("failed checks"),
    "timed out": _("timed out"),
    "participant": _("participant"),
    "session": _("session"),
    "status": _("status"),
    "code": _("code"),
    "dead": _("dead"),
    "dense": _("dense"),
    "broad": _("broad"),
}


@register.filter
def in_words(key: str) -> str:
    """Template filter of all pages: what a stored key is called; a key without words is itself."""
    return WORDS.get(key, key)


@register.filter
def as_class(name: str) -> str:
    """Template filter of the lab: a class of a network; without a name, "257", "class 257"."""
    return gettext("class %(number)s") % {"number": name} if name.isdigit() else name
