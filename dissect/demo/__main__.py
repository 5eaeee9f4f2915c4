"""python -m dissect.demo: render pictures, train the networks, say what they reach."""

import argparse
import sys
from pathlib import Path

from dissect.demo import DemoError
from dissect.demo.folder import FOLDER_KINDS, write_folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dissect.demo", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    render = commands.add_parser("render", help="write pictures with masks for every level")
    render.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    render.add_argument("--count", type=int, default=600, help="how many pictures (600)")
    render.add_argument("--seed", type=int, default=0)
    render.add_argument("--kind", choices=FOLDER_KINDS, default="mixed")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0, or 1 with one sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        write_folder(options.folder, options.count, options.seed, options.kind)
    except DemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
