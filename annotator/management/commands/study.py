"""manage.py study STUDY ACTION: what a requester changes while people work."""

from collections.abc import Callable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.audit import COMMAND
from annotator.crowd.scheduling.redundancy import TooFewAnswers
from annotator.management.option_types import whole_number
from annotator.models import Study
from annotator.pay.budget import committed_cents
from annotator.pay.money import dollars, parse_cents
from annotator.publishing import NotPublishable, PublishRequest, running_studies
from annotator.publishing.requests import MAX_ANSWERS, chosen_units

Action = Callable[[Study, dict[str, Any]], str]


class Command(BaseCommand):
    help = (
        "Change a published study: pause or resume it, set its budget, its answers per unit, its "
        "minimum pay, or withdraw units."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        actions.add_parser("state", help="print whether it hands out HITs, and what it has cost")
        actions.add_parser("pause", help="hand out no more HITs; work in hand may be finished")
        actions.add_parser("resume", help="hand out HITs again")
        budget = actions.add_parser("budget", help="the most that it may cost, fees included")
        budget.add_argument("amount", type=_cents_or_none, metavar="100.00", help="or `none`")
        answers = actions.add_parser(
            "answers", help="answers per unit: more, or fewer where nobody has started"
        )
        answers.add_argument("count", type=whole_number(1, MAX_ANSWERS))
        maximum = actions.add_parser(
            "maximum", help="the most answers of a unit whose groups have no majority"
        )
        maximum.add_argument("count", type=_count_or_none, metavar="6", help="or `none`")
        minimum = actions.add_parser("minimum", help="the least pay for an hour of work")
        minimum.add_argument("amount", type=parse_cents, metavar="8.00")
        withdraw = actions.add_parser("withdraw", help="withdraw HITs for good; answers stay")
        which = withdraw.add_mutually_exclusive_group(required=True)
        which.add_argument("--layers", nargs="+", default=[], metavar="LAYER")
        which.add_argument("--all", action="store_true", help="every HIT of the study")
        withdraw.add_argument(
            "--units", nargs="+", type=whole_number(0, 10**9), help="of the layers, by number"
        )

    def handle(self, *, study: str, action: str, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}.")
        try:
            if said := ACTIONS[action](row, options):
                self.stderr.write(said)
        except (running_studies.RunError, TooFewAnswers, NotPublishable) as error:
            raise CommandError(str(error)) from error
        row.refresh_from_db()
        self.stderr.write(_state_in_words(row, committed_cents(row)))


def _cents_or_none(text: str) -> int | None:
    return None if text.strip().casefold() == "none" else parse_cents(text)


def _count_or_none(text: str) -> int | None:
    return None if text.strip().casefold() == "none" else whole_number(1, MAX_ANSWERS)(text)


def _said(is_changed: bool, sentence: str) -> str:
    return sentence if is_changed else "Nothing changed: it is so already."


def _pause(study: Study, options: dict[str, Any]) -> str:
    return _said(running_studies.pause(study, COMMAND), "Paused. Work in hand may be finished.")


def _resume(study: Study, options: dict[str, Any]) -> str:
    return _said(running_studies.resume(study, COMMAND), "Resumed.")


def _budget(study: Study, options: dict[str, Any]) -> str:
    return _said(
        running_studies.set_budget(study, options["amount"], COMMAND), "The budget was set."
    )


def _minimum(study: Study, options: dict[str, Any]) -> str:
    return _said(
        running_studies.set_minimum(study, options["amount"], COMMAND), "The minimum was set."
    )


def _answers(study: Study, options: dict[str, Any]) -> str:
    added = running_studies.set_answers(study, options["count"], COMMAND)
    return f"Places for answers added: {added}." if added >= 0 else f"Places dropped: {-added}."


def _maximum(study: Study, options: dict[str, Any]) -> str:
    added = running_studies.set_maximum(study, options["count"], COMMAND)
    return f"Places for answers added: {added}."


def _withdraw(study: Study, options: dict[str, Any]) -> str:
    if options["units"] and options["all"]:
        raise running_studies.RunError("--units are of --layers: take them, or --all.")
    units = chosen_units(study, PublishRequest(layers=tuple(options["layers"])))
    if options["units"]:
        units = running_studies.numbered(units or set(), options["units"])
    return f"HITs withdrawn: {running_studies.withdraw(study, units, COMMAND)}."


ACTIONS: dict[str, Action] = {
    "state": lambda study, options: "",
    "pause": _pause,
    "resume": _resume,
    "budget": _budget,
    "answers": _answers,
    "maximum": _maximum,
    "minimum": _minimum,
    "withdraw": _withdraw,
}


def _state_in_words(study: Study, committed_cents: int) -> str:
    """Whether a study is running or paused, and what it may cost, as a line for a terminal."""
    state = f"paused since {study.paused_at:%Y-%m-%d %H:%M} UTC" if study.paused_at else "running"
    limit = "no budget" if study.budget_cents is None else f"budget {dollars(study.budget_cents)}"
    return (
        f"{study}: {state}, {limit}, {dollars(committed_cents)} spent or in hand, "
        f"{study.assignments_wanted} answers per unit, at least "
        f"{dollars(study.min_hourly_cents)} an hour."
    )
