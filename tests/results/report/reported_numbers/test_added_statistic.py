"""A statistic is one entry of the registry: every output has it, and nothing else is touched."""

import csv
import io
import json
import subprocess
import sys
from inspect import getsourcefile
from pathlib import Path

import pytest
from django.urls import reverse

from annotator.results.output.as_json import as_json
from annotator.results.output.exports.dictionary import dictionary
from annotator.results.output.exports.formats import as_csv
from annotator.results.output.exports.registry import columns_of, export_table
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import full_report
from annotator.results.output.version import source_files
from annotator.results.report.reported_numbers.entries import (
    ANSWERS,
    PRECISION,
    Definition,
    IntervalOf,
    ReportedNumber,
)
from annotator.results.report.reported_numbers.layer import LAYER
from annotator.results.report.reported_numbers.registry import REPORTED_NUMBERS
from annotator.results.report.reported_numbers.unit import UNIT
from annotator.results.stats.intervals import Interval
from tests.results.studies import answered_study

ANSWERS_PER_UNIT = ReportedNumber(
    "answers_per_unit",
    "ratio",
    lambda layer: layer.answer_count / layer.answered_unit_count if layer.answer_count else None,
    Definition(ANSWERS, "Answers per unit", "Answers that count / units that have one."),
)
ODDS = ReportedNumber(
    "odds",
    "ratio",
    lambda unit: unit.precision / (1 - unit.precision) if unit.precision < 1 else None,
    Definition(PRECISION, "Odds", "Precision / (1 - precision), above {t} or not."),
    IntervalOf(
        lambda unit: Interval(0.0, 9.0), Definition(PRECISION, "Interval of odds", "From 0 to 9.")
    ),
)
# What a developer's change of two lines does, before the API is loaded.
SCRIPT = """
import json, django
django.setup()
from annotator.results.report.reported_numbers.layer import LAYER
from annotator.results.report.reported_numbers.unit import UNIT
from tests.results.report.reported_numbers.test_added_statistic import ANSWERS_PER_UNIT, ODDS
LAYER.append(ANSWERS_PER_UNIT)
UNIT.append(ODDS)
from annotator.api.endpoints import api
schemas = api.get_openapi_schema(path_prefix="/api")["components"]["schemas"]
print(json.dumps({name: schemas[name]["properties"] for name in ("LayerOut", "UnitOut")}))
"""


@pytest.fixture
def snapshot(db):
    """Of a study whose layers and units have one more number each, while the test lasts."""
    for numbers, added in ((LAYER, ANSWERS_PER_UNIT), (UNIT, ODDS)):
        numbers.append(added)
    yield take(answered_study())
    LAYER.remove(ANSWERS_PER_UNIT)
    UNIT.remove(ODDS)


def exported(name, snapshot):
    text = b"".join(as_csv(export_table(name, snapshot.study, snapshot))).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_it_is_in_the_json_of_a_report(snapshot):
    layers = [
        layer
        for network in as_json(full_report(snapshot))["networks"]
        for layer in network["layers"]
    ]

    assert [layer["answers_per_unit"] for layer in layers] == [3, None, 1]
    units = [unit for layer in layers for unit in layer["unit_results"]]
    assert [unit["odds"] for unit in units] == [3, 0]
    assert units[0]["odds_interval"] == {"low": 0, "high": 9, "is_reliable": True}


def test_it_is_a_column_of_the_table(snapshot):
    assert [row["answers_per_unit"] for row in exported("layers", snapshot)] == ["3.0", "", "1.0"]
    units = exported("units", snapshot)
    assert [row["odds"] for row in units] == ["3.0", "0.0"]
    assert {(row["odds_low"], row["odds_high"]) for row in units} == {("0.0", "9.0")}


def test_it_is_in_the_data_dictionary_of_exports_and_of_the_documentation(snapshot):
    rows = list(dictionary(snapshot.study, snapshot).rows())
    described = {(table, column): (kind, meaning) for table, _, column, kind, meaning in rows}

    assert described["layers", "answers_per_unit"] == (
        "number",
        "Answers that count / units that have one.",
    )
    assert described["units", "odds"][1] == "Precision / (1 - precision), above 0.75 or not."
    assert described["units", "odds_low"][1] == "Lower end of the interval of odds. From 0 to 9."
    assert "answers_per_unit" in [column.name for column in columns_of("layers")]


def test_it_is_defined_on_the_page_of_definitions_at_the_end_of_its_section(snapshot, admin_client):
    page = admin_client.get(reverse("definitions", args=[snapshot.study.name])).content.decode()

    assert 'id="def-answers_per_unit"' in page
    assert "Precision / (1 - precision), above 0.75 or not." in page
    assert page.index("def-overlap") < page.index("def-answers_per_unit")
    assert page.index("def-answers_per_unit") < page.index('id="def-precision"')


def test_it_is_in_the_schema_of_the_api():
    root = Path(__file__).parents[4]
    made = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=root, capture_output=True, text=True, check=True
    )

    schemas = json.loads(made.stdout)
    missing_or_number = [{"type": "number"}, {"type": "null"}]
    assert schemas["LayerOut"]["answers_per_unit"]["anyOf"] == missing_or_number
    assert schemas["UnitOut"]["odds"]["description"] == (
        "Precision / (1 - precision), above the study's threshold or not."
    )
    assert schemas["UnitOut"]["odds_high"]["anyOf"] == missing_or_number


def test_whatever_makes_a_reported_number_is_part_of_the_code_version():
    hashed = set(source_files(Path(__file__).parents[4] / "annotator"))

    made_in = {
        Path(getsourcefile(number.value) or "")
        for numbers in REPORTED_NUMBERS.values()
        for number in numbers
        if hasattr(number.value, "__code__")  # all but attrgetter
    }

    assert len(made_in) > 5
    assert made_in <= hashed
