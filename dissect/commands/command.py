"""What the commands share: common options, progress bars on stderr, data on stdout."""

import json
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from dissect.format.axis_options import AXIS_OPTIONS, AxisOptions
from dissect.format.names import on_one_line
from dissect.images.image_list import SKIPPED, ImageList, find_images, without
from dissect.networks.direction_files.files import load_directions
from dissect.networks.registry import Network, load_network
from dissect.topk.batches import Progress, StageProgress

Data = dict[str, Any]

MAX_NAMED = 3  # images that were left out


@dataclass(frozen=True)
class Command:
    """One command of `python -m dissect`.

    Attributes:
        add_arguments: declares the options.
        run: turns options into plain data, which `--format json` prints. Its docstring is the
            command's help.
        show: prints that data as a table.
    """

    name: str
    add_arguments: Callable[[ArgumentParser], None]
    run: Callable[[Namespace], Data]
    show: Callable[[Data], None]


def add_network_arguments(parser: ArgumentParser, several_weights: bool = False) -> None:
    parser.add_argument(
        "--network",
        required=True,
        metavar="SPEC",
        help="torchvision:NAME, timm:NAME, efficientnet_lite0|1|2, places365:NAME, "
        "squeezenet_bn_places365, module:factory or FILE.py:factory",
    )
    parser.add_argument(
        "--weights",
        nargs="+" if several_weights else None,
        metavar="FILE",
        help="a checkpoint or .safetensors file (FILE:SET if it has several sets of weights), "
        "DEFAULT (downloads what the library publishes) or untrained; by default, torchvision and "
        "timm networks are untrained",
    )
    for option, declared in AXIS_OPTIONS.items():
        parser.add_argument(option, **declared)


def add_image_arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--images",
        required=True,
        metavar="DIR|LIST|TAR|s3://...",
        help="a folder, an image, a text file with a path a line, tar shards (one, a folder of "
        "them, or shards-{000..010}.tar), or s3://BUCKET/PREFIX",
    )
    add_skip_argument(parser)
    parser.add_argument(
        "--device", default="auto", help="auto (a GPU if there is one), cpu, cuda or cuda:N"
    )


def add_skip_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--skip", nargs="+", default=[], metavar="IMAGE",
        help="leave these images out, such as one that takes all memory",
    )  # fmt: skip


def add_layer_arguments(parser: ArgumentParser, units: bool = True) -> None:
    parser.add_argument(
        "--layers",
        required=True,
        nargs="+",
        metavar="L",
        help="dotted names, as the command layers prints them",
    )
    parser.add_argument(
        "--directions",
        type=Path,
        metavar="FILE|DIR",
        help="units in place of channels: a .safetensors file with (units, channels) for each "
        "layer, or a sparse autoencoder of SAELens, ViT-Prisma or Overcomplete",
    )
    if units:
        parser.add_argument("--units", type=int, nargs="+", metavar="U", help="only these (all)")


def add_right_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--right",
        type=int,
        metavar="N",
        help="use only N of the images, which the network classifies right by labels.csv",
    )


def add_sample_argument(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--sample", type=int, metavar="N", help="use a fixed random sample of N images (all)"
    )


def listed_images(
    options: Namespace, of: Callable[[str | Path], str | Path] | None = None
) -> ImageList:
    """List the images of a command, without those to skip. Ignored files are named on stderr.

    Args:
        of: makes the source from the value of --images; None uses the value itself.

    Raises:
        ImagesError, StoreError: as `find_images`.
        BadSetting: an image to skip is not in the list.
    """
    images = find_images(of(options.images) if of else options.images)
    for note in images.notes:
        print(on_one_line(note), file=sys.stderr)
    options.listed_count = len(images)
    return without(images, options.skip)


def add_out_argument(parser: ArgumentParser, help_text: str) -> None:
    parser.add_argument("--out", type=Path, metavar="DIR", help=help_text)


def network_of(options: Namespace) -> Network:
    axes = AxisOptions.of(vars(options))
    network = replace(load_network(options.network, options.weights), axes=axes)
    if path := getattr(options, "directions", None):
        return replace(network, directions=load_directions(path, options.layers))
    return network


def skipped_rows(skipped: Mapping[str, str]) -> list[dict[str, str]]:
    """List the images that could not be read, each with the reason."""
    return [{"image": path, "reason": why} for path, why in skipped.items()]


def print_left_out(data: Data, options: Namespace) -> None:
    """Print on stderr which images a result lacks though nobody asked to skip them.

    Args:
        data: of a command; its image_count, where it has one, counts the images it looked at.
    """
    rows = data.get("skipped", [])
    listed: int | None = None  # unknown with --over, which has images of its own
    if "image_count" in data:
        listed = data["image_count"] + len(rows)
    elif not getattr(options, "over", None):
        listed = getattr(options, "listed_count", None)
    if left_out := [row for row in rows if row["reason"] != SKIPPED]:
        print(_left_out(left_out, listed), file=sys.stderr)


def _left_out(rows: Sequence[Mapping[str, str]], listed: int | None) -> str:
    """Say how many images were left out, and of the first ones why."""
    named = [f"{on_one_line(row['image'])} ({on_one_line(row['reason'])})" for row in rows]
    more = len(named) - MAX_NAMED
    rest = f" and {more:,} more" if more > 0 else ""
    of = "" if listed is None else f" of {listed:,}"
    images = "image" if (listed or len(rows)) == 1 else "images"
    were = "was" if len(rows) == 1 else "were"
    what = f"{len(rows):,}{of} {images} {were} left out"
    return f"{what}: {', '.join(named[:MAX_NAMED])}{rest}."


def stages(options: Namespace, unit: str = "image") -> StageProgress:
    """Make the progress of a function that shows a bar for each of its stages.

    Args:
        unit: of the bars.
    """
    bars: dict[str, Progress] = {}

    def progress(stage: str, done: int, total: int) -> None:
        if stage not in bars:
            bars[stage] = options.progress(stage, unit)
        bars[stage](done, total)

    return progress


def progress_bar(what: str, unit: str = "image") -> Progress:
    """Show a progress bar on stderr if that is a terminal.

    Commands use `options.progress`, so that other callers can pass their own.
    """
    bars: list[Any] = []

    def progress(done: int, total: int) -> None:
        if not bars:
            bars.append(tqdm(total=total, desc=what, unit=unit, disable=None, file=sys.stderr))
        bars[0].update(done - bars[0].n)
        if done == total:
            bars[0].close()

    return progress


def print_json(data: Any) -> None:
    json.dump(data, sys.stdout)
    print()


def print_table(header: list[str], rows: list[list[Any]]) -> None:
    """Print columns under their names. Numbers are aligned right, unseen characters escaped."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(len(row[i]) for row in [header, *cells]) for i in range(len(header))]
    left = [not rows or isinstance(rows[0][i], str) for i in range(len(header))]
    for row in [header, *cells]:
        print("  ".join(
            cell.ljust(width) if to_left else cell.rjust(width)
            for cell, width, to_left in zip(row, widths, left, strict=True)
        ).rstrip())  # fmt: skip


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else on_one_line(str(value))
