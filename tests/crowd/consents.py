"""A study whose consent text is filled in, so that people can be invited, and who agrees to it."""

from annotator.crowd.access.consent import Agreement, write_fields
from annotator.crowd.access.consent_fields import parse_fields
from annotator.crowd.audit import COMMAND

ANSWERED = {
    "retention": "Ten years, then it is deleted.",
    "legal_basis": "Your consent.",
    "contact": "ada@example.org",
    "ethics": "Board of the lab, 2026-7.",
}


def with_consent(study, **fields):
    """The study, with a consent text as version 2 that has every field."""
    write_fields(study, parse_fields(study, ANSWERED | fields), COMMAND)
    return study


def agreed(version=2, shares=True):
    """What somebody says who is an adult, and lets their answers be shared unless told."""
    return Agreement(version, is_adult=True, shares=shares)


# The same as the form of a page.
POSTED = {"answer": "yes", "version": "2", "is_adult": "yes", "shares": "yes"}

# What is kept of a person and their work, and the words of a consent text that say so.
LOGGED = {
    "active_seconds": "how long the page was in view and in use",
    "seen_ms": "how long each picture was in view",
    "mark_order": "the order in which you mark",
    "views": "which views you use",
    "focus_lost_count": "lost the focus",
    "paste_count": "pasted into the field for the name",
    "attempts": "every press of submit",
    "draft": "what you enter before you submit",
    "reports": "pictures you hide",
    "return_reason": "your reason if you give one",
    "participant": "your number there",
    "country": "your country",
    "language": "language",
    "age_band": "age group",
    "device": "whether you use a phone, a tablet or a computer",
    "remark": "a remark if you write one",
    "closing_answer": "whether you used an ai tool",
    "accepted_at, submitted_at": "the times at which you took and submitted",
}
