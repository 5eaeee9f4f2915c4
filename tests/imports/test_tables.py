"""Tables of other programs: CSV or Parquet, every value as text, each line with its number."""

from typing import ClassVar

import pyarrow
import pytest
from pyarrow.parquet import write_table

from annotator.imports.tables import (
    ImportRefused,
    TableRow,
    TableUnreadable,
    WholeNumber,
    read_rows,
    read_table,
)


class Row(TableRow):
    required_columns: ClassVar = ("name", "size")
    name: str
    size: WholeNumber = 7


@pytest.fixture
def path(tmp_path):
    return tmp_path / "table.csv"


def test_lines_have_the_numbers_that_an_editor_shows(path):
    path.write_text('name,size\n"two\nlines",1\nlast,2\n')

    assert [(line.number, line.values["size"]) for line in read_table(path)] == [(3, "1"), (4, "2")]


def test_values_lose_the_space_around_them_and_a_byte_order_mark(path):
    path.write_text("\ufeffname,size\n wheel ,3\n", encoding="utf-8")

    assert read_table(path)[0].values == {"name": "wheel", "size": "3"}


def test_parquet_reads_like_csv(path):
    write_table(pyarrow.table({"name": ["wheel", None], "size": [3, 4]}), path)

    assert [line.values for line in read_table(path)] == [
        {"name": "wheel", "size": "3"},
        {"name": "", "size": "4"},
    ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"name,size\nwheel\n", "Line 2 of .* has not as many values as there are columns"),
        (b"name\xff\n1\n", "is not UTF-8 text"),
        (b"PAR1nonsense", "is not a Parquet table"),
        (b'name\n"open\n', "is not a CSV table"),
    ],
)
def test_what_is_no_table_is_unreadable(path, content, sentence):
    path.write_bytes(content)

    with pytest.raises(TableUnreadable, match=sentence):
        read_table(path)


def test_rows_are_typed_and_an_empty_value_has_the_default(path):
    path.write_text("name,size,colour\nwheel,3,red\ntire,,blue\n")

    assert [(row.line, row.name, row.size) for row in read_rows(path, Row)] == [
        (2, "wheel", 3),
        (3, "tire", 7),
    ]


@pytest.mark.parametrize("value", ["-1", "1.5", "1e3", "1_000", "²", "9999999999", "many"])
def test_a_whole_number_has_digits_alone(path, value):
    path.write_text(f"name,size\nwheel,{value}\n")

    with pytest.raises(ImportRefused, match=f"Line 2: size must be a whole .*, got '{value}'"):
        read_rows(path, Row)


def test_a_table_without_lines_or_columns_is_refused(path):
    path.write_text("name\n")
    with pytest.raises(ImportRefused, match="is empty: there is no line below its header"):
        read_rows(path, Row)

    path.write_text("colour\nred\n")
    with pytest.raises(ImportRefused, match="has no column name, size"):
        read_rows(path, Row)
