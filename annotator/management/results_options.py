"""The options of the command `results`."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from annotator.management.option_types import shown
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.exports.registry import TABLE_NAMES

FOLDERS = {"site": "A site", "neuronpedia": "An export for Neuronpedia"}
FORMATS = ("table", "csv", "json", "html", "parquet", "bundle", *FOLDERS)
TABLES = (*TABLE_NAMES, "dictionary", "datasheet")
BINARY = {"parquet": "Parquet", "bundle": "A bundle"}


def add_options(parser: ArgumentParser) -> None:
    _add_forms(parser)
    _add_choices(parser)


def _add_forms(parser: ArgumentParser) -> None:
    """Of which study, as what, and where to."""
    parser.add_argument("study", metavar="STUDY", nargs="?")
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default="table",
        help="table: layers, to read here (default); csv and parquet: a row for each unit; "
        "json: everything; html: a report that opens from disk; bundle: the whole study in "
        "one file, for --from; site: a folder of pages for any web host or for the disk; "
        "neuronpedia: a folder in Neuronpedia's batch layout",
    )
    parser.add_argument(
        "--table", choices=TABLES, help="of csv, json and parquet: another table than units"
    )
    parser.add_argument(
        "--excel",
        action="store_true",
        help="of csv: with a byte order mark, without which Excel misreads all but ASCII",
    )
    parser.add_argument(
        "--from",
        dest="bundle",
        type=Path,
        metavar="BUNDLE",
        help="make the report of a bundle instead of a study of this service",
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="PATH",
        help="a file, or a site's folder",
    )
    parser.add_argument(
        "--no-pictures",
        action="store_true",
        help="of a site: leave the pictures out, also where the study allows to publish them",
    )


def _add_choices(parser: ArgumentParser) -> None:
    """Which answers count, and of which networks."""
    parser.add_argument(
        "--answers",
        choices=["people", "simulated"],
        help="whose answers; by default people's if there are any",
    )
    parser.add_argument(
        "--variant", choices=VARIANTS, default="", help="which answers count", metavar="NAME"
    )
    parser.add_argument(
        "--early",
        action="store_true",
        help="open results before the planned answers are in, which is logged as a look; "
        "without it a terminal is asked",
    )
    parser.add_argument(
        "--kind",
        action="append",
        type=kind_of_network,
        metavar="NAME=[STUDY/]NETWORK,...",
        help="instead of a report, statements about a kind of network: its mean over at least "
        "3 training runs, and the difference of each two kinds, with runs as units of "
        "inference; repeat it for every kind",
    )


def kind_of_network(text: str) -> tuple[str, list[str]]:
    """The `results` option --kind: a name, and the networks that are its runs."""
    name, equals, networks = text.partition("=")
    runs = [run for run in networks.split(",") if run]
    if not (name and equals and runs):
        raise ArgumentTypeError(f"must be NAME=NETWORK,NETWORK,..., got {shown(text)}.")
    return name, runs
