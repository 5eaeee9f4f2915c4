"""Decisions about answers for tests of what they pay."""

from annotator.crowd.audit import COMMAND
from annotator.crowd.review import decisions


def rejected(assignment):
    """Reject an answer, however it came to that."""
    return decisions.reject(assignment, COMMAND, "Nothing was done.")
