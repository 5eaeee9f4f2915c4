"""manage.py bonus STUDY WORKER"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import ReviewError
from annotator.crowd.review.bonuses import give_bonus
from annotator.models import Assignment, Worker
from annotator.pay.money import dollars, parse_cents


class Command(BaseCommand):
    help = "Give a worker a bonus. Running the same command again pays nothing more."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("worker", help="the worker's key, as `review STUDY` prints it")
        parser.add_argument("--amount", type=parse_cents, required=True, metavar="0.50")
        parser.add_argument("--reason", required=True, help="the worker reads it")
        parser.add_argument("--assignment", metavar="KEY", help="the answer that it is for")
        parser.add_argument("--token", default="", help="another token is another bonus")

    def handle(self, *, study: str, worker: str, **options: Any) -> None:
        receiver = Worker.objects.filter(study__name=study, key=worker).first()
        if receiver is None:
            raise CommandError(f"Study {study!r} has no worker {worker!r}.")
        try:
            bonus, is_new = give_bonus(
                receiver,
                options["amount"],
                options["reason"],
                COMMAND,
                token=options["token"],
                assignment=_assignment(options["assignment"]),
            )
        except ReviewError as error:
            raise CommandError(str(error)) from error
        verb = "Gave" if is_new else "Had already given"
        self.stderr.write(f"{verb} worker {worker} a bonus of {dollars(bonus.cents)}.")


def _assignment(key: str | None) -> Assignment | None:
    if key is None:
        return None
    assignment = Assignment.objects.filter(key=key).first()
    if assignment is None:
        raise CommandError(f"There is no assignment {key!r}.")
    return assignment
