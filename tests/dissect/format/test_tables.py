"""A layer's table is read as it was written, and one that is not whole is refused."""

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from dissect.errors import BadDissection
from dissect.format.tables import LayerTable, RankedImages, decode_table, encode_table

FINITE = {"allow_nan": False, "allow_infinity": False, "width": 32}


@st.composite
def ranked_images(draw, units):
    shape = (units, draw(st.integers(0, 4)))
    return RankedImages(
        score=draw(arrays(np.float32, shape, elements=st.floats(**FINITE))),
        sum=draw(arrays(np.float32, shape, elements=st.floats(**FINITE))),
        image=draw(arrays(np.int64, shape, elements=st.integers(-1, 2**40))),
        y=draw(arrays(np.int32, shape, elements=st.integers(0, 500))),
        x=draw(arrays(np.int32, shape, elements=st.integers(0, 500))),
    )


@st.composite
def tables(draw):
    units = draw(st.integers(1, 3))
    top, low = draw(ranked_images(units)), draw(ranked_images(units))
    numbers = arrays(np.float32, (units,), elements=st.floats(**FINITE))
    shares = arrays(np.float32, (units,), elements=st.floats(0, 1, width=32))
    return LayerTable(
        top=top,
        low=low,
        coverage=draw(arrays(np.float32, top.image.shape, elements=st.floats(0, 1, width=32))),
        maximum=draw(numbers),
        threshold=draw(numbers),
        saturated=draw(arrays(bool, (units,))),
        lender=draw(st.none() | arrays(np.int64, (units,), elements=st.integers(0, 9))),
        peak=draw(
            st.none()
            | arrays(np.float32, (*top.image.shape, 2), elements=st.floats(0, 1, width=32))
        ),
        dead=draw(st.none() | arrays(bool, (units,))),
        firing_share=draw(st.none() | shares),
        broad_share=draw(st.none() | shares),
    )


def flat(table):
    """The arrays of a table by name; None where there is none."""
    arrays = {f"top_{name}": array for name, array in vars(table.top).items()}
    arrays |= {f"low_{name}": array for name, array in vars(table.low).items()}
    return arrays | {name: vars(table)[name] for name in vars(table).keys() - {"top", "low"}}


@given(tables())
def test_a_table_is_read_as_it_was_written(table):
    decoded = flat(decode_table(encode_table(table)))

    for name, array in flat(table).items():
        assert np.array_equal(decoded[name], array) if array is not None else decoded[name] is None
        assert array is None or decoded[name].dtype == array.dtype


def small_table():
    return LayerTable(
        top=RankedImages.empty(2, 3),
        low=RankedImages.empty(2, 1),
        coverage=np.zeros((2, 3)),
        maximum=np.zeros(2),
        threshold=np.zeros(2),
        saturated=np.zeros(2),
    )


def test_arrays_have_the_types_of_the_format_whatever_the_writer_has():
    decoded = decode_table(encode_table(small_table()))

    assert decoded.coverage.dtype == decoded.maximum.dtype == np.float32
    assert decoded.saturated.dtype == np.bool_
    assert decoded.rank_count == 3


def test_an_empty_ranking_shows_no_image():
    assert (RankedImages.empty(2, 3).image == -1).all()


def rewritten(**changes):
    """The bytes of the small table with other arrays; None leaves one out."""
    with np.load(io.BytesIO(encode_table(small_table()))) as file:
        arrays = dict(file) | changes
    file = io.BytesIO()
    np.savez(file, **{name: array for name, array in arrays.items() if array is not None})
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "This is no table of a layer"),
        (b"PK\x03\x04 and no more", "This is no table of a layer"),
        (rewritten(image=None), "It has no array image"),
        (rewritten(low_y=None), "It has no array low_y"),
        (rewritten(saturated=None), "It has no array saturated"),
        (rewritten(image=np.zeros(3)), r"Array image is \(3,\), not \(units, images\)"),
        (rewritten(coverage=np.zeros((2, 2))), r"Array coverage is \(2, 2\), not \(2, 3\)"),
        (rewritten(peak=np.zeros((2, 3))), r"Array peak is \(2, 3\), not \(2, 3, 2\)"),
        (rewritten(maximum=np.zeros(3)), r"Array maximum is \(3,\), not \(2,\)"),
        (rewritten(image=np.full((2, 3), 0.5)), "Array image holds float64, not int64"),
        (rewritten(score=np.full((2, 3), "1")), "Array score holds <U1, not float32"),
    ],
)
def test_a_table_that_is_not_whole_is_one_sentence(content, says):
    with pytest.raises(BadDissection, match=says):
        decode_table(content)


def test_a_table_with_pickles_is_refused():
    file = io.BytesIO()
    np.savez(file, image=np.array([[{}]], dtype=object))

    with pytest.raises(BadDissection, match="This is no table of a layer"):
        decode_table(file.getvalue())


def test_infinite_scores_are_kept():
    table = small_table()
    low = replace(table.low, score=np.full((2, 1), np.inf))

    assert np.isinf(decode_table(encode_table(replace(table, low=low))).low.score).all()
