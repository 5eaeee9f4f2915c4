"""manage.py dissect STUDY --network SPEC --layers L --images DIR"""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import Count

from annotator.dissection_reader.regions import count_regions, region_warning
from annotator.interruptions.broker import is_broker_down
from annotator.job_queue import do_next_job, enqueue_run
from annotator.job_requests import (
    FIELD_OPTIONS,
    MIN_CONTROL_UNITS,
    BadRequest,
    FieldOptions,
    RunRequest,
)
from annotator.models import Network, Run, Unit
from annotator.models.claims import LEASE
from annotator.results.output.formatting import plural
from dissect.format.axis_options import AXIS_OPTIONS
from dissect.format.manifest import BY_FIELD, BY_QUANTILE, segmentation_name
from dissect.format.names import on_one_line

FIELD_HELP = {
    "size": "the discs: measured, an assumed eighth of the view, or the paper's fixed 65/227 of it",
    "units": "units to measure of each layer at any cost, 0 for all (as many as cost a tenth of "
    "the pass; deep layers are then estimated from gradients)",
    "top_images": "top images averaged for a unit",
    "occluder": "side of the occluder in px",
    "stride": "px from one place of the occluder to the next",
}
NUMERICS_HELP = {  # each changes the fingerprint of a dissection
    "autocast": "half precision where torch thinks it safe: faster, activations to 3 digits",
    "tf32": "on a GPU, products with 11 bits: faster, activations to 3 or 4 digits",
    "channels-last": "maps in memory cell by cell: faster for some networks",
    "scaled-jpeg": "large JPEGs are scaled while they are decoded: faster, views differ a little",
}
FIELD_SIZES = ["measured", "assumed", "fixed"]
MAX_SKIPPED_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Find the top images of every unit of some layers and segment them. The same study with "
        "another network adds it; with the same network it is already done, or resumed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("--network", required=True, metavar="SPEC")
        parser.add_argument("--weights", metavar="FILE")
        parser.add_argument(
            "--display-name", default="", metavar="NAME",
            help="what readers see of the network (by default made from SPEC); `rename` changes it",
        )  # fmt: skip
        parser.add_argument("--layers", required=True, nargs="+", metavar="L")
        for option, declared in AXIS_OPTIONS.items():
            parser.add_argument(option, **declared)
        parser.add_argument("--images", required=True, metavar="DIR|LIST|TAR|s3://...")
        parser.add_argument(
            "--skip", nargs="+", default=[], metavar="IMAGE",
            help="leave these images out, by their path in the list, for instance one that takes "
            "more memory than there is; a failed run goes on without them",
        )  # fmt: skip
        parser.add_argument("--top", type=int, default=60, help="images shown for a unit (60)")
        parser.add_argument(
            "--by", choices=["max", "sum"], default="max", help="score: a map's max, or its sum"
        )
        parser.add_argument(
            "--keep-duplicates", action="store_true",
            help="rank every copy of an image; otherwise images of equal pixels stand once",
        )  # fmt: skip
        _add_segment_arguments(parser)
        _add_unit_arguments(parser)
        parser.add_argument("--shards", type=int, help="pieces of work (one for 2,048 images)")
        parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
        for name, text in NUMERICS_HELP.items():
            parser.add_argument(f"--{name}", action="store_true", help=text)

    def handle(self, *, study: str, **options: Any) -> None:
        try:
            run = enqueue_run(study, RunRequest.from_options(options))
        except BadRequest as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(f"{study!r}: {' '.join(error.messages)}") from error
        if settings.BROKER_URL:
            when = (
                "when the broker is back, which cannot be reached" if is_broker_down() else "soon"
            )
            self.stderr.write(f"Run {run.pk} is queued; a worker takes it {when}. See /studies/.")
            return
        self._work(run)
        self._report(run)

    def _work(self, run: Run) -> None:
        """Do the jobs of the run here, and wait for those that another process holds."""
        is_told = False
        while True:
            run.refresh_from_db()
            if run.status in (Run.Status.DONE, Run.Status.FAILED):
                return
            if do_next_job(run):
                continue
            if not is_told:
                self.stderr.write(
                    f"Another process holds a part of run {run.pk}, or died while it did; its "
                    f"lease ends after {LEASE.seconds} seconds. Waiting."
                )
                is_told = True
            time.sleep(1)

    def _report(self, run: Run) -> None:
        run.refresh_from_db()
        if run.status == Run.Status.FAILED:
            from annotator.dissection_jobs.runs import withdraw_failed_run

            message = run.error
            withdraw_failed_run(run)
            raise CommandError(message)
        assert run.network is not None
        request = RunRequest.of(run.request)
        for name, enough in MIN_CONTROL_UNITS.items():
            if (getattr(request, name) or enough) < enough:
                self.stderr.write(f"Fewer than {enough} units a layer say little about chance.")
        left_out = self._report_left_out(run.network.manifest["images"])
        layers = run.network.layers.all()
        sizes = ", ".join(f"{layer.name} ({layer.unit_count} units)" for layer in layers)
        self.stderr.write(
            f"{run.network} is in study {run.study}: {sizes} over "
            f"{run.study.image_count - left_out} images."
        )
        self._report_dead(run.network)
        if linear := [
            one["name"] for one in run.network.manifest["layers"] if one.get("after") == ""
        ]:
            self.stderr.write(
                f"Linear outputs, whose units are hard to name: {', '.join(linear)}. "
                f"python -m dissect layers --network {run.network.spec} suggests layers."
            )
        units = Unit.objects.filter(layer__network=run.network)
        if text := region_warning(run.study, count_regions(units)):
            self.stderr.write(text)

    def _report_left_out(self, images: dict[str, Any]) -> int:
        """Report which images were left out, and why; returns how many."""
        for note in images.get("notes", []):
            self.stderr.write(on_one_line(note))
        skipped = images["skipped"]
        for image in skipped[:MAX_SKIPPED_SHOWN]:
            self.stderr.write(f"Skipped {on_one_line(image['image'])}: {image['reason']}")
        if len(skipped) > MAX_SKIPPED_SHOWN:
            more = len(skipped) - MAX_SKIPPED_SHOWN
            self.stderr.write(f"... and {more} more; all are in the manifest.")
        copy_count = sum(map(len, images.get("copies", {}).values()))
        if copy_count:
            self.stderr.write(
                f"{plural(copy_count, 'image')} with the pixels of another one left out: a copy "
                "stands once among top images (--keep-duplicates keeps all)."
            )
        return len(skipped) + copy_count

    def _report_dead(self, network: Network) -> None:
        units = Unit.objects.filter(layer__network=network)
        counts = units.filter(dead=True).values("layer__name").annotate(count=Count("pk"))
        dead = ", ".join(
            f"{plural(row['count'], 'unit')} of layer {row['layer__name']}" for row in counts
        )
        if dead:
            self.stderr.write(
                f"Dead, since all images give them one score: {dead}. They are not published."
            )


