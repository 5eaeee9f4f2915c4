"""Reasons that people enter as free text: which are accepted, and how long they may be."""

from django.utils.translation import gettext as _

from annotator.crowd.errors import ReasonMissing, ReasonTooLong
from annotator.free_text import has_words, tidy

MAX_REASON_CHARACTERS = 500


def tidy_reason(text: str, required_by: str = "") -> str:
    """Tidy a reason that somebody gave, as it is stored.

    Args:
        required_by: what cannot be done without a reason, and who reads it, such as "A rejection
            needs a reason, which the worker will read."; empty where the reason is optional.

    Raises:
        ReasonMissing: the reason is required and has no words.
        ReasonTooLong: it has more than MAX_REASON_CHARACTERS, and would have to be cut.
    """
    reason = tidy(text)
    if required_by and not has_words(reason):
        raise ReasonMissing(_(required_by))
    if len(reason) > MAX_REASON_CHARACTERS:
        raise ReasonTooLong(
            _(
                "A reason has at most %(max_reason_characters)s characters; these are "
                "%(reason_count)s."
            )
            % {"max_reason_characters": MAX_REASON_CHARACTERS, "reason_count": len(reason)}
        )
    return reason
