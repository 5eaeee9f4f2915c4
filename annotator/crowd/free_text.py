"""Text that people enter: what can be stored, and which reasons are accepted."""

import unicodedata

from annotator.crowd.errors import ReasonMissing, ReasonTooLong

MAX_REASON_CHARACTERS = 500


def storable(text: str) -> str:
    """Free text without the characters that a database cannot store."""
    kept = (c for c in text if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
    return "".join(kept)


def tidy(text: str) -> str:
    """Free text, storable, with one space between words and none around them.

    >>> tidy("  blue   sky ")
    'blue sky'
    """
    return " ".join(storable(text).split())


def has_words(text: str) -> bool:
    """Whether a free text has a letter or a digit."""
    return any(character.isalnum() for character in text)


def tidy_reason(text: str, required_by: str = "") -> str:
    """A reason that somebody entered as free text, as it is stored.

    Args:
        required_by: what cannot be done without a reason, and who reads it, such as "A rejection
            needs a reason, which the worker will read."; empty where the reason is optional.

    Raises:
        ReasonMissing: the reason is required and has no words.
        ReasonTooLong: it has more than MAX_REASON_CHARACTERS, and would have to be cut.
    """
    reason = tidy(text)
    if required_by and not has_words(reason):
        raise ReasonMissing(required_by)
    if len(reason) > MAX_REASON_CHARACTERS:
        raise ReasonTooLong(
            f"A reason has at most {MAX_REASON_CHARACTERS} characters; these are {len(reason)}."
        )
    return reason
