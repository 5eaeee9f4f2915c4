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
from annotator.job_requests import BadRequest
from annotator.management.option_types import share, whole_number
from annotator.management.questions import can_ask, says_yes
from annotator.models import Hit, Invitation, Role, Study, Unit
from annotator.pay.money import dollars, parse_cents
from annotator.public_url import enter_address, public_address
from annotator.publishers import PUBLISHERS
from annotator.publishers.base import PublishError
from annotator.publishing import (
    CONSENSUS,
    PILOT_UNITS,
    NotPublishable,
    Offer,
    Plan,
    PublishRequest,
    lit_warning,
    offer_of,
    publish_request,
)
from annotator.publishing.requests import MAX_ANSWERS
from annotator.storage import StorageDown


class Command(BaseCommand):
    help = (
        "Publish a HIT for every unit of a study, and print the link that annotators enter by, "
        "if its consent text is filled in."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        _add_terms(parser)
        _add_checks(parser)
        _add_choice_of_units(parser)
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="only print the HITs, answers, minutes and money of publishing",
        )
        parser.add_argument(
            "--yes", action="store_true", help="do not ask before publishing, for scripts"
        )

    def handle(self, *, study: str, dry_run: bool, yes: bool, **options: Any) -> str | None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}. {_existing_studies()}")
        try:
            request = PublishRequest.of(
                {name: options[name] for name in PublishRequest.model_fields}
            )
            offer = offer_of(row, request)
            summary = _summary(row, request, offer)
            if dry_run:
                self.stderr.write(f"Would publish {summary}")
                return None
            self._ask(offer, summary, yes)
            with tqdm(total=len(offer.plan.new_hits), unit="HIT", disable=None) as bar:
                publish_request(row, request, COMMAND, bar.update)
        except (BadRequest, NotPublishable, PublishError, DissectionError, StorageDown) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(f"Published {summary}")
        try:
            return _invite_link(row)
        except ConsentMissing as error:
            self.stderr.write(str(error))
            return None

    def _ask(self, offer: Offer, summary: str, is_agreed: bool) -> None:
        """Ask whether to spend the money, as the button of the page does.

        Raises:
            CommandError: the answer is no, or nobody can be asked.
        """
        if is_agreed or offer.is_empty:
            return
        price = dollars(offer.total_cents)
        if not can_ask():
            raise CommandError(
                f"Nothing is published. It would cost up to {price}, and there is no terminal to "
                "ask. --yes publishes without asking, --dry-run prints the price."
            )
        self.stderr.write(summary)
        if not says_yes(f"Publish for {price}?"):
            raise CommandError("Nothing is published.")


def _add_terms(parser: CommandParser) -> None:
    """Options of answers, pay, publisher and round."""
    parser.add_argument(
        "--assignments", type=whole_number(1, MAX_ANSWERS), help="answers per unit (3)"
    )
    pay = parser.add_mutually_exclusive_group()
    pay.add_argument("--reward", type=parse_cents, metavar="0.80", help="pay for a HIT")
    pay.add_argument("--hourly", type=parse_cents, metavar="12.00", help="pay for an hour's work")
    parser.add_argument("--publisher", choices=sorted(PUBLISHERS), default="local")
    parser.add_argument(
        "--verify",
        nargs="?",
        const=CONSENSUS,
        metavar="METHOD",
        help="publish a second round: which of other images show the consensus concept of "
        "each unit, or METHOD's name for it",
    )


