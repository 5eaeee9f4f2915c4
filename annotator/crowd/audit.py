"""The audit trail: who changed what in a study."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AbstractBaseUser

from annotator.models import Assignment, AuditRow, Hit, Study, Worker


@dataclass(frozen=True)
class Actor:
    """The author of a change: an account, a command, or the local user of the machine."""

    name: str
    account: AbstractBaseUser | None = None


COMMAND = Actor("command")
AT_THE_MACHINE = Actor("at the machine")


def note(study: Study, by: Actor, action: str, **about: Any) -> AuditRow:
    """Add a row to the audit trail, in the transaction of the change that it records.

    Args:
        about: as `audit_row` takes it.
    """
    row = audit_row(study, by, action, **about)
    row.save()
    return row


def audit_row(
    study: Study,
    by: Actor,
    action: str,
    *,
    hit: Hit | None = None,
    assignment: Assignment | None = None,
    worker: Worker | None = None,
    **detail: Any,
) -> AuditRow:
    """A row of the audit trail, not saved yet.

    Args:
        detail: name to [value before, value after]; of something new, the value.
    """
    return AuditRow(
        study=study,
        actor=by.account,
        actor_name=by.name[:150],
        action=action,
        hit=hit,
        assignment=assignment,
        worker=worker,
        detail=detail,
    )
