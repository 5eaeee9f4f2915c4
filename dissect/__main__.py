"""python -m dissect COMMAND: one question about a network, answered on stdout.

Data goes to stdout, words and progress to stderr. `--format json` has the same keys always.
"""

import argparse
import sys
from collections.abc import Sequence

from dissect.commands import COMMANDS
from dissect.commands.asking import declare
from dissect.commands.command import print_json
from dissect.errors import DissectError


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="python -m dissect", description=__doc__)
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        doc = command.answer.__doc__ or ""
        one = commands.add_parser(
            command.name,
            help=doc.splitlines()[0],
            description=doc,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        declare(command, one)
        one.add_argument("--format", choices=["table", "json"], default="table")
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
