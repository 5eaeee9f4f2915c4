"""Every number of a report has one definition, in words for its readers."""

import pytest

from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.variants import VARIANTS
from annotator.results.output.exports.registry import REPORTED, columns_of
from annotator.results.report.report import simulation_notice
from annotator.results.report.reported_numbers.entries import in_table
from annotator.results.report.reported_numbers.registry import (
    READING_ORDER,
    REPORTED_NUMBERS,
    definitions,
    rules,
)
from annotator.results.report.reported_numbers.terms import TERMS


def every_definition():
    for numbers in REPORTED_NUMBERS.values():
        for number in numbers:
            yield from number.definitions()
    yield from TERMS


def test_one_key_has_one_definition_however_many_numbers_share_it():
    texts = {(one.key, one.section, one.title, one.rule) for one in every_definition()}

    assert len({key for key, *_ in texts}) == len(texts) == len(definitions(0.75))


def test_the_reading_order_names_only_what_is_defined_and_nothing_twice():
    assert set(READING_ORDER) <= definitions(0.75).keys()
    assert len(READING_ORDER) == len(set(READING_ORDER))


def test_a_definition_names_the_studys_own_threshold():
    units_above = definitions(0.6)["share_of_units_above"]

    assert units_above.title == "Units above 0.6"
    assert "strictly above 0.6" in units_above.rule
    assert not any("{" in text for text in rules(0.6).values())


def test_a_page_gets_the_definitions_that_it_needs_in_reading_order():
    chosen = definitions(0.75, only={"lift", "counted"})

    assert list(chosen) == ["counted", "lift"]
    assert chosen["lift"].section == "Second round and machines"


def test_everything_that_readers_see_is_a_sentence_or_a_phrase_on_one_line():
    assert all(rule.endswith(".") and "\n" not in rule for rule in rules(0.75).values())
    for text in (*EXCLUSIONS.values(), *VARIANTS.values()):
        assert not text.endswith(".")


def test_what_is_made_from_simulated_answers_says_so():
    assert simulation_notice("people", "demo") is None
    assert simulation_notice("simulated", "rooms") == "simulated workers"
    assert "not evidence about vision" in simulation_notice("simulated", "demo")


@pytest.mark.parametrize("numbers", REPORTED_NUMBERS.values(), ids=lambda numbers: numbers[0].name)
def test_no_two_numbers_of_a_result_have_one_key_or_one_column(numbers):
    keys = [number.path for number in numbers if number.path]
    columns = [column for number in in_table(numbers) for column in number.columns]

    assert len(keys) == len(set(keys))
    assert len(columns) == len(set(columns))


@pytest.mark.parametrize("table", REPORTED)
def test_every_column_of_a_reported_table_says_what_it_holds(table):
    for column in columns_of(table):
        assert column.meaning.endswith("."), column.name
