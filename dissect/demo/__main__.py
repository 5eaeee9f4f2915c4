"""Render the demo's pictures, train its networks, print their accuracies."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from dissect.demo import WEIGHTS, DemoError
from dissect.demo.folder import FOLDER_KINDS, write_folder


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dissect.demo", description=__doc__)
    commands = parser.add_subparsers(required=True)
    render = commands.add_parser("render", help="write pictures with masks for every level")
    render.add_argument("folder", type=Path, metavar="DIR", help="a new or empty folder")
    render.add_argument("--count", type=int, default=600, help="number of pictures (600)")
    render.add_argument("--seed", type=int, default=0, help="seed of the world (0)")
    render.add_argument("--kind", choices=FOLDER_KINDS, default="mixed")
    render.set_defaults(run=_render)
    train = commands.add_parser("train", help="train all networks again and measure them")
    train.add_argument("--seeds", type=int, default=3, help="networks of each kind (3)")
    train.set_defaults(run=_train)
    accuracy = commands.add_parser("accuracy", help="accuracies of networks and simple rules")
    accuracy.add_argument("--format", choices=("table", "json"), default="table")
    accuracy.set_defaults(run=_accuracy)
    return parser


def _render(options: argparse.Namespace) -> None:
    write_folder(options.folder, options.count, options.seed, options.kind)


def _train(options: argparse.Namespace) -> None:
    # Imported here because the other commands do without torch, which takes seconds to load.
    from dissect.demo.train import train_all

    train_all(options.seeds)


def _accuracy(options: argparse.Namespace) -> None:
    table = accuracy_table()
    if options.format == "json":
        print(json.dumps(table, indent=2))
    else:
        print("\n".join(_accuracy_lines(table)))


def accuracy_table() -> dict[str, Any]:
    """Read the accuracies of the demo's networks that `python -m dissect.demo accuracy` prints.

    Returns:
        train_count, held_out_count, held_out_world, and for "scene" and "object" each: chance,
        networks (name -> accuracy) and color_histogram; for "scene" also best_object_rule and
        most_telling_object. Accuracies are shares from 0 to 1.

    Raises:
        DemoError: the file is missing or damaged.
    """
    path = WEIGHTS / "accuracy.json"
    try:
        table: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise DemoError(f"{path} cannot be read; run python -m dissect.demo train.") from error
    return table


def _accuracy_lines(table: dict[str, Any]) -> list[str]:
    """Format the table that `python -m dissect.demo accuracy` prints, as lines of text."""
    lines = [f"{'pictures':9} {'classifier':24} accuracy on {table['held_out_count']} held out"]
    for kind in ("scene", "object"):
        measured = table[kind]
        rows = measured["networks"] | {"color histogram": measured["color_histogram"]}
        if "best_object_rule" in measured:
            rows["best single-object rule"] = measured["best_object_rule"]["accuracy"]
        rows["chance"] = measured["chance"]
        lines += [f"{kind:9} {name:24} {value:8.3f}" for name, value in rows.items()]
    telling = table["scene"]["most_telling_object"]
    lines.append(
        f"The most telling object: {telling['share']:.0%} of the pictures with a "
        f"{telling['object']} are of a {telling['scene']}."
    )
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Run one command of `python -m dissect.demo`; returns 0, or 1 after a sentence on stderr."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except DemoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
