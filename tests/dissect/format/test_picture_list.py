"""The list of pictures, and names that are hashes of content."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dissect.errors import BadDissection
from dissect.format.names import storable
from dissect.format.picture_list import PictureRow, content_name, decode_pictures, encode_pictures

names = st.binary(max_size=8).map(lambda content: content_name(content, ".jpg"))
paths = st.text().map(storable)
rows = st.builds(PictureRow, place=st.integers(0, 2**40), path=paths, tile=names, zoom=names)


@given(st.lists(rows, max_size=4))
def test_a_list_of_pictures_is_read_as_it_was_written(pictures):
    assert decode_pictures(encode_pictures(pictures)) == pictures


def test_the_name_of_a_file_is_the_sha256_of_its_content():
    assert content_name(b"abc", ".png") == hashlib.sha256(b"abc").hexdigest() + ".png"


@pytest.mark.parametrize(
    "name", ["a.jpg", "../" + "0" * 64 + ".jpg", "0" * 64 + ".jpg\n", "0" * 64]
)
def test_a_picture_that_is_not_named_by_its_content_is_refused(name):
    good = "0" * 64 + ".jpg"
    content = json.dumps([{"place": 0, "path": "a", "tile": good, "zoom": name}])

    with pytest.raises(BadDissection, match=r"0\.zoom: String should match"):
        decode_pictures(content.encode())


def test_a_row_that_lacks_something_is_one_sentence():
    with pytest.raises(BadDissection, match=r"0\.tile: Field required"):
        decode_pictures(b'[{"place": 0, "path": "a"}]')
