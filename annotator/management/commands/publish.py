"""manage.py publish STUDY"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import reverse
from tqdm import tqdm

from annotator.crowd.access.invitations import invite
from annotator.crowd.answers.validation import MAX_SLOTS
from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import ConsentMissing
from annotator.dissection_reader import DissectionError
from annotator.dissection_reader.regions import count_regions, region_warning
from annotator.management.option_types import share, whole_number
from annotator.models import Hit, Invitation, Role, Study, Unit
from annotator.pay.money import dollars, parse_cents
from annotator.pay.rewards import planned_reward
from annotator.public_url import public_address
from annotator.publishers import PUBLISHERS
from annotator.publishers.base import PublishError
from annotator.publishing import (
    CONSENSUS,
    NotPublishable,
    Plan,
    lit_warning,
    plan_naming,
    plan_verification,
    publish_plan,
    set_catch_count,
    set_repeat_count,
    set_tile_view,
)
from annotator.storage import StorageDown

MAX_ANSWERS = 100  # a unit; a larger number is a typing mistake


class Command(BaseCommand):
    help = (
        "Publish a HIT for every unit of a study, and print the link that annotators enter by, "
        "if its consent text is filled in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument(
            "--assignments", type=whole_number(1, MAX_ANSWERS), help="answers a unit (3)"
        )
        pay = parser.add_mutually_exclusive_group()
        pay.add_argument("--reward", type=parse_cents, metavar="0.80", help="pay for a HIT")
        pay.add_argument(
            "--hourly", type=parse_cents, metavar="12.00", help="pay for an hour's work"
        )
        parser.add_argument("--publisher", choices=sorted(PUBLISHERS), default="local")
        parser.add_argument(
            "--catch", type=whole_number(0, MAX_SLOTS), metavar="N", help="catch images a HIT (3)"
        )
        parser.add_argument("--catch-policy", choices=["silent", "block"])
        parser.add_argument(
            "--min-judged",
            type=share,
            metavar="0.5",
            help="the share of a HIT's pictures that an answer has to judge: with more of them "
            "hidden, the HIT is returned unanswered (0.5)",
        )
        parser.add_argument(
            "--repeats",
            type=whole_number(0, MAX_SLOTS),
            metavar="N",
            help="positive controls a HIT: the unit's best images again, mirrored (0)",
        )
        parser.add_argument(
            "--view",
            choices=Study.TileView.values,
            help="what a HIT shows of a picture: all of it with the region lit, as in the paper, "
            "or a crop around the region with the whole picture as an inset (full)",
        )
        parser.add_argument(
            "--verify",
            nargs="?",
            const=CONSENSUS,
            metavar="METHOD",
            help="publish a second round: which of other images show the consensus concept of "
            "each unit, or METHOD's name for it",
        )
        parser.add_argument(
            "--with-dead",
            action="store_true",
            help="publish dead units too, whose images all have one score, and latents of a sparse "
            "autoencoder that fire on most images",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="only print what publishing would cost"
        )

    def handle(self, *, study: str, **options: Any) -> str | None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}. {_existing_studies()}")
        reward_cents, basis = planned_reward(row, options["reward"], options["hourly"])
        try:
            plan = _plan(row, options, reward_cents)
            summary = f"{_summary(plan, basis)}{_left_out(plan)}{_region_warning(row, plan)}"
            summary += _lit_warning(row, plan, options["view"] or row.tile_view)
            if options["dry_run"]:
                self.stderr.write(f"Would publish {summary}")
                return None
            _update_study(row, options)
            with tqdm(total=len(plan.new_hits), unit="HIT", disable=None) as bar:
                publish_plan(row, plan, options["publisher"], bar.update)
        except (NotPublishable, PublishError, DissectionError, StorageDown) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"Published {summary}")
        try:
            return _invite_link(row)
        except ConsentMissing as error:
            self.stderr.write(str(error))
            return None


def _plan(study: Study, options: dict[str, Any], reward_cents: int) -> Plan:
    assignments = options["assignments"] or study.assignments_wanted
    if options["verify"]:
        return plan_verification(
            study, assignments, reward_cents, options["verify"], options["with_dead"]
        )
    return plan_naming(study, assignments, reward_cents, options["with_dead"])


def _update_study(study: Study, options: dict[str, Any]) -> None:
    """Store the options that are settings of the study; those not passed stay as they are."""
    if options["catch"] is not None:
        set_catch_count(study, options["catch"])
    if options["repeats"] is not None:
        set_repeat_count(study, options["repeats"])
    if options["view"] is not None:
        set_tile_view(study, options["view"])
    columns = {
        "catch_policy": options["catch_policy"],
        "hourly_cents": options["hourly"],
        "min_judged": options["min_judged"],
    }
    changes = {name: value for name, value in columns.items() if value is not None}
    if changes:
        Study.objects.filter(pk=study.pk).update(**changes)
        study.refresh_from_db()


def _summary(plan: Plan, basis: str) -> str:
    """How many HITs there are, which of them are chance controls, and what they cost at most."""
    controls = {name: count for name, count in plan.conditions.items() if name != "trained"}
    which = "".join(f", {count} of them {name}" for name, count in controls.items())
    return (
        f"{len(plan.new_hits)} HITs{which}, {plan.places} answers for up to "
        f"{dollars(plan.cost_cents)}, {dollars(plan.reward_cents)} a HIT{basis}."
    )


def _left_out(plan: Plan) -> str:
    """A line about units that are not published, and what that saves; empty if there are none."""
    if not plan.left_out:
        return ""
    saved = dollars(plan.left_out.saved_cents)
    return f"\nLeft out: {plan.left_out}, which saves up to {saved}. --with-dead publishes them."


def _region_warning(study: Study, plan: Plan) -> str:
    """A line about empty and whole regions that the new HITs show; empty if there are none."""
    if not plan.is_naming:
        return ""
    units = Unit.objects.filter(layer__network__study=study).exclude(hits__kind=Hit.Kind.NAMING)
    text = region_warning(study, count_regions(units.live() if plan.left_out else units))
    return text and f"\n{text}"


def _lit_warning(study: Study, plan: Plan, view: str) -> str:
    """A line that warns of tiles that show too little; empty if they do not."""
    path = reverse("sheet", args=["name.jpg"]).replace("name.jpg", "{name}")
    text = lit_warning(study, plan, view, public_address(path))
    return text and f"\n{text}"


def _invite_link(study: Study) -> str:
    """The address of the study's open invitation, which is made if there is none.

    Raises:
        ConsentMissing: nobody can be invited yet.
    """
    invitations = Invitation.objects.open().filter(study=study, role=Role.ANNOTATOR)
    invitation = invitations.order_by("pk").first() or invite(study, COMMAND)
    return public_address(reverse("enter", args=[invitation.token]))


def _existing_studies() -> str:
    names = ", ".join(Study.objects.values_list("name", flat=True)[:10])
    return f"There are: {names}." if names else "Run `dissect` first."
