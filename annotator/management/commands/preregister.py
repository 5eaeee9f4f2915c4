"""manage.py preregister STUDY [FILE]"""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.models import Study
from annotator.results.loading.plan import InvalidPlan
from annotator.results.report.preregistration import default_plan, preregister, read_plan


class Command(BaseCommand):
    help = (
        "Freeze what is planned for a study before its data: hypotheses, thresholds, rules, "
        "exclusions and stopping, as a dated hash. The report shows the plan against what was "
        "done. Without FILE the study's own design is the plan, and no hypothesis is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study", metavar="STUDY")
        parser.add_argument("file", metavar="FILE", nargs="?", type=Path, help="a plan in JSON")
        parser.add_argument(
            "--dry-run", action="store_true", help="print the plan, which can be edited, and stop"
        )

    def handle(self, *, study: str, file: Path | None, dry_run: bool, **options: Any) -> str | None:
        found = Study.objects.filter(name=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}; run `dissect {study}` first.")
        try:
            plan = read_plan(file) if file else default_plan(found)
            if dry_run:
                return json.dumps(plan, indent=2, ensure_ascii=False)
            registered, is_new = preregister(found, plan)
        except InvalidPlan as error:
            raise CommandError(str(error)) from error
        already = "" if is_new else " already"
        self.stderr.write(
            f"Plan of {study!r} was{already} frozen at {registered.at:%Y-%m-%d %H:%M:%S} UTC, "
            f"when {registered.answer_count:,} answers were there."
        )
        return registered.sha256
