"""manage.py publish STUDY"""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from tqdm import tqdm

from annotator.models import Invitation, Study
from annotator.publishers.base import PublishError
from annotator.publishers.registry import PUBLISHERS
from annotator.publishing import (
    HOURLY_CENTS,
    MINUTES_ASSUMED,
    NotPublishable,
    carry_out,
    plan,
    reward_for,
)
from annotator.seam import SeamError
from annotator.storage import StorageDown


def cents(text: str) -> int:
    """A sum like 0.80 in cents."""
    try:
        value = Decimal(text) * 100
    except InvalidOperation as error:
        raise ValueError(text) from error
    if value != int(value) or value < 0:
        raise ValueError(text)
    return int(value)


class Command(BaseCommand):
    help = "Publish a HIT for every unit of a study; prints the link that lets annotators in."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("--assignments", type=int, help="answers a unit (3)")
        pay = parser.add_mutually_exclusive_group()
        pay.add_argument("--reward", type=cents, metavar="0.80", help="for a HIT")
        pay.add_argument("--hourly", type=cents, default=HOURLY_CENTS, metavar="12.00")
        parser.add_argument("--publisher", choices=sorted(PUBLISHERS), default="local")
        parser.add_argument("--catch-policy", choices=["silent", "block"])
        parser.add_argument("--dry-run", action="store_true", help="say what it would cost")

    def handle(self, *, study: str, **options: Any) -> str | None:
        found = Study.objects.filter(name=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}. {_known()}")
        reward = options["reward"]
        if reward is None:
            reward = reward_for(options["hourly"])
        try:
            wanted = plan(found, options["assignments"] or found.assignments_wanted, reward)
            most = f"{wanted.places} answers for up to ${wanted.cost_cents / 100:.2f}"
            if options["dry_run"]:
                self.stderr.write(f"Would publish {len(wanted.units)} HITs, {most}.")
                return None
            self._publish(found, wanted, options)
        except (NotPublishable, PublishError, SeamError, StorageDown) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(
            f"Published {len(wanted.units)} HITs, {most}, {reward / 100:.2f} a HIT"
            + ("." if options["reward"] else f" ({MINUTES_ASSUMED} minutes assumed).")
        )
        return _invitation(found)

    def _publish(self, study: Study, wanted: Any, options: dict[str, Any]) -> None:
        if policy := options["catch_policy"]:
            Study.objects.filter(pk=study.pk).update(catch_policy=policy)
        with tqdm(total=len(wanted.units), unit="HIT", disable=None) as bar:
            carry_out(study, wanted, options["publisher"], bar.update)


def _invitation(study: Study) -> str:
    """The address of the study's open invitation, made where there is none."""
    found = Invitation.objects.open().filter(study=study).order_by("pk").first()
    found = found or Invitation.objects.create(study=study)
    return f"{settings.PUBLIC_URL}{reverse('enter', args=[found.token])}"


def _known() -> str:
    names = ", ".join(Study.objects.values_list("name", flat=True)[:10])
    return f"There are: {names}." if names else "Run `dissect` first."
