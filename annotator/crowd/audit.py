"""Writes down what somebody did to a study, and who."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from annotator.models import Assignment, AuditRow, Hit, Study, Worker


@dataclass(frozen=True)
class Actor:
    """Who answers for a change: an account, a command, or whoever sits at the machine."""

    name: str
    account: AbstractBaseUser | None = None


COMMAND = Actor("command")
AT_THE_MACHINE = Actor("at the machine")


def note(
    study: Study,
    by: Actor,
    action: str,
    *,
    hit: Hit | None = None,
    assignment: Assignment | None = None,
    worker: Worker | None = None,
    **detail: Any,
) -> AuditRow:
    """Add a row. Call it in the transaction that makes the change, so that there is both or none.

    Args:
        detail: field by field [what it was, what it is]; of something new, what it is.
    """
    return AuditRow.objects.create(
        study=study,
        actor=by.account,
        actor_name=by.name[:150],
        action=action,
        hit=hit,
        assignment=assignment,
        worker=worker,
        detail=detail,
    )
