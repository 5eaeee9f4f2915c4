"""manage.py publish STUDY"""

from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from tqdm import tqdm

from annotator.dissection_reader import DissectionError
from annotator.dissection_reader.regions import count_regions, region_warning
from annotator.models import Hit, Invitation, Role, Study, Unit
from annotator.publishers.base import PublishError
from annotator.publishers.registry import PUBLISHERS
from annotator.publishing import (
    CONSENSUS,
    NotPublishable,
    Plan,
    carry_out,
    plan,
    plan_verification,
    reward_of,
    set_catch_count,
    set_repeat_count,
)
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
        pay.add_argument("--hourly", type=cents, metavar="12.00", help="for an hour's work")
        parser.add_argument("--publisher", choices=sorted(PUBLISHERS), default="local")
        parser.add_argument("--catch", type=int, metavar="N", help="catch images a HIT (3)")
        parser.add_argument("--catch-policy", choices=["silent", "block"])
        parser.add_argument(
            "--repeats",
            type=int,
            metavar="N",
            help="positive controls a HIT: the unit's best images again, mirrored (0)",
        )
        parser.add_argument(
            "--verify",
            nargs="?",
            const=CONSENSUS,
            metavar="METHOD",
            help="a second round: which of other images show the consensus concept of each unit, "
            "or what METHOD calls it",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what it would cost")

    def handle(self, *, study: str, **options: Any) -> str | None:
        found = Study.objects.filter(name=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}. {_known()}")
        reward, why = reward_of(found, options["reward"], options["hourly"])
        try:
            wanted = _plan(found, options, reward)
            told = f"{_in_words(wanted, why)}{_regions(found, wanted)}"
            if options["dry_run"]:
                self.stderr.write(f"Would publish {told}")
                return None
            _change(found, options)
            with tqdm(total=len(wanted.offers), unit="HIT", disable=None) as bar:
                carry_out(found, wanted, options["publisher"], bar.update)
        except (NotPublishable, PublishError, DissectionError, StorageDown) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"Published {told}")
        return _invitation(found)


def _plan(study: Study, options: dict[str, Any], reward: int) -> Plan:
    assignments = options["assignments"] or study.assignments_wanted
    if options["verify"]:
        return plan_verification(study, assignments, reward, options["verify"])
    return plan(study, assignments, reward)


def _change(study: Study, options: dict[str, Any]) -> None:
    """Keep what was asked of the study itself."""
    if options["catch"] is not None:
        set_catch_count(study, options["catch"])
    if options["repeats"] is not None:
        set_repeat_count(study, options["repeats"])
    asked = {"catch_policy": options["catch_policy"], "hourly_cents": options["hourly"]}
    given = {name: value for name, value in asked.items() if value is not None}
    if given:
        Study.objects.filter(pk=study.pk).update(**given)
        study.refresh_from_db()


def _in_words(wanted: Plan, why: str) -> str:
    """How many HITs, which of them are chance controls, and what they cost at most."""
    controls = {name: count for name, count in wanted.conditions.items() if name != "trained"}
    which = "".join(f", {count} of them {name}" for name, count in controls.items())
    return (
        f"{len(wanted.offers)} HITs{which}, {wanted.places} answers for up to "
        f"${wanted.cost_cents / 100:.2f}, {wanted.reward_cents / 100:.2f} a HIT{why}."
    )


def _regions(study: Study, wanted: Plan) -> str:
    """A line about the regions that naming will show for the first time."""
    if not wanted.is_naming:
        return ""
    units = Unit.objects.filter(layer__network__study=study)
    told = region_warning(study, count_regions(units.exclude(hits__kind=Hit.Kind.NAMING)))
    return told and f"\n{told}"


def _invitation(study: Study) -> str:
    """The address of the study's open invitation, made where there is none."""
    annotators = Invitation.objects.open().filter(study=study, role=Role.ANNOTATOR)
    found = annotators.order_by("pk").first()
    found = found or Invitation.objects.create(study=study)
    return f"{settings.PUBLIC_URL}{reverse('enter', args=[found.token])}"


def _known() -> str:
    names = ", ".join(Study.objects.values_list("name", flat=True)[:10])
    return f"There are: {names}." if names else "Run `dissect` first."
