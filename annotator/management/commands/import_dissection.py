"""manage.py import_dissection FILE|DIR --study STUDY"""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from tqdm import tqdm

from annotator.dissection_reader import DissectionError, open_dissection
from annotator.dissection_reader.regions import count_regions, region_warning
from annotator.imports import ImportRefused
from annotator.imports.dissections import read_dissection
from annotator.models import Network, Unit
from annotator.storage import StorageDown

BROUGHT = ("trained", "untrained", "directions", "random directions")


class Command(BaseCommand):
    help = (
        "Take in top images and regions that any other framework found: a CSV or Parquet table "
        "with the columns unit, rank, image, score, and perhaps layer, mask, role, y, x; or the "
        "folder of a dissection with its manifest.json. docs/seam.md describes both."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE|DIR")
        parser.add_argument("--study", required=True, help="made if there is none of that name")
        parser.add_argument("--name", help="of the network (the table's own)")
        parser.add_argument(
            "--images", metavar="DIR|LIST|...",
            help="the list that the table's images stand in, such as the study's (those it names)",
        )  # fmt: skip
        parser.add_argument("--top", type=int, help="images shown a unit (all, at most 60)")
        parser.add_argument(
            "--condition", choices=BROUGHT, default="trained", help="what the units are"
        )
        parser.add_argument(
            "--resize", type=int, default=224, metavar="PX",
            help="to what the network's shorter side was resized before the crop (224)",
        )  # fmt: skip
        parser.add_argument(
            "--crop", type=int, default=224, metavar="PX", help="what it then saw (224)"
        )

    def handle(self, *, path: Path, study: str, **options: Any) -> None:
        # Imported here, as every process of the service that need not know torch.
        from annotator.dissection_jobs.fitting import StudyMismatch
        from annotator.dissection_jobs.foreign_import import Asked, import_folder, import_table

        names = ("name", "images", "top", "condition", "resize", "crop")
        asked = Asked(study, **{name: options[name] for name in names})
        if asked.top is not None and asked.top < 1:
            raise CommandError(f"--top must be at least 1, got {asked.top}.")
        bar = _Bar()
        try:
            if (path / "manifest.json").is_file():
                network = import_folder(path, asked, bar)
            else:
                network = import_table(read_dissection(path), asked, bar)
        except (ImportRefused, DissectionError, StorageDown, StudyMismatch) as error:
            raise CommandError(str(error)) from error
        finally:
            bar.close()
        self.stderr.write(_said(network))


class _Bar:
    """Stages on stderr, only where that is a terminal."""

    def __init__(self) -> None:
        self.stage, self.bar = "", None

    def __call__(self, stage: str, done: int, total: int) -> None:
        if stage != self.stage:
            self.close()
            self.stage = stage
            self.bar = tqdm(total=total, desc=stage, disable=None, file=sys.stderr)
        if self.bar is not None:
            self.bar.update(done - self.bar.n)

    def close(self) -> None:
        if self.bar is not None:
            self.bar.close()
            self.bar = None


def _said(network: Network) -> str:
    study, manifest = network.study, network.manifest
    layers = ", ".join(f"{one.name} ({one.unit_count} units)" for one in network.layers.all())
    said = f"{network.name} is in study {study}: {layers}, {study.top_count} top images each."
    low = _fewest_low(network)
    if low < study.catch_count:
        said += (
            f" It has {low} low images a unit, fewer than the {study.catch_count} catch images of "
            f"a HIT: list more (role low), or publish with --catch {low}."
        )
    if not manifest.get("random_images"):
        said += " It has no random images (role random): concepts cannot be verified against them."
    units = Unit.objects.filter(layer__network=network)
    return f"{said} {region_warning(study, count_regions(units))}".rstrip()


def _fewest_low(network: Network) -> int:
    found = open_dissection(network.dissection)
    fewest = []
    for layer in found.manifest.layers:
        low = found.table(layer).low.image[list(layer.unit_numbers)]
        fewest.append(int((low >= 0).sum(axis=1).min()))
    return min(fewest)
