"""Tables of other programs: CSV or Parquet, every value as text, each line with its number."""

from typing import Annotated, ClassVar

import pyarrow
import pytest
from pyarrow.parquet import write_table
from pydantic import Field

from annotator.imports.tables import (
    TIDY,
    ImportRefused,
    Number,
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
    columns = {"name": ["wheel", None], "size": [3, 4], "group": [5.0, float("nan")]}
    write_table(pyarrow.table(columns | {"file": [b"a.png", b"b.png"]}), path)

    assert [line.values for line in read_table(path)] == [
        {"name": "wheel", "size": "3", "group": "5.0", "file": "a.png"},
        {"name": "", "size": "4", "group": "", "file": "b.png"},
    ]


WRITTEN = "name,size\nMöbel,3\n"
SPREADSHEETS = [  # (bytes of a table, as a spreadsheet or a script writes it)
    WRITTEN.encode(),
    WRITTEN.encode("utf-8-sig"),
    WRITTEN.encode("cp1252"),
    WRITTEN.encode("utf-16"),
    WRITTEN.encode("utf-16-le"),
    WRITTEN.encode("utf-16-be"),
    WRITTEN.replace("\n", "\r\n").encode(),
    WRITTEN.replace("\n", "\r").encode(),
    WRITTEN.replace(",", ";").encode("cp1252"),
    WRITTEN.replace(",", "\t").encode("utf-16"),
    f"sep=;\n{WRITTEN.replace(',', ';')}".encode("utf-8-sig"),
    b'"name"; size\n"M\xc3\xb6bel"; "3"\n',
    b"name,size\nM\xc3\xb6bel,3.0\n",
]


@pytest.mark.parametrize("written", SPREADSHEETS, ids=range(len(SPREADSHEETS)))
def test_a_table_reads_the_same_however_a_spreadsheet_writes_it(path, written):
    path.write_bytes(written)

    assert [(row.name, row.size) for row in read_rows(path, Row)] == [("Möbel", 3)]


def test_the_line_that_names_the_separator_is_counted_as_an_editor_counts(path):
    path.write_text("sep=;\nname;size\nwheel;many\n")

    with pytest.raises(ImportRefused, match="Line 3: size"):
        read_rows(path, Row)


def test_a_table_that_is_read_as_windows_1252_is_told_on_stderr(path, caplog):
    path.write_bytes("name,size\nMöbel,3\n".encode("cp1252"))
    read_table(path)

    assert "was read as Windows-1252" in caplog.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"name,size\nwheel\n", "Line 2 of .* does not have as many values as there are columns"),
        (b"name\x81\n1\n", "is not CP1252 text .byte 4.. Save it as UTF-8"),
        (b"\xff\xfen", "is not UTF-16 text"),
        (b"PK\x03\x04...", "is a workbook. Save its sheet as CSV"),
        (b"name,size,name\na,1,b\n", "has two columns 'name'"),
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


@pytest.mark.parametrize(
    "value", ["-1", "1.5", "1e3", "1_000", "²", "9999999999", "many", ".0", "9" * 5000]
)
def test_a_whole_number_has_digits_alone(path, value):
    path.write_text(f"name,size\nwheel,{value}\n")

    with pytest.raises(ImportRefused, match=f"Line 2: size must be a whole .*, got '{value[:9]}"):
        read_rows(path, Row)


class Measured(TableRow):
    value: Number
    said: Annotated[str, Field(max_length=5), TIDY] = ""


@pytest.mark.parametrize(
    ("written", "value"),
    [("0,85", 0.85), ("-1,5", -1.5), (",5", 0.5), ("12,0", 12), ("0,125", 0.125), ("1.234", 1.234)],
)
def test_a_number_may_have_a_comma_for_its_point(path, written, value):
    path.write_text(f"value;said\n{written};\n")

    assert read_rows(path, Measured)[0].value == value


@pytest.mark.parametrize("written", ["1,234", "12,345", "1,2,3", "nan", "inf", "1e999", "Infinity"])
def test_a_number_that_can_be_read_in_two_ways_or_is_none_is_refused(path, written):
    path.write_text(f"value;said\n{written};\n")

    with pytest.raises(ImportRefused, match=f"Line 2: value must be a number, got '{written}'"):
        read_rows(path, Measured)


def test_what_people_wrote_is_tidied_before_it_is_measured(path):
    path.write_text("value,said\n1,d\u200b\u200b\u200bog  \u202e a\0\n")

    assert read_rows(path, Measured)[0].said == "dog a"


def test_a_table_without_lines_or_columns_is_refused(path):
    path.write_text("name\n")
    with pytest.raises(ImportRefused, match="is empty: there is no line below its header"):
        read_rows(path, Row)

    path.write_text("colour\nred\n")
    with pytest.raises(ImportRefused, match="has no column name, size"):
        read_rows(path, Row)
