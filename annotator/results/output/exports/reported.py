"""Units and layers as a report has them, with what each column means."""

from annotator.results.definitions import definitions
from annotator.results.output.exports.columns import Column, ExportTable, Kind
from annotator.results.output.tables import Cell, Table

MEANINGS = {
    "network": "The network's name in the study.",
    "layer": "The layer's name: torch's dotted module path.",
    "condition": "What the network is: trained, directions, or a chance control and of which kind.",
    "control_of": "The network whose chance control it is; empty for all others.",
    "unit": "The unit's number in its layer, from 0.",
    "unit_count": "Units that the layer has, answered or not.",
    "answered_unit_count": "Units with an answer that counts.",
    "answer_count": "Answers that count.",
    "has_consensus": "Whether at least two answers, and more than half, share the concept.",
    "concepts": "Every merged concept with the number of answers that named it.",
    "nothing_count": "Answers that say: nothing in common.",
    "two_things_count": "Answers that say: two things.",
    "nothing_share": "Share of the answers that say: nothing in common. Their precision is 0.",
    "two_things_share": "Share of the answers that say: two things. The first one counts.",
    "object_detector_count": "Units of the layer that detect an object.",
    "object_class_count": "Different concepts of these.",
    "simulated": "Whether simulated workers answered.",
}
ALIASES = {"precision": "precision", "group": "group", "concept": "concept"}
ENDS = {"_low": "Lower", "_high": "Upper"}


def report_table(name: str, row: str, table: Table, threshold: float) -> ExportTable:
    """A table of a report as a sheet: its columns' kinds are those of their values."""
    told = tuple(
        Column(column, kind_of(table.column(column)), meaning(column, threshold))
        for column in table.columns
    )
    return ExportTable(name, row, told, lambda: iter(table.rows))


def meaning(column: str, threshold: float) -> str:
    """What a column of a report's table holds.

    Raises:
        KeyError: nobody said so: its meaning belongs into MEANINGS, or into the definitions.
    """
    if column in MEANINGS:
        return MEANINGS[column]
    known = definitions(threshold)
    if column in known:
        return known[column].rule
    for end, which in ENDS.items():
        base = column.removesuffix(end)
        if base != column:
            interval = known.get(f"{base}_interval") or known["agreement_interval"]
            return f"{which} end of the interval of {base}. {interval.rule}"
    raise KeyError(column)


def kind_of(values: list[Cell]) -> Kind:
    """The kind of the first value that is there; text where all are missing."""
    kinds: dict[type, Kind] = {bool: "flag", int: "whole", float: "number", str: "text"}
    there = {type(value) for value in values if value is not None}
    if there == {int, float}:
        return "number"
    return kinds[there.pop()] if there else "text"
