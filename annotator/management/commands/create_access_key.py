"""manage.py create_access_key EMAIL"""

import json
import sys
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db.models import Q

from annotator.access_keys import create_key, revoke, rotate_key
from annotator.models import Membership, Role


class Command(BaseCommand):
    help = "Create a key with which scripts use the API as an account, or change or revoke one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "email",
            metavar="EMAIL",
            nargs="?",
            help="of the account, or its user name; a new account may see every study",
        )
        parser.add_argument(
            "--rotate", metavar="ID", help="give a key another secret; the old one ends at once"
        )
        parser.add_argument("--revoke", metavar="ID", help="revoke a key for good")

    def handle(
        self, *, email: str | None, rotate: str | None, revoke: str | None, **options: Any
    ) -> None:
        if sum(choice is not None for choice in (email, rotate, revoke)) != 1:
            raise CommandError(
                "Say whose key to create (`EMAIL`), or which one to --rotate or --revoke."
            )
        if revoke is not None:
            _revoke(revoke)
        elif rotate is not None:
            self._write(rotate, _rotated(rotate))
        elif email is not None:
            key, secret = create_key(_account(email))
            self._write(key.access_key_id, secret)

    def _write(self, access_key_id: str, secret: str) -> None:
        pair = {"access_key_id": access_key_id, "secret_access_key": secret}
        self.stdout.write(json.dumps(pair))


def _rotated(access_key_id: str) -> str:
    if (secret := rotate_key(access_key_id)) is None:
        raise CommandError(f"There is no key {access_key_id!r} that is not revoked.")
    return secret


def _revoke(access_key_id: str) -> None:
    if not revoke(access_key_id):
        raise CommandError(f"There is no key {access_key_id!r} that is not revoked.")
    print(f"Revoked {access_key_id}.", file=sys.stderr)


def _account(email: str) -> Any:
    """The account with this user name, or that runs every study with this address, or a new one.

    People who sign up by a link may state any address, so theirs is not trusted.
    """
    accounts = get_user_model()
    active = accounts.objects.filter(is_active=True)
    by_name = active.filter(username=email)
    trusted = Q(is_staff=True) | Q(memberships__study=None, memberships__role=Role.REQUESTER)
    by_address = active.filter(trusted, email__iexact=email)
    if account := by_name.first() or by_address.order_by("pk").first():
        return account
    if claiming := active.filter(email__iexact=email).first():
        raise CommandError(
            f"The account {claiming.get_username()!r} states the address {email}, which nobody "
            f"has checked: create_access_key {claiming.get_username()} if it is the right one."
        )
    try:
        validate_email(email)
    except ValidationError as error:
        raise CommandError(f"{email!r} is not an e-mail address.") from error
    if accounts.objects.filter(username=email).exists():
        raise CommandError(f"The account {email!r} is not in use: make it active first.")
    account = accounts.objects.create_user(email, email=email)
    Membership.objects.create(user=account, role=Role.REQUESTER)
    print(f"Made the account {email}, which runs every study.", file=sys.stderr)
    return account
