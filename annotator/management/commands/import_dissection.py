"""manage.py import_dissection FILE|DIR --study STUDY"""

from pathlib import Path
from typing import Any, get_args

from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.dissection_reader import DissectionError, open_dissection
from annotator.dissection_reader.regions import count_regions, region_warning
from annotator.dissection_reader.study_binding import StudyMismatch
from annotator.imports import ImportRefused, read_top_images
from annotator.job_requests import BadRequest, ImportRequest
from annotator.models import Network, Unit
from annotator.storage import StorageDown

CONDITIONS = get_args(ImportRequest.model_fields["condition"].annotation)


class Command(BaseCommand):
    help = (
        "Take in top images and regions that another framework found: a CSV or Parquet table "
        "with the columns unit, rank, image, score, and perhaps layer, mask, role, y, x; or the "
        "folder of a dissection with its manifest.json; docs/seam.md describes both. Or a model's "
        "folder in Neuronpedia's batch layout, with --images (docs/how-to/neuronpedia.md)."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", type=Path, metavar="FILE|DIR")
        parser.add_argument("--study", required=True, help="created if it does not exist")
        parser.add_argument("--name", help="of the network (the table's own)")
        parser.add_argument(
            "--images", metavar="DIR|LIST|...",
            help="the list that the table's images stand in, such as the study's (those it names)",
        )  # fmt: skip
        parser.add_argument("--top", type=int, help="images shown for a unit (all, at most 60)")
        parser.add_argument(
            "--condition", choices=CONDITIONS, default="trained", help="what the units are"
        )
        parser.add_argument(
            "--resize", type=int, default=224, metavar="PX",
            help="to what the network's shorter side was resized before the crop (224)",
        )  # fmt: skip
        parser.add_argument(
            "--crop", type=int, default=224, metavar="PX", help="what it then saw (224)"
        )

    def handle(self, *, path: Path, **options: Any) -> None:
        # Imported here, since processes of the service do without torch.
        from annotator.dissection_jobs.foreign import (
            import_folder,
            import_model,
            import_table,
            is_model,
        )
        from annotator.dissection_jobs.progress import StageBar

        names = [name for name in ImportRequest.model_fields if name in options]
        try:
            request = ImportRequest.of({name: options[name] for name in names})
            with StageBar() as bar:
                if (path / "manifest.json").is_file():
                    network = import_folder(path, request, bar)
                elif is_model(path):
                    network = import_model(path, request, bar)
                else:
                    network = import_table(read_top_images(path), request, bar)
        except (
            BadRequest,
            DissectionError,
            ImportRefused,
            StorageDown,
            StudyMismatch,
        ) as error:
            raise CommandError(str(error)) from error
        self.stderr.write(_summary(network))


def _summary(network: Network) -> str:
    """What the study has now, and what its HITs will lack."""
    study = network.study
    layers = ", ".join(f"{one.name} ({one.unit_count} units)" for one in network.layers.all())
    text = f"{network.name} is in study {study}: {layers}, {study.top_count} top images each."
    low = _fewest_low_images(network)
    if low < study.catch_count:
        text += (
            f" It has {low} low images a unit, fewer than the {study.catch_count} catch images of "
            f"a HIT: list more (role low), or publish with --catch {low}."
        )
    if not network.manifest.get("random_images"):
        text += " It has no random images (role random): concepts cannot be verified against them."
    units = Unit.objects.filter(layer__network=network)
    return f"{text} {region_warning(study, count_regions(units))}".rstrip()


def _fewest_low_images(network: Network) -> int:
    """How many low images the unit with the fewest has."""
    dissection = open_dissection(network.dissection)
    counts = []
    for layer in dissection.manifest.layers:
        units = list(layer.unit_numbers)
        low = dissection.table(layer).low.image[units]  # (units, low images), -1 for none
        counts.append(int((low >= 0).sum(axis=1).min()))
    return min(counts)
