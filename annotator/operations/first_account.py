"""Accounts of requesters, who choose their password on a page behind a link for one use."""

from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.contrib.auth.tokens import default_token_generator
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

from annotator.models import Membership, Role


def make_requester(email: str) -> AbstractBaseUser:
    """The account of this user name, which runs every study; made without a password if it is new.

    Raises:
        ValidationError: the text is no e-mail address.
    """
    validate_email(email)
    with transaction.atomic():
        account, _ = get_user_model().objects.get_or_create(
            username=email, defaults={"email": email, "password": "!"}
        )
        Membership.objects.get_or_create(user=account, study=None, role=Role.REQUESTER)
    return account


def password_path(account: AbstractBaseUser) -> str:
    """The path of the page on which an account chooses a password.

    The link works once, for as many seconds as PASSWORD_RESET_TIMEOUT says, and no longer than
    until the account signs in. It is signed, and stored nowhere.
    """
    number = urlsafe_base64_encode(force_bytes(account.pk))
    return reverse("choose_password", args=[number, default_token_generator.make_token(account)])
