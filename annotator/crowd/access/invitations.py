"""Invitation links: makes and revokes them, and lets people in by them.

It also keeps simulated workers and people apart: no study has answers of both.
"""

from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext as _

from annotator.crowd.access import consent
from annotator.crowd.access.roles import give_role, refuse_unblinded
from annotator.crowd.audit import Actor, note
from annotator.crowd.errors import EntryRefused, MixedCrowd
from annotator.models import Assignment, Invitation, Membership, Role, Study, Worker


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


def invitation_for(token: str) -> Invitation:
    """The open invitation with this token.

    Raises:
        EntryRefused: there is none, or it has expired, is used up or was withdrawn.
        MixedCrowd: simulated workers answer its study.
    """
    invitation = Invitation.objects.select_related("study").filter(token=token).first()
    if invitation is None:
        raise EntryRefused(_("There is no such invitation; please check the link you were given."))
    if not Invitation.objects.open().filter(pk=invitation.pk).exists():
        raise EntryRefused(_why_closed(invitation))
    if invitation.role == Role.ANNOTATOR:
        refuse_mixing(invitation.study_id, Worker.Kind.PERSON)
    return invitation


def _why_closed(invitation: Invitation) -> str:
    if invitation.revoked_at is not None:
        return _("This invitation was withdrawn; please ask whoever sent it for a new one.")
    if invitation.uses_left == 0:
        return _(
            "This invitation has been used as often as it may be; please ask whoever sent it for "
            "a new one."
        )
    return _("This invitation has expired; please ask whoever sent it for a new one.")


def enter(token: str, agreed_to: int, account: AbstractBaseUser | None = None) -> Worker:
    """Make a new worker of the invitation's study; the invitation has one use less.

    Args:
        agreed_to: the version of the consent text that they agree to.
        account: whose work it is, so that they find it from anywhere; None for who has no account.
            An account has one worker in a study: coming again gives that one.

    Raises:
        ConsentChanged: there is a newer text.
        EntryRefused: also when the invitation wants an account, is for another role, or the
            account's other roles show it what the study is about.
        MixedCrowd: as `invitation_for`.
    """
    with transaction.atomic():
        invitation = _locked(token)
        if invitation.role != Role.ANNOTATOR:
            raise EntryRefused(_("This invitation is not for annotators."))
        if invitation.needs_account and account is None:
            raise EntryRefused(_("This invitation wants you to have an account."))
        if account and (known := invitation.study.workers.filter(user=account.pk).first()):
            return known
        if account:
            refuse_unblinded(account, invitation.study)
        _use_up(invitation)
        worker = Worker.objects.create(
            study=invitation.study, invitation=invitation, user_id=account and account.pk
        )
        consent.agree(worker, agreed_to)
        if account:
            Membership.objects.get_or_create(
                user_id=account.pk, study=invitation.study, role=Role.ANNOTATOR
            )
    return worker


def accept_role(token: str, account: AbstractBaseUser) -> Membership:
    """Give an account the role that an invitation is for; the invitation has one use less.

    Who has the role already uses nothing up.

    Raises:
        EntryRefused: as `invitation_for`; or it is for annotators, or the account annotates.
    """
    with transaction.atomic():
        invitation = _locked(token)
        study, role = invitation.study, invitation.role
        if role == Role.ANNOTATOR:
            raise EntryRefused(_("This invitation is for annotators."))
        had = Membership.objects.filter(user_id=account.pk, study=study, role=role).first()
        if had:
            return had
        _use_up(invitation)
        return give_role(study, account, role, Actor(account.get_username(), account))


def _locked(token: str) -> Invitation:
    """The open invitation, whose study stays locked until the transaction ends."""
    invitation = invitation_for(token)
    Study.objects.select_for_update(no_key=True).get(pk=invitation.study_id)
    if invitation.role == Role.ANNOTATOR:
        refuse_mixing(invitation.study_id, Worker.Kind.PERSON)
    return invitation


def _use_up(invitation: Invitation) -> None:
    # One UPDATE, so that the last use cannot be taken twice; NULL - 1 stays NULL: no limit.
    used = Invitation.objects.open().filter(pk=invitation.pk)
    if not used.update(uses_left=F("uses_left") - 1):
        invitation.refresh_from_db()
        raise EntryRefused(_why_closed(invitation))


def refuse_mixing(study_id: int, kind: str) -> None:
    """Keep people out of simulated studies.

    Raises:
        MixedCrowd: simulated workers answer this study, and the kind is another.
    """
    simulated = Worker.objects.filter(study_id=study_id, kind=Worker.Kind.SIMULATED)
    if kind != Worker.Kind.SIMULATED and simulated.exists():
        raise MixedCrowd(
            _(
                "Simulated workers answer this study, and their answers never mix with people's; "
                "please make another study for people."
            )
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
