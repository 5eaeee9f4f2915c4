"""Invitations: links by which people enter a study."""

from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, F
from django.db.models.functions import Now
from django.utils.timezone import now
from django.utils.translation import gettext as _

from annotator.crowd.access import consent
from annotator.crowd.access.mixed_crowds import refuse_mixing
from annotator.crowd.access.roles import give_role, refuse_unblinded
from annotator.crowd.access.worker_details import keep_participant
from annotator.crowd.audit import Actor, note
from annotator.crowd.errors import EntryRefused
from annotator.models import Invitation, Membership, Role, Study, Worker


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
    """Create an invitation to a study.

    Args:
        label: a note for requesters; invited people do not see it.
        uses: how many people may enter; None is no limit.
        days: for how many days it is open; None is until it is revoked.
        needs_account: whether annotators need an account. Other roles always need one.
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
    """Revoke an invitation; people who have entered stay. Idempotent."""
    with transaction.atomic():
        rows = Invitation.objects.filter(pk=invitation.pk, revoked_at__isnull=True)
        if rows.update(revoked_at=Now()):
            study = invitation.study
            note(study, by, "invitation revoked", invitation=invitation.pk, label=invitation.label)


def invitations_of(study: Study) -> list[Invitation]:
    """All invitations of a study, the newest first, with `is_open` and `worker_count`."""
    open_pks = set(Invitation.objects.open().filter(study=study).values_list("pk", flat=True))
    rows = study.invitations.annotate(worker_count=Count("workers")).order_by("-pk")
    invitations = list(rows)
    for invitation in invitations:
        invitation.is_open = invitation.pk in open_pks
    return invitations


def invitation_for(token: str) -> Invitation:
    """The open invitation with this token.

    Raises:
        EntryRefused: it does not exist, has expired, is used up or was revoked.
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
        return _("This invitation was revoked. Please ask the sender for a new one.")
    if invitation.uses_left == 0:
        return _(
            "This invitation has reached its maximum number of uses. Please ask the sender for a "
            "new one."
        )
    return _("This invitation has expired. Please ask the sender for a new one.")


def enter(
    token: str, agreed_to: int, account: AbstractBaseUser | None = None, participant: str = ""
) -> Worker:
    """Enter by an invitation: create a worker in its study, which uses the invitation once.

    Args:
        agreed_to: the version of the consent text that the person agrees to.
        account: the person's account, which finds the work again from any device; None without
            one. An account has one worker in a study: entering again returns that worker.
        participant: the person's number at the marketplace that sent them. A keyed hash of it is
            kept if the consent text says so.

    Raises:
        ConsentChanged: there is a newer text.
        EntryRefused: as `invitation_for`; or the invitation needs an account, is for another
            role, or the account has a role that shows it what the study is about.
        MixedCrowd: as `invitation_for`.
    """
    with transaction.atomic():
        invitation = _locked(token)
        if invitation.role != Role.ANNOTATOR:
            raise EntryRefused(_("This invitation is not for annotators."))
        if invitation.needs_account and account is None:
            raise EntryRefused(_("This invitation wants you to have an account."))
        if account and (earlier := invitation.study.workers.filter(user=account.pk).first()):
            return earlier
        if account:
            refuse_unblinded(account, invitation.study)
        _use_up(invitation)
        worker = Worker.objects.create(
            study=invitation.study, invitation=invitation, user_id=account and account.pk
        )
        consent.agree(worker, agreed_to)
        keep_participant(worker, participant)
        if account:
            Membership.objects.get_or_create(
                user_id=account.pk, study=invitation.study, role=Role.ANNOTATOR
            )
    return worker


def accept_role(token: str, account: AbstractBaseUser) -> Membership:
    """Give an account the role of an invitation, which uses the invitation once. Idempotent.

    Raises:
        EntryRefused: as `invitation_for`; or it is for annotators, or the account annotates.
    """
    with transaction.atomic():
        invitation = _locked(token)
        study, role = invitation.study, invitation.role
        if role == Role.ANNOTATOR:
            raise EntryRefused(_("This invitation is for annotators."))
        if held := Membership.objects.filter(user=account.pk, study=study, role=role).first():
            return held
        _use_up(invitation)
        return give_role(study, account, role, Actor(account.get_username(), account))


def _locked(token: str) -> Invitation:
    """The open invitation; its study is locked until the transaction ends."""
    invitation = invitation_for(token)
    Study.objects.select_for_update(no_key=True).get(pk=invitation.study_id)
    if invitation.role == Role.ANNOTATOR:
        refuse_mixing(invitation.study_id, Worker.Kind.PERSON)
    return invitation


def _use_up(invitation: Invitation) -> None:
    # One UPDATE, so that the last use cannot be taken twice. NULL, which is no limit, stays NULL.
    still_open = Invitation.objects.open().filter(pk=invitation.pk)
    if not still_open.update(uses_left=F("uses_left") - 1):
        invitation.refresh_from_db()
        raise EntryRefused(_why_closed(invitation))
