"""manage.py bonus STUDY WORKER"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import ReviewError
from annotator.crowd.review.bonuses import give_bonus, question
from annotator.management.questions import can_ask, says_yes
from annotator.models import Assignment, Worker
from annotator.pay.money import dollars, parse_cents


class Command(BaseCommand):
    help = "Give a worker a bonus. Running the same command again pays nothing more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("worker", nargs="+", help="keys, as `review STUDY` prints them")
        parser.add_argument("--amount", type=parse_cents, required=True, metavar="0.50")
        parser.add_argument("--reason", required=True, help="the worker reads it")
        parser.add_argument("--assignment", metavar="KEY", help="the answer that it is for")
        parser.add_argument("--yes", action="store_true", help="do not ask first, for scripts")
        parser.add_argument("--token", default="", help="another token is another bonus")

    def handle(self, *, study: str, worker: list[str], **options: Any) -> None:
        keys, cents = list(dict.fromkeys(worker)), options["amount"]
        of_study = Worker.objects.filter(study__name=study, key__in=keys)
        workers = {each.key: each for each in of_study}
        if unknown := [key for key in keys if key not in workers]:
            raise CommandError(f"Study {study!r} has no worker {unknown[0]!r}.")
        self._ask(question(len(keys), cents), options["yes"])
        about = {"token": options["token"], "assignment": _assignment(options["assignment"])}
        try:
            with transaction.atomic():
                given = [
                    give_bonus(workers[key], cents, options["reason"], COMMAND, **about)
                    for key in keys
                ]
        except ReviewError as error:
            raise CommandError(str(error)) from error
        for key, (bonus, is_new) in zip(keys, given, strict=True):
            verb = "Gave" if is_new else "Had already given"
            self.stderr.write(f"{verb} worker {key} a bonus of {dollars(bonus.cents)}.")

    def _ask(self, question: str, is_agreed: bool) -> None:
        if is_agreed:
            return
        if not can_ask():
            raise CommandError(f"{question} There is no terminal to ask: --yes gives it.")
        if not says_yes(question):
            raise CommandError("No bonus is given.")


def _assignment(key: str | None) -> Assignment | None:
    if key is None:
        return None
    assignment = Assignment.objects.filter(key=key).first()
    if assignment is None:
        raise CommandError(f"There is no assignment {key!r}.")
    return assignment
