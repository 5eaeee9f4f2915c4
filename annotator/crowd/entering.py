"""Lets annotators into a study by an invitation, and keeps simulated workers and people apart."""

from django.db import transaction
from django.db.models import F

from annotator.crowd.errors import EntryRefused, MixedCrowd
from annotator.models import Assignment, Invitation, Study, Worker


def invitation_for(token: str) -> Invitation:
    """The open invitation with this token.

    Raises:
        EntryRefused: there is none, or it has expired, is used up or was withdrawn.
        MixedCrowd: simulated workers answer its study.
    """
    invitation = Invitation.objects.select_related("study").filter(token=token).first()
    if invitation is None:
        raise EntryRefused("There is no such invitation; please check the link you were given.")
    if not Invitation.objects.open().filter(pk=invitation.pk).exists():
        raise EntryRefused(_why_closed(invitation))
    refuse_mixing(invitation.study_id, Worker.Kind.PERSON)
    return invitation


def _why_closed(invitation: Invitation) -> str:
    if invitation.revoked_at is not None:
        why = "was withdrawn"
    elif invitation.uses_left == 0:
        why = "has been used as often as it may be"
    else:
        why = "has expired"
    return f"This invitation {why}; please ask whoever sent it for a new one."


def enter(token: str) -> Worker:
    """Make a new worker of the invitation's study; the invitation has one use less.

    Raises: as `invitation_for`.
    """
    with transaction.atomic():
        invitation = invitation_for(token)
        Study.objects.select_for_update(no_key=True).get(pk=invitation.study_id)
        refuse_mixing(invitation.study_id, Worker.Kind.PERSON)
        # One UPDATE, so that the last use cannot be taken twice; NULL - 1 stays NULL: no limit.
        used = Invitation.objects.open().filter(pk=invitation.pk)
        if not used.update(uses_left=F("uses_left") - 1):
            invitation.refresh_from_db()
            raise EntryRefused(_why_closed(invitation))
        return Worker.objects.create(study=invitation.study, invitation=invitation)


def refuse_mixing(study_id: int, kind: str) -> None:
    """Keep people out of simulated studies.

    Raises:
        MixedCrowd: simulated workers answer this study, and the kind is another.
    """
    simulated = Worker.objects.filter(study_id=study_id, kind=Worker.Kind.SIMULATED)
    if kind != Worker.Kind.SIMULATED and simulated.exists():
        raise MixedCrowd(
            "Simulated workers answer this study, and their answers never mix with people's; "
            "please make another study for people."
        )


def refuse_simulation(study: Study) -> None:
    """Keep simulated workers out of studies that people answer.

    Call it in the transaction that makes the workers: the study stays locked until its end.

    Raises:
        MixedCrowd: somebody has taken a HIT of this study.
    """
    Study.objects.select_for_update(no_key=True).get(pk=study.pk)
    people = Assignment.objects.filter(worker__study=study).exclude(
        worker__kind=Worker.Kind.SIMULATED
    )
    if people.exists():
        raise MixedCrowd(
            f"People answer study {study}, and simulated answers never mix with theirs; please "
            "make another study for simulated workers."
        )
