"""What the shipped networks reach on held-out pictures, beside simple rules."""

import json
from pathlib import Path
from typing import Any

from dissect.demo import DemoError

WEIGHTS = Path(__file__).parent / "weights"


def accuracy_table() -> dict[str, Any]:
    """The accuracies measured when the shipped weights were trained (weights/accuracy.json).

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


def accuracy_lines(table: dict[str, Any]) -> list[str]:
    """The table as lines for people."""
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
