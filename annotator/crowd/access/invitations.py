"""Makes and revokes the links that let people into a study."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import Now
from django.utils.timezone import now

from annotator.crowd.audit import Actor, note
from annotator.models import Invitation, Role, Study


def invite(
    study: Study,
    by: Actor,
    *,
    role: str = Role.ANNOTATOR,
    label: str = "",
    uses: int | None = None,
    days: int | None = None,
    needs_account: bool = False,
) -> Invitation:
    """Make an invitation.

    Args:
        label: for whoever made it; those who are invited do not see it.
        uses: how many it lets in; None: no limit.
        days: how long it is open; None: until it is revoked.
        needs_account: annotators come in with an account. Other roles always need one.
    """
    with transaction.atomic():
        made = Invitation.objects.create(
            study=study,
            role=role,
            label=label[:100],
            uses_left=uses,
            expires_at=now() + timedelta(days=days) if days else None,
            needs_account=needs_account or role != Role.ANNOTATOR,
        )
        note(study, by, "invitation made", invitation=made.pk, role=role, label=made.label)
    return made


def revoke(invitation: Invitation, by: Actor) -> None:
    """Let nobody in any more; who is in stays in. Twice is as good as once."""
    with transaction.atomic():
        rows = Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True)
        if rows.update(revoked_at=Now()):
            study = invitation.study
            note(study, by, "invitation revoked", invitation=invitation.pk, label=invitation.label)


def invitations_of(study: Study) -> list[Invitation]:
    """Every invitation of a study, the newest first, with `is_open` and its `worker_count`."""
    openly = set(Invitation.objects.open().filter(study=study).values_list("pk", flat=True))
    found = list(study.invitations.annotate(worker_count=Count("workers")).order_by("-pk"))
    for invitation in found:
        invitation.is_open = invitation.pk in openly
    return found
