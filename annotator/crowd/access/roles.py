"""Roles: what accounts may do in a study.

Annotators stay blind: an account annotates a study, or has a role that shows what it is about,
never both.
"""

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from annotator.crowd.audit import Actor, note
from annotator.crowd.errors import EntryRefused
from annotator.models import Membership, Role, Study


def give_role(study: Study, account: AbstractBaseUser, role: str, by: Actor) -> Membership:
    """Give an account a role in a study. Idempotent.

    Raises:
        EntryRefused: the account annotates the study, and annotators stay blind.
    """
    with transaction.atomic():
        # The lock that entering takes: an account that enters meanwhile is seen here, or sees this.
        Study.objects.select_for_update(no_key=True).get(pk=study.pk)
        if study.workers.filter(user_id=account.pk).exists():
            raise EntryRefused(
                _("%(name)s annotates this study, and annotators do not see what it is about.")
                % {"name": account.get_username()}
            )
        membership, is_new = Membership.objects.get_or_create(
            user_id=account.pk, study=study, role=role
        )
        if is_new:
            note(study, by, "role given", account=account.get_username(), role=[None, role])
    return membership


def take_role(membership: Membership, by: Actor) -> None:
    """Revoke an account's role in a study."""
    with transaction.atomic():
        name = membership.user.get_username()
        note(membership.study, by, "role taken", account=name, role=[membership.role, None])
        membership.delete()


def is_unblinded(account: AbstractBaseUser, study: Study) -> bool:
    """Whether a role in the study shows an account what the study is about."""
    roles = Membership.objects.filter(Q(study=study) | Q(study__isnull=True), user_id=account.pk)
    return account.is_staff or roles.exclude(role=Role.ANNOTATOR).exists()


def refuse_unblinded(account: AbstractBaseUser, study: Study) -> None:
    """Refuse an annotator to whom a role in the study shows what it is about.

    Raises:
        EntryRefused: the account has such a role.
    """
    if is_unblinded(account, study):
        raise EntryRefused(
            _(
                "Your account shows you what this study is about, and answers are to come from "
                "people who do not know. To see what annotators see, use the preview."
            )
        )
