"""manage.py dissect STUDY --network SPEC --layers L --images DIR"""

import time
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from annotator.asking import ask, do_one, withdraw_failed
from annotator.models import Run
from annotator.models.run import LEASE

# Option: what the run calls it, its default (Zhou et al. 2015: 25 images, 11 px, 3 px), what it is.
FIELD = {
    "field-units": ("units", 16, "units measured of each layer, 0 for all"),
    "field-images": ("top_images", 25, "top images averaged for a unit"),
    "occluder": ("occluder", 11, "px of the occluder's side"),
    "stride": ("stride", 3, "px from one place of it to the next"),
}


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
        parser.add_argument("--shards", type=int, help="pieces of work (one for 2,048 images)")
        parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:N")

    def handle(self, *, study: str, **options: Any) -> None:
        if options["top"] < 1:
            raise CommandError(f"--top must be at least 1, got {options['top']}.")
        if options["shards"] is not None and options["shards"] < 1:
            raise CommandError(f"--shards must be at least 1, got {options['shards']}.")
        names = ("network", "weights", "layers", "images", "top", "segment", "by", "shards")
        asked = {name: options[name] for name in (*names, "device")}
        try:
            run = ask(study, asked | {"field": field_asked(options)})
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
            if do_one(run):
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
            withdraw_failed(run)
            raise CommandError(message)
        assert run.network is not None
        skipped = run.network.manifest["images"]["skipped"]
        for bad in skipped[:10]:
            self.stderr.write(f"Skipped {bad['image']}: {bad['reason']}")
        if len(skipped) > 10:
            self.stderr.write(f"... and {len(skipped) - 10} more; all are in the manifest.")
        self.stderr.write(
            f"{run.network} is in study {run.study}: {_sizes(run)} over "
            f"{run.study.image_count - len(skipped)} images."
        )


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


def _sizes(run: Run) -> str:
    layers = run.network.layers.all() if run.network else []
    return ", ".join(f"{layer.name} ({layer.unit_count} units)" for layer in layers)
