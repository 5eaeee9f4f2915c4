"""manage.py preregister STUDY [FILE]"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.models import Study
from annotator.results.report.preregistration.plan import (
    InvalidPlan,
    default_plan,
    preregister,
    read_plan,
)


class Command(BaseCommand):
    help = (
        "Freeze the plan of a study before its data: hypotheses, thresholds, rules, exclusions "
        "and stopping, with a date and a hash. The report compares the plan with what was done. "
        "Without FILE, the plan is the study's own design, without hypotheses."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", metavar="STUDY")
        parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a plan in JSON")
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="print the plan, ready to be edited, and freeze nothing",
        )

    def handle(self, *, study: str, file: Path | None, dry_run: bool, **options: Any) -> str | None:
        planned = Study.objects.filter(name=study).first()
        if planned is None:
            raise CommandError(f"There is no study {study!r}; run `dissect {study}` first.")
        try:
            plan = read_plan(file) if file else default_plan(planned)
            if dry_run:
                return json.dumps(plan, indent=2, ensure_ascii=False)
            registered, is_new = preregister(planned, plan)
        except InvalidPlan as error:
            raise CommandError(str(error)) from error
        already = "" if is_new else " already"
        self.stderr.write(
            f"The plan of {study!r} was{already} frozen at {registered.at:%Y-%m-%d %H:%M:%S} UTC, "
            f"when {registered.answer_count:,} answers existed."
        )
        return registered.sha256
