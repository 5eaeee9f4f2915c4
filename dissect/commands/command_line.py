"""python -m dissect COMMAND: analyze a network; the result is printed on stdout.

Data goes to stdout, messages and progress to stderr. `--format json` always has the same keys.
"""

import argparse
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from inspect import cleandoc

from dissect.commands import COMMANDS
from dissect.commands.command import print_json, print_left_out
from dissect.commands.runner import declare
from dissect.errors import DissectError
from dissect.format.names import on_one_line

FIRST_STEPS = """\
first steps:
  python -m dissect layers --network efficientnet_lite0
  python -m dissect exemplars --network efficientnet_lite0 --layers _blocks.10 \\
      --images PHOTOGRAPHS --units 0 1 2 --top 9 --out DIR --draw
  python -m dissect COMMAND --help     its results, their units and sources
"""


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m dissect",
        description=__doc__,
        epilog=FIRST_STEPS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        doc = cleandoc(command.run.__doc__ or "")
        subparser = commands.add_parser(
            command.name,
            help=doc.splitlines()[0],
            description=doc,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        declare(command, subparser)
        subparser.add_argument(
            "--format", choices=["table", "json"], default="table",
            help="on stdout: for people, or JSON, always with the same keys (table)",
        )  # fmt: skip
        subparser.set_defaults(command_to_run=command)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    options = parser().parse_args(argv)
    try:
        with redirect_stdout(sys.stderr):  # what a user's network prints is no data
            data = options.command_to_run.run(options)
        print_left_out(data, options)
        print_json(data) if options.format == "json" else options.command_to_run.show(data)
    except DissectError as error:
        print(f"Error: {on_one_line(str(error))}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of stdout, such as `head`, has closed it
        sys.stderr.close()
        return 0
    return 0
