"""The README's table of the rows measured last."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.world import ROOT

README = ROOT / "README.md"
BEGIN, END = "<!-- benchmarks -->", "<!-- /benchmarks -->"


def table(rows: Sequence[Mapping[str, Any]], machine: Mapping[str, Any]) -> str:
    """Rows of results.json as Markdown."""
    lines = [
        f"| on {machine['cores']} cores ({machine['device']}) | measured | to reach | holds |",
        "|---|---|---|---|",
    ]
    for row in rows:
        below = row["ratio"] <= row["target"]
        side = "at most" if below == row["holds"] else "at least"
        holds = "yes" if row["holds"] else "no"
        lines.append(f"| {row['name']} | {row['ratio']:.2f} | {side} {row['target']} | {holds} |")
    return "\n".join(lines)


def rewrite(rows: Sequence[Mapping[str, Any]], machine: Mapping[str, Any]) -> None:
    """Replace the table in the README, which stands between two markers."""
    text = README.read_text()
    block = f"{BEGIN}\n{table(rows, machine)}\n{END}"
    README.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: block, text, flags=re.S))
