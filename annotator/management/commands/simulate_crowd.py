"""manage.py simulate_crowd STUDY"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotator.crowd.review.quality_index import store_quality
from annotator.management.option_types import share, whole_number
from annotator.models import Place, Study
from annotator.simulation import NotSimulated, calibration, simulate

MAX_SEED = 2**53  # what every language writes exactly


class Command(BaseCommand):
    help = (
        "Answer a study's HITs from ground truth, by simulated workers who err as people do. "
        "Their answers are marked as simulated for good and never mix with people's."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument(
            "--workers", type=whole_number(1, 10_000), default=9, help="number of workers (9)"
        )
        parser.add_argument(
            "--seed", type=whole_number(0, MAX_SEED), default=0, help="seed of the crowd (0)"
        )
        parser.add_argument(
            "--false-alarms",
            type=share,
            default=0.0,
            metavar="RATE",
            help="how often a worker names a theme where there is none, from 0 to 1 (0): with "
            "it, chance controls of random images can fail",
        )

    def handle(
        self, *, study: str, workers: int, seed: int, false_alarms: float, **options: Any
    ) -> None:
        row = Study.objects.filter(name=study).first()
        if row is None:
            raise CommandError(f"There is no study {study!r}; run `dissect` and `publish` first.")
        if seed < 0:
            raise CommandError(f"--seed must be 0 or above, got {seed}.")
        free = Place.objects.free().filter(hit__unit__layer__network__study=row).count()
        with tqdm(total=free, unit="answer", disable=None) as bar:
            try:
                count = simulate(row, workers, seed, bar.update, false_alarms)
            except NotSimulated as error:
                raise CommandError(str(error)) from error
        store_quality(row)
        self.stderr.write(f"{count} answers by simulated workers, from ground truth.")
        self.stderr.write(str(calibration(row)))
