"""A table of top images is read line by line: all of it, or a sentence that names the line."""

import pytest

from annotator.imports import ImportRefused, read_top_images

HEADER = "unit,rank,image,score,role\n"
GOOD = "0,1,a.png,9,top\n0,2,b.png,8,\n"


@pytest.fixture
def read(tmp_path):
    """Read a table that holds a text."""

    def reading(text, name="table.csv"):
        path = tmp_path / name
        path.write_text(text)
        return read_top_images(path)

    return reading


def test_ranks_of_a_unit_come_in_order_whatever_the_order_of_lines(read):
    table = read(HEADER + "0,2,b.png,8,\n3,1,c.png,5,\n0,1,a.png,9,top\n")

    units = table.layers["layer"]
    assert [(row.rank, row.image) for row in units[0]] == [(1, "a.png"), (2, "b.png")]
    assert [row.line for row in table.rows()] == [2, 3, 4]
    assert table.rank_count == 1  # that every unit has


def test_low_images_need_no_rank_and_come_lowest_first(read):
    table = read(HEADER + GOOD + "0,,c.png,2,low\n0,,d.png,1,low\n")

    assert [row.image for row in table.low["layer", 0]] == ["d.png", "c.png"]


def test_of_a_random_image_the_path_alone_is_read(read):
    table = read(HEADER + GOOD + "x,y,c.png,high,random\n")

    assert [row.image for row in table.random] == ["c.png"]


def test_layers_masks_and_peaks_may_be_given(read):
    table = read("layer,unit,rank,image,score,mask,y,x\nconv1,4,1,a.png,9,a-mask.png,3,5\n")

    [row] = table.layers["conv1"][4]
    assert (row.mask, row.y, row.x) == ("a-mask.png", 3, 5)


def test_the_one_table_of_a_folder_is_read(tmp_path, read):
    read(HEADER + GOOD)

    assert read_top_images(tmp_path).path == tmp_path / "table.csv"
    (tmp_path / "other.csv").write_text("")
    with pytest.raises(ImportRefused, match="not one table .* but other.csv, table.csv: name the"):
        read_top_images(tmp_path)


@pytest.mark.parametrize(
    ("lines", "sentence"),
    [
        ("", "is empty: there is no line below its header"),
        (",,c.png,,random\n", "has no top images"),
        ("0,2,a.png,9,\n", "Line 2: unit 0 of layer has rank 2 where 1 is due; ranks count"),
        (f"{GOOD}0,2,c.png,7,\n", "Line 4: unit 0 of layer has rank 2 where 3 is due"),
        ("0,0,a.png,9,\n", "Line 2: rank must be at least 1, got '0'"),
        ("0,,a.png,9,\n", "Line 2: rank is missing"),
        (",1,a.png,9,\n", "Line 2: unit is missing"),
        ("0,1,,9,\n", "Line 2: image is missing"),
        ("0,1,a.png,,\n", "Line 2: score is missing"),
        ("wheel,1,a.png,9,\n", "Line 2: unit must be a whole number from 0, got 'wheel'"),
        ("0,1,a.png,nan,\n", "Line 2: score must be a number, got 'nan'"),
        ("0,1,a.png,9,best\n", "Line 2: role must be 'top', 'low' or 'random', got 'best'"),
        ("0,1,a.png,9,\n0,2,b.png,99,\n", "Line 3: unit 0 of layer has score 99 at rank 2, above"),
        ("0,1,a.png,9,\n0,2,a.png,8,\n", "Line 3: unit 0 of layer has image a.png twice .first in"),
        (f"{GOOD}0,,b.png,1,low\n", "Line 4: unit 0 of layer has image b.png twice"),
        (f"{GOOD}4,,c.png,1,low\n", "Line 4: unit 4 of layer has no top images"),
    ],
)
def test_a_wrong_line_is_named(read, lines, sentence):
    with pytest.raises(ImportRefused, match=sentence):
        read(HEADER + lines)


def test_missing_columns_are_named(read):
    with pytest.raises(ImportRefused, match="has no column rank, image, score"):
        read("unit\n0\n")
