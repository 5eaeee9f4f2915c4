"""manage.py dissect STUDY --network SPEC --layers L --images DIR"""

import os
import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.dissection_reader.regions import count_regions, region_warning
from annotator.job_queue import do_next_job, enqueue_run, withdraw_failed_run
from annotator.models import Run, Unit
from annotator.models.jobs import LEASE

# Option: what the run calls it, its default (Zhou et al. 2015: 25 images, 11 px, 3 px), what it is.
FIELD = {
    "field-units": ("units", 16, "units measured of each layer, 0 for all"),
    "field-images": ("top_images", 25, "top images averaged for a unit"),
    "occluder": ("occluder", 11, "px of the occluder's side"),
    "stride": ("stride", 3, "px from one place of it to the next"),
}

LEAST = {"random_directions": 50, "random_images": 30}  # units a layer, for a control


NUMERICS = {  # what they change is a part of the fingerprint; none is on by default
    "autocast": "half precision where torch thinks it safe: faster, activations to 3 digits",
    "tf32": "on a GPU, products with 11 bits: faster, activations to 3 or 4 digits",
    "channels-last": "maps in memory cell by cell: faster for some networks",
}


def _dest(option: str) -> str:
    return option.replace("-", "_")


class Command(BaseCommand):
    help = (
        "Find the top images of every unit of some layers and segment them. The same study with "
        "another network adds it; with the same network it is already done, or resumed."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("study")
        parser.add_argument("--network", required=True, metavar="SPEC")
        parser.add_argument("--weights", metavar="FILE")
        parser.add_argument("--layers", required=True, nargs="+", metavar="L")
        parser.add_argument("--images", required=True, metavar="DIR|LIST|TAR|s3://...")
        parser.add_argument("--top", type=int, default=60, help="images shown a unit (60)")
        parser.add_argument(
            "--by", choices=["max", "sum"], default="max", help="score: a map's max, or its sum"
        )
        field_arguments(parser)
        unit_arguments(parser)
        parser.add_argument("--shards", type=int, help="pieces of work (one for 2,048 images)")
        parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")
        for name, what in NUMERICS.items():
            parser.add_argument(f"--{name}", action="store_true", help=what)

    def handle(self, *, study: str, **options: Any) -> None:
        if options["top"] < 1:
            raise CommandError(f"--top must be at least 1, got {options['top']}.")
        if options["shards"] is not None and options["shards"] < 1:
            raise CommandError(f"--shards must be at least 1, got {options['shards']}.")
        names = ("network", "weights", "layers", "images", "top", "segment", "shards", "device")
        asked = {name: options[name] for name in names} | units_asked(options)
        if field := field_asked(options):
            asked["field"] = field
        if options["by"] != "max":
            asked["by"] = options["by"]
        if chosen := {name: True for name in map(_dest, NUMERICS) if options[name]}:
            asked["numerics"] = chosen
        try:
            run = enqueue_run(study, asked)
        except ValidationError as error:
            raise CommandError(f"{study!r}: {' '.join(error.messages)}") from error
        if settings.BROKER_URL:
            self.stderr.write(f"Run {run.pk} is queued; a worker will take it. See /studies/.")
            return
        self._work(run)
        self._report(run)

    def _work(self, run: Run) -> None:
        """Do the run here, piece by piece; wait for pieces that another process holds."""
        said = False
        while True:
            run.refresh_from_db()
            if run.status in (Run.Status.DONE, Run.Status.FAILED):
                return
            if do_next_job(run):
                continue
            if not said:
                self.stderr.write(
                    f"Another process holds a part of run {run.pk}, or died with it; its lease "
                    f"ends after {LEASE.seconds} seconds. Waiting."
                )
                said = True
            time.sleep(1)

    def _report(self, run: Run) -> None:
        run.refresh_from_db()
        if run.status == Run.Status.FAILED:
            message = run.error
            withdraw_failed_run(run)
            raise CommandError(message)
        assert run.network is not None
        for name, least in LEAST.items():
            if (run.asked.get(name) or least) < least:
                self.stderr.write(f"Fewer than {least} units a layer say little about chance.")
        skipped = run.network.manifest["images"]["skipped"]
        for bad in skipped[:10]:
            self.stderr.write(f"Skipped {bad['image']}: {bad['reason']}")
        if len(skipped) > 10:
            self.stderr.write(f"... and {len(skipped) - 10} more; all are in the manifest.")
        self.stderr.write(
            f"{run.network} is in study {run.study}: {_sizes(run)} over "
            f"{run.study.image_count - len(skipped)} images."
        )
        units = Unit.objects.filter(layer__network=run.network)
        if told := region_warning(run.study, count_regions(units)):
            self.stderr.write(told)


def field_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--segment", choices=["upsample", "receptive-field"], default="upsample",
        help="regions: where the upsampled map is high, or discs as wide as the measured field",
    )  # fmt: skip
    for name, (_, default, what) in FIELD.items():
        parser.add_argument(f"--{name}", type=int, help=f"receptive-field: {what} ({default})")


def field_asked(options: dict[str, Any]) -> dict[str, int] | None:
    """How fields are to be measured; None where regions are not drawn from them.

    Raises:
        CommandError: measuring is asked for, but not drawing.
    """
    given = {name: options[name.replace("-", "_")] for name in FIELD}
    if options["segment"] != "receptive-field":
        for name, value in given.items():
            if value is not None:
                raise CommandError(f"--{name} goes with --segment receptive-field alone.")
        return None
    return {
        key: default if given[name] is None else given[name]
        for name, (key, default, _) in FIELD.items()
    }


def unit_arguments(parser: ArgumentParser) -> None:
    """What is dissected besides the channels of the network itself; one of these at most."""
    kind = parser.add_mutually_exclusive_group()
    kind.add_argument(
        "--directions", metavar="FILE",
        help=".safetensors with (units, channels) for each layer: these stand for its units",
    )  # fmt: skip
    kind.add_argument(
        "--random-directions", type=int, metavar="N",
        help=f"control: N random rotations of each layer's channels, {LEAST['random_directions']} "
        "or more",
    )  # fmt: skip
    kind.add_argument(
        "--random-images", type=int, metavar="N",
        help=f"control: N units of random images a layer, {LEAST['random_images']} or more, with "
        "regions of random units",
    )  # fmt: skip
    kind.add_argument("--untrained", action="store_true", help="control: with random weights")
    parser.add_argument("--seed", type=int, default=0, help="of what is random (0)")


def units_asked(options: dict[str, Any]) -> dict[str, Any]:
    """
    Raises:
        CommandError: nothing is asked for, or what does not go together.
    """
    given = {name: options[name] for name in ("directions", *LEAST)}
    asked = {name: value for name, value in given.items() if value is not None}
    for name, least in LEAST.items():
        if asked.get(name, least) < 1:
            raise CommandError(
                f"--{name.replace('_', '-')} must be at least 1, got {asked[name]}; {least} or "
                "more make a control."
            )
    if options["untrained"]:
        if options["weights"]:
            raise CommandError("--untrained draws random weights: take it, or --weights.")
        asked["weights"] = "untrained"
    if "directions" in asked:
        asked["directions"] = os.path.abspath(asked["directions"])
    elif asked:
        asked["seed"] = options["seed"]
    return asked


def _sizes(run: Run) -> str:
    layers = run.network.layers.all() if run.network else []
    return ", ".join(f"{layer.name} ({layer.unit_count} units)" for layer in layers)
