"""python -m dissect COMMAND: one question about a network, answered on stdout.

Data goes to stdout, words and progress to stderr. `--format json` has the same keys always.
"""

import argparse
import sys
from collections.abc import Sequence
from inspect import cleandoc

from dissect.commands import COMMANDS
from dissect.commands.asking import declare
from dissect.commands.command import print_json
from dissect.errors import DissectError

FIRST_STEPS = """\
first steps:
  python -m dissect layers --network efficientnet_lite0
  python -m dissect exemplars --network efficientnet_lite0 --layers _blocks.10 \\
      --images PHOTOGRAPHS --units 0 1 2 --top 9 --out DIR --draw
  python -m dissect COMMAND --help     what it says, in which units, after which paper
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
        doc = cleandoc(command.answer.__doc__ or "")
        one = commands.add_parser(
            command.name,
            help=doc.splitlines()[0],
            description=doc,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        declare(command, one)
        one.add_argument(
            "--format", choices=["table", "json"], default="table",
            help="on stdout: for people, or JSON with the same keys always (table)",
        )  # fmt: skip
        one.set_defaults(asked=command)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    options = parser().parse_args(argv)
    try:
        data = options.asked.answer(options)
        print_json(data) if options.format == "json" else options.asked.show(data)
    except DissectError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader has seen enough
        sys.stderr.close()
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