def _add_checks(parser: CommandParser) -> None:
    """Options of what a HIT shows, and of the checks of its answers."""
    parser.add_argument(
        "--catch", type=whole_number(0, MAX_SLOTS), metavar="N", help="catch images a HIT (3)"
    )
    parser.add_argument("--catch-policy", choices=["silent", "block"])
    parser.add_argument(
        "--min-judged",
        type=share,
        metavar="0.5",
        help="the share of a HIT's pictures that an answer has to judge; if more of them are "
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


def _add_choice_of_units(parser: CommandParser) -> None:
    """Options of which units to publish."""
    parser.add_argument(
        "--with-dead",
        action="store_true",
        help="publish dead units too, whose images all have one score, and latents of a sparse "
        "autoencoder that fire on most images",
    )
    parser.add_argument(
        "--layers",
        nargs="+",
        default=[],
        metavar="LAYER",
        help="publish units of these layers alone, as LAYER or NETWORK/LAYER (all)",
    )
    parser.add_argument(
        "--sample",
        type=whole_number(1, 10**6),
        metavar="N",
        help="publish N units of each layer, drawn at random",
    )
    parser.add_argument(
        "--pilot",
        action="store_true",
        help=f"publish {PILOT_UNITS} units of all layers, to measure how long a HIT takes",
    )
    parser.add_argument(
        "--seed", type=whole_number(0, 2**53), default=0, help="of --sample and --pilot (0)"
    )


def _summary(study: Study, request: PublishRequest, offer: Offer) -> str:
    """Lines that say what is published and what it costs at most, and warnings."""
    plan = offer.plan
    lines = [_costs(offer), _left_out_of_the_price(offer), _left_out(plan)]
    if offer.beyond_budget_cents:
        lines.append(
            f"The budget of {dollars(study.budget_cents or 0)} is used up before everything is "
            f"answered: {dollars(offer.beyond_budget_cents)} more would pay for all answers."
        )
    lines.append(_region_warning(study, plan))
    lines.append(_lit_warning(study, plan, request.view or study.tile_view))
    return "\n".join(line for line in lines if line)


def _costs(offer: Offer) -> str:
    """How many HITs there are, which of them are chance controls, and what they cost at most."""
    plan = offer.plan
    controls = {name: count for name, count in plan.conditions.items() if name != "trained"}
    which = "".join(f", {count} of them {name}" for name, count in controls.items())
    debriefing = (
        f", {dollars(offer.debriefings_cents)} of it for the debriefing of {offer.people} people"
        if offer.debriefings_cents
        else ""
    )
    fee = (
        f", {dollars(offer.fee_cents)} of it fees of {offer.fee_percent:g} %"
        if offer.fee_cents
        else ""
    )
    return (
        f"{len(plan.new_hits)} HITs{which}, {plan.places} answers for up to "
        f"{dollars(offer.total_cents)}{debriefing}{fee}, {dollars(plan.reward_cents)} a "
        f"HIT{offer.basis}: about {offer.hours:.1f} hours of work."
    )


def _left_out_of_the_price(offer: Offer) -> str:
    """A line about costs that may come on top of the price; empty if nothing is published."""
    if offer.is_empty:
        return ""
    most = dollars(offer.top_ups_cents)
    top_ups = f"top-ups to the minimum pay, at most {most}; " if offer.top_ups_cents else ""
    return f"Not in the price: {top_ups}parts of HITs of people who stop; bonuses."


def _left_out(plan: Plan) -> str:
    """A line about units that are not published, and what that saves; empty if there are none."""
    if not plan.left_out:
        return ""
    saved = dollars(plan.left_out.saved_cents)
    return f"Left out: {plan.left_out}, which saves up to {saved}. --with-dead publishes them."


def _region_warning(study: Study, plan: Plan) -> str:
    """A line about empty and whole regions that the new HITs show; empty if there are none."""
    if not plan.is_naming:
        return ""
    units = Unit.objects.filter(layer__network__study=study).exclude(hits__kind=Hit.Kind.NAMING)
    return region_warning(study, count_regions(units.live() if plan.left_out else units))


def _lit_warning(study: Study, plan: Plan, view: str) -> str:
    """A warning about tiles that show too little; empty if there are none."""
    path = reverse("sheet", args=["name.jpg"]).replace("name.jpg", "{name}")
    return lit_warning(study, plan, view, public_address(path))


def _invite_link(study: Study) -> str:
    """The address of the study's open invitation, which is made if there is none.

    Raises:
        ConsentMissing: the consent text is not filled in, so nobody can be invited.
    """
    invitations = Invitation.objects.open().filter(study=study, role=Role.ANNOTATOR)
    addresses = (enter_address(invitation.token) for invitation in invitations.order_by("pk"))
    return next(filter(None, addresses), "") or enter_address(invite(study, COMMAND).token)


def _existing_studies() -> str:
    names = ", ".join(Study.objects.values_list("name", flat=True)[:10])
    return f"There are: {names}." if names else "Run `dissect` first."
