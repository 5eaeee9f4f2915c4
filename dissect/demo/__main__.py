"""Render the demo's pictures, train its networks, say what they reach."""

import argparse
import json
import sys
from pathlib import Path

from dissect.demo import DemoError
from dissect.demo.accuracy import accuracy_lines, accuracy_table
from dissect.demo.folder import FOLDER_KINDS, write_folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dissect.demo", description=__doc__)
    commands = parser.add_subparsers(required=True)
    render = commands.add_parser("render", help="write pictures with masks for every level")
    render.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    render.add_argument("--count", type=int, default=600, help="how many pictures (600)")
    render.add_argument("--seed", type=int, default=0, help="which world (0)")
    render.add_argument("--kind", choices=FOLDER_KINDS, default="mixed")
    render.set_defaults(run=_render)
    train = commands.add_parser("train", help="train all networks again and measure them")
    train.add_argument("--seeds", type=int, default=3, help="networks of each kind (3)")
    train.set_defaults(run=_train)
    accuracy = commands.add_parser("accuracy", help="what networks and simple rules reach")
    accuracy.add_argument("--format", choices=("table", "json"), default="table")
    accuracy.set_defaults(run=_accuracy)
    return parser


def _render(options: argparse.Namespace) -> None:
    write_folder(options.folder, options.count, options.seed, options.kind)


def _train(options: argparse.Namespace) -> None:
    # Rendering needs no torch, so only training waits for it.
    from dissect.demo.train import train_all

    train_all(options.seeds)


def _accuracy(options: argparse.Namespace) -> None:
    table = accuracy_table()
    if options.format == "json":
        print(json.dumps(table, indent=2))
    else:
        print("\n".join(accuracy_lines(table)))


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0, or 1 with one sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except DemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