def _add_segment_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--segment", type=segmentation_name, choices=[BY_FIELD, BY_QUANTILE], default=BY_FIELD,
        help="regions: discs as wide as the layer's receptive field around the cells above half of "
        "the map's maximum, or where the upsampled map is above the unit's 0.995 quantile",
    )  # fmt: skip
    for field, option in FIELD_OPTIONS.items():
        default = FieldOptions.model_fields[field].default
        text = f"{BY_FIELD}: {FIELD_HELP[field]}" + ("" if default is None else f" ({default})")
        if field == "size":
            parser.add_argument(f"--{option}", choices=FIELD_SIZES, help=text)
        else:
            parser.add_argument(f"--{option}", type=int, help=text)


def _add_unit_arguments(parser: ArgumentParser) -> None:
    """What is dissected instead of the channels of the network itself: one of these at most."""
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--directions", metavar="FILE|DIR",
        help="units instead of channels: a .safetensors with (units, channels) for each layer, or "
        "a sparse autoencoder of SAELens, ViT-Prisma or Overcomplete",
    )  # fmt: skip
    parser.add_argument(
        "--sample", type=int, metavar="N",
        help="with --directions: show N units of each layer, drawn in strata of firing share from "
        "those that are neither dead nor dense",
    )  # fmt: skip
    kind.add_argument(
        "--random-directions", type=int, metavar="N",
        help="control: N random rotations of each layer's channels, "
        f"{MIN_CONTROL_UNITS['random_directions']} or more",
    )  # fmt: skip
    kind.add_argument(
        "--random-images", type=int, metavar="N",
        help=f"control: N units of random images a layer, {MIN_CONTROL_UNITS['random_images']} or "
        "more, with regions of random units",
    )  # fmt: skip
    kind.add_argument("--untrained", action="store_true", help="control: with random weights")
    parser.add_argument("--seed", type=int, default=0, help="of what is random (0)")
