"""A report as JSON, made from the registry of reported numbers: the same keys, in the same order.

Lists, dicts, strings and numbers; shares from 0 to 1, null for what is missing.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

from annotator.results.output.formatting import rounded
from annotator.results.report.report import StudyReport
from annotator.results.report.reported_numbers.entries import ReportedNumber
from annotator.results.report.reported_numbers.registry import REPORTED_NUMBERS
from annotator.results.stats.intervals import Interval

CHUNKS_PER_PIECE = 10_000  # of JSON: numbers, words and what stands between


def as_json(report: StudyReport) -> dict[str, Any]:
    """A report as JSON, each number under the key that the registry gives it."""
    return _object(report, REPORTED_NUMBERS[StudyReport])


def _object(result: object, numbers: Iterable[ReportedNumber[Any]]) -> dict[str, Any]:
    """A result as JSON: its numbers, each followed by its 95 % interval."""
    written: dict[str, Any] = {}
    for number in numbers:
        path = number.path
        if path is None:
            continue
        of_parent, key = written, path
        while "." in key:
            parent, _, key = key.partition(".")
            of_parent = of_parent.setdefault(parent, {})
        value = number.value(result)
        of_parent[key] = value if number.measure == "setting" else _plain(value)
        if number.interval:
            of_parent[f"{key}_interval"] = _plain(number.interval.value(result))
    return written


def _plain(value: Any) -> Any:
    """A value of a result as JSON: results by their entries, numbers rounded."""
    kind = type(value)
    if isinstance(value, float):
        return rounded(value)
    if value is None or isinstance(value, str | int):
        return value
    if kind is Interval:
        ends = {"low": rounded(value.low), "high": rounded(value.high)}
        return {**ends, "is_reliable": value.is_reliable}
    if isinstance(value, datetime):
        return value.isoformat()
    if kind in REPORTED_NUMBERS:
        return _object(value, REPORTED_NUMBERS[kind])
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    return [_plain(each) for each in value]


def json_pieces(data: Any) -> Iterator[bytes]:
    """Format a report as indented JSON, in pieces: its many small chunks are never all in memory.

    Args:
        data: lists, dicts, strings and numbers.
    """
    chunks = json.JSONEncoder(indent=2, ensure_ascii=False).iterencode(data)
    while piece := "".join(islice(chunks, CHUNKS_PER_PIECE)):
        yield piece.encode()
