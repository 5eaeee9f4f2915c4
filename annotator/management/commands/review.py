"""manage.py review STUDY"""

import csv
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import ReviewError
from annotator.crowd.quality.answer_rows import quality_rows
from annotator.crowd.review.answer_list import AnswerFilter, select, waiting
from annotator.crowd.review.decisions import DECISIONS, ask_again, decide_all, dispose
from annotator.crowd.review.looks import open_words
from annotator.crowd.review.quality_index import ComputedIndex
from annotator.crowd.review.rejections import propose_all
from annotator.models import Assignment, Hit, Study
from annotator.models.reviews import REPLY_DAYS

REJECT = "reject"  # which is only proposed
COLUMNS = ["assignment", "hit", "worker", "submitted_at", "reasons"]
OPENED = ["concept", "fitting", "shown"]


class Command(BaseCommand):
    help = (
        "Review a study's answers. Without an action, print the waiting ones as CSV, with their "
        "quality signals; their words only with --open, since decisions are made without. Only "
        "ask-again opens a place again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        actions = [*DECISIONS, "ask-again", "dispose"]
        parser.add_argument("action", nargs="?", choices=actions)
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--assignment", nargs="+", metavar="KEY", help="these answers; decided ones too"
        )
        which.add_argument("--worker", metavar="KEY", help="this worker's waiting answers")
        which.add_argument("--waiting", action="store_true", help="all answers without a decision")
        which.add_argument("--hit", nargs="+", metavar="KEY", help="for `ask-again` and `dispose`")
        parser.add_argument("--reason", default="", help="for the worker; a rejection needs one")
        parser.add_argument(
            "--open",
            action="store_true",
            help="print words and marks too; later decisions are logged as not blind",
        )
        parser.add_argument("--dry-run", action="store_true", help="print how many it would be")

    def handle(self, *, study: str, action: str | None, **options: Any) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}.")
        try:
            if action is None:
                self._list(row, options["worker"] or "", options["open"])
            elif action in DECISIONS:
                self._decide(row, action, options)
            else:
                self._change_hits(row, action, options)
        except ReviewError as error:
            raise CommandError(str(error)) from error

    def _list(self, study: Study, worker: str, is_open: bool) -> None:
        index = ComputedIndex(quality_rows(study))
        pks = select(study, index, AnswerFilter(worker=worker))
        reviewed = index.answers(pks)
        rows = Assignment.objects.filter(worker__study=study).select_related(
            "answer", "hit", "worker"
        )
        table = csv.writer(self.stdout)
        table.writerow(COLUMNS + OPENED * is_open)
        assignments = {row.pk: row for row in rows}
        for assignment in (assignments[pk] for pk in pks):
            reasons = "; ".join(signal.reason for signal in reviewed[assignment.pk].signals)
            columns = [assignment.key, assignment.hit.key, assignment.worker.key]
            columns += [assignment.submitted_at.isoformat(timespec="seconds"), reasons]
            if is_open:
                open_words(assignment, COMMAND)
                answer = assignment.answer
                columns += [answer.concept, answer.fitting, answer.shown]
            table.writerow(columns)

    def _decide(self, study: Study, action: str, options: dict[str, Any]) -> None:
        answers = _answers(study, options)
        if options["dry_run"]:
            self.stderr.write(f"Would {action} {answers.count()} answers.")
            return
        if action == REJECT:
            count = propose_all(answers, options["reason"], COMMAND)
            self.stderr.write(
                f"Proposed to reject {count} answers. The workers may reply for {REPLY_DAYS} days; "
                "then a reviewer confirms it on the page of the answer."
            )
            return
        count = decide_all(answers, action, COMMAND, options["reason"])
        self.stderr.write(f"{action}: {count} answers changed.")

    def _change_hits(self, study: Study, action: str, options: dict[str, Any]) -> None:
        keys = options["hit"]
        if not keys:
            raise CommandError(f"Say which HITs to {action}: --hit KEY ...")
        of_study = Hit.objects.filter(unit__layer__network__study=study)
        hits = {hit.key: hit for hit in of_study.filter(key__in=keys)}
        _refuse_unknown("HIT", keys, hits)
        if options["dry_run"]:
            self.stderr.write(f"Would {action} {len(hits)} HITs.")
            return
        for hit in hits.values():
            ask_again(hit, COMMAND) if action == "ask-again" else dispose(hit, COMMAND)
        self.stderr.write(f"{action}: {len(hits)} HITs.")


def _answers(study: Study, options: dict[str, Any]) -> QuerySet[Assignment]:
    if keys := options["assignment"]:
        chosen = Assignment.objects.filter(worker__study=study, key__in=keys)
        _refuse_unknown("assignment", keys, chosen.values_list("key", flat=True))
        return chosen
    if options["worker"]:
        return waiting(study).filter(worker__key=options["worker"])
    if options["waiting"]:
        return waiting(study)
    raise CommandError("Say which answers: --assignment KEY ..., --worker KEY or --waiting.")


def _refuse_unknown(what: str, wanted: list[str], existing: Iterable[str]) -> None:
    if unknown := sorted(set(wanted) - set(existing)):
        raise CommandError(f"The study has no {what} {unknown[0]!r}; nothing was changed.")
