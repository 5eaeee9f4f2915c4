"""python -m dissect COMMAND: one question about a network, answered on stdout.

Data goes to stdout, words and progress to stderr. `--format json` has the same keys always.
"""

import argparse
import sys
from collections.abc import Sequence

from dissect.commands import COMMANDS
from dissect.errors import DissectError


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m dissect", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        doc = command.run.__doc__ or ""
        one = commands.add_parser(
            command.name,
            help=doc.splitlines()[0],
            description=doc,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.arguments(one)
        one.add_argument("--format", choices=["table", "json"], default="table")
        one.set_defaults(run=command.run)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    options = parser().parse_args(argv)
    try:
        options.run(options)
    except DissectError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader has seen enough
        sys.stderr.close()
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
