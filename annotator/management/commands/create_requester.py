"""manage.py create_requester EMAIL"""

from typing import Any
from urllib.parse import urljoin

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.operations.first_account import make_requester, password_path


class Command(BaseCommand):
    help = (
        "Make the account of a requester, who runs every study, and print the link at which its "
        "password is chosen: it works once, for three days. For an account that exists it prints "
        "a new link."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="the name to sign in with")

    def handle(self, *, email: str, **options: Any) -> None:
        try:
            account = make_requester(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is not an e-mail address.") from error
        self.stderr.write(f"{email} runs every study. Within three days choose a password at:")
        self.stdout.write(urljoin(settings.PUBLIC.origin, password_path(account)))
