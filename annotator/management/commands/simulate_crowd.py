"""manage.py simulate_crowd STUDY"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotator.models import Place, Study
from annotator.simulation import NotSimulated, calibration, simulate


class Command(BaseCommand):
    help = (
        "Answer a study's HITs from ground truth, by simulated workers who err as people do. "
        "Their answers are marked as simulated for ever and never mix with people's."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("--workers", type=int, default=9, help="how many (9)")
        parser.add_argument("--seed", type=int, default=0, help="another one, another crowd (0)")

    def handle(self, *, study: str, workers: int, seed: int, **options: Any) -> None:
        found = Study.objects.filter(name=study).first()
        if found is None:
            raise CommandError(f"There is no study {study!r}; run `dissect` and `publish` first.")
        if seed < 0:
            raise CommandError(f"--seed must be 0 or above, got {seed}.")
        free = Place.objects.free().filter(hit__unit__layer__network__study=found).count()
        with tqdm(total=free, unit="answer", disable=None) as bar:
            try:
                count = simulate(found, workers, seed, bar.update)
            except NotSimulated as error:
                raise CommandError(str(error)) from error
        self.stderr.write(f"{count} answers by simulated workers, from ground truth.")
        self.stderr.write(str(calibration(found)))
