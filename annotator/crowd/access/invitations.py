"""Invitations: links by which people enter a study."""

import re
from datetime import timedelta

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Count, F, Q
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
from annotator.models.worker_details import participant_hash
from annotator.tokens.hashing import keyed_name

# As Prolific numbers people. What else stands in its place, such as a template, tells nobody apart.
PARTICIPANT_NUMBER = re.compile(r"[0-9a-fA-F]{24}")


def invite(
    study: Study,
    by: Actor,
    *,
    role: str = Role.ANNOTATOR,
    label: str = "",
    uses: int | None = None,
    days: int | None = None,
    needs_account: bool = False,
    is_personal: bool = False,
) -> Invitation:
    """Create an invitation to a study.

    Args:
        label: a note for requesters; invited people do not see it.
        uses: how many people may enter; None is no limit.
        days: for how many days it is open; None is until it is revoked.
        needs_account: whether annotators need an account. Other roles always need one.
        is_personal: one person's, who is known by it on any device.

    Raises:
        ConsentMissing: annotators cannot be invited before the consent text is filled in.
    """
    if role == Role.ANNOTATOR:
        consent.refuse_without_consent(study)
    with transaction.atomic():
        made = Invitation.objects.create(
            study=study,
            role=role,
            label=label[:100],
            uses_left=uses,
            expires_at=now() + timedelta(days=days) if days else None,
            needs_account=needs_account or role != Role.ANNOTATOR,
            is_personal=is_personal,
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


def find_invitation(token: str) -> Invitation:
    """The invitation with this token, open or not.

    Raises:
        EntryRefused: it does not exist.
    """
    invitation = Invitation.objects.with_token(token)
    if invitation is None:
        raise EntryRefused(_("There is no such invite link; please check the address."))
    return invitation


def invitation_for(token: str) -> Invitation:
    """The open invitation with this token.

    Raises:
        EntryRefused: it does not exist, has expired, is used up or was revoked.
        MixedCrowd: simulated workers answer its study.
    """
    invitation = find_invitation(token)
    if not Invitation.objects.open().filter(pk=invitation.pk).exists():
        raise EntryRefused(_why_closed(invitation))
    if invitation.role == Role.ANNOTATOR:
        refuse_mixing(invitation.study_id, Worker.Kind.PERSON)
    return invitation


def _why_closed(invitation: Invitation) -> str:
    if invitation.revoked_at is not None:
        return _("This invite link was revoked. Please ask the sender for a new one.")
    if invitation.uses_left == 0:
        return _(
            "This invite link has reached its maximum number of uses. Please ask the sender for a "
            "new one."
        )
    return _("This invite link has expired. Please ask the sender for a new one.")


def earlier_worker(
    study: Study,
    account: AbstractBaseUser | None = None,
    browser: str = "",
    participant: str = "",
    invitation: Invitation | None = None,
) -> Worker | None:
    """The worker as whom somebody has entered by an invitation before; None for somebody new.

    An account is one worker; so are, without an account, a browser and a marketplace's number.
    Who signs in with an account afterwards stays the same worker.

    Args:
        browser: the value of the browser's own cookie.
        invitation: by which they come; a personal one is one worker.

    Raises:
        EntryRefused: the worker of the browser or number has an account, which is not signed in.
    """
    workers = study.workers.filter(kind=Worker.Kind.PERSON)
    if account and (own := workers.filter(user=account.pk).first()):
        return own
    same = Q(pk__in=[])
    if browser:
        same |= Q(browser=browser_hash(study, browser))
    if PARTICIPANT_NUMBER.fullmatch(participant):
        same |= Q(details__participant=participant_hash(study, participant))
    if invitation and invitation.is_personal:
        same |= Q(invitation=invitation)
    earlier = workers.filter(same).order_by("pk").first()
    if earlier and earlier.user_id and account is None:
        raise EntryRefused(
            _("You have entered with an account in this browser: please sign in to go on.")
        )
    return None if earlier is None or earlier.user_id else earlier


def browser_hash(study: Study, browser: str) -> str:
    """What an invitation keeps of the browser in which it was opened: a hash keyed by the study."""
    return keyed_name(study.key, f"browser {browser}")


def enter(
    token: str,
    agreed_to: consent.Agreement | int,
    account: AbstractBaseUser | None = None,
    participant: str = "",
    browser: str = "",
) -> Worker:
    """Enter by an invitation: create a worker in its study, which uses the invitation once.

    Idempotent for whom `earlier_worker` knows again; for others every call makes another worker.

    Args:
        agreed_to: what the person agrees to; the version of the consent text alone where it asks
            for nothing else.
        account: the person's account, which finds the work again from any device; None without
            one.
        participant: the person's number at the marketplace that sent them. A keyed hash of it is
            kept if the consent text says so.
        browser: as `earlier_worker`.

    Raises:
        ConsentChanged, ConsentIncomplete: as `consent.agree`.
        EntryRefused, MixedCrowd: as `invitation_for`; or the invitation needs an account, is for
            another role, or the account has a role that shows it what the study is about.
    """
    with transaction.atomic():
        invitation = _locked(token)
        _refuse_to_annotate(invitation, account)
        if earlier := earlier_worker(invitation.study, account, browser, participant, invitation):
            return bind_account(earlier, account)
        _use_up(invitation)
        worker = Worker.objects.create(
            study=invitation.study,
            invitation=invitation,
            browser=_free_hash(invitation.study, browser),
        )
        consent.agree(worker, agreed_to)
        keep_participant(worker, participant)
        return bind_account(worker, account)


def _refuse_to_annotate(invitation: Invitation, account: AbstractBaseUser | None) -> None:
    """Refuse who may not annotate by an invitation; raises EntryRefused."""
    if invitation.role != Role.ANNOTATOR:
        raise EntryRefused(_("This invite link is not for annotators."))
    if invitation.needs_account and account is None:
        raise EntryRefused(_("This invite link requires an account."))
    if account:
        refuse_unblinded(account, invitation.study)


def _free_hash(study: Study, browser: str) -> str:
    """The hash of a browser; empty if an account of another person has entered in it."""
    hashed = browser_hash(study, browser) if browser else ""
    return "" if study.workers.filter(browser=hashed).exists() else hashed


def bind_account(worker: Worker, account: AbstractBaseUser | None) -> Worker:
    """Bind the worker who entered by an invitation to an account, for any device. Idempotent.

    Returns:
        The worker; that of the account, if it has another in the study already.
    """
    if account is None or worker.user_id is not None:
        return worker
    with transaction.atomic():
        Study.objects.select_for_update(no_key=True).get(pk=worker.study_id)
        if own := Worker.objects.filter(study=worker.study_id, user=account.pk).first():
            return own
        Worker.objects.filter(pk=worker.pk, user=None).update(user=account.pk)
        Membership.objects.get_or_create(
            user_id=account.pk, study=worker.study, role=Role.ANNOTATOR
        )
    worker.refresh_from_db(fields=["user"])
    return worker


def accept_role(token: str, account: AbstractBaseUser) -> Membership:
    """Accept an invitation for a role: an account gets it, which uses it once. Idempotent.

    Raises:
        EntryRefused: as `invitation_for`; or it is for annotators, or the account annotates.
    """
    with transaction.atomic():
        invitation = _locked(token)
        study, role = invitation.study, invitation.role
        if role == Role.ANNOTATOR:
            raise EntryRefused(_("This invite link is for annotators."))
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
