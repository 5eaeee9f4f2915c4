"""What a text file lists: a table of contents and the paths, or the sentence, that come of it."""

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dissect.errors import ImagesError
from dissect.images.image_list import find_images
from dissect.images.path_lists import encode_path_list, read_path_list

TWO = ["a.jpg", "my photo, b.png"]
ROWS = [
    # contents, paths or a part of the sentence
    (b"a.jpg\nmy photo, b.png\n", TWO),
    (b"a.jpg\r\n\r\n  my photo, b.png  \r\n", TWO),
    (b"a.jpg\rmy photo, b.png", TWO),
    (b"# two photographs\na.jpg\n#\nmy photo, b.png", TWO),
    (codecs.BOM_UTF8 + b"a.jpg\nmy photo, b.png", TWO),
    ("\ufeffa.jpg\nmy photo, b.png".encode("utf-16-le"), TWO),
    ("\ufeffa.jpg\nmy photo, b.png".encode("utf-16-be"), TWO),
    ("\ufeffa.jpg\nmy photo, b.png".encode("utf-32-le"), TWO),
    ("a.jpg\nmy photo, b.png".encode("utf-16-le"), "looks like UTF-16 without its mark"),
    (codecs.BOM_UTF16_LE + b"\x00", "begins as utf-16-le, and is not"),
    (b"PK\3\4\0\0\0\xff\xfe", "no image, no .tar and no text"),
    # labels behind the path
    (b"a.jpg 0\nmy photo, b.png 12\n", TWO),
    (b"a.jpg\t0\nmy photo, b.png\ttabby, tabby cat\n", TWO),
    (b"a.jpg,0\nmy photo, b.png,1\n", TWO),
    (b"a.jpg;cat\nmy photo, b.png;dog\n", TWO),
    (b"a.jpg 0 1 1 0\n'b'.JPEG -1", ["a.jpg", "'b'.JPEG"]),
    (b"image label\na.jpg 0\nmy photo, b.png 1", TWO),
    # tables
    (b'path,label\na.jpg,0\n"my photo, b.png",1\n', TWO),
    (b"label;File\n0;a.jpg\n1;my photo, b.png\n", TWO),
    (b"id\tfilename\n0\ta.jpg\n1\tmy photo, b.png\n", TWO),
    (b'"a.jpg",0\n"my photo, b.png",1\n', TWO),
    (b"path\na.jpg\nmy photo, b.png\n", TWO),
    (b'path\n"a\nb.jpg"\n', ["a\nb.jpg"]),
    (b'# names\n\nid,path\n0,a.jpg\n# more\n1,"my photo, b.png"\n', TWO),
    (b"id,label\n0,cat\n", "'id,label', and none of its columns is called path, file or image"),
    # names that look like something else
    (b"my photo.jpg copy.jpg", ["my photo.jpg copy.jpg"]),
    (b"folder/no ending", ["folder/no ending"]),
    (b"caf\xe9.jpg", ["caf\udce9.jpg"]),
    ("a\u2028b.jpg\nc\x0bd.jpg".encode(), ["a\u2028b.jpg", "c\x0bd.jpg"]),
    (b"s3://bucket/a b.jpg 0", ["s3://bucket/a b.jpg 0"]),
    (b"", []),
]


@pytest.mark.parametrize(("content", "expected"), ROWS)
def test_a_list_is_read_or_a_sentence_says_what_it_looks_like(tmp_path, content, expected):
    file = tmp_path / "list.txt"
    file.write_bytes(content)

    if isinstance(expected, str):
        with pytest.raises(ImagesError, match=expected):
            read_path_list(file)
    else:
        assert list(read_path_list(file).paths) == expected


@pytest.mark.parametrize("name", ["a.jpg 0", "#1.png", "a, b;c", "path", '"quoted".png'])
def test_a_file_of_that_very_name_is_meant(tmp_path, name):
    (tmp_path / name).touch()
    (tmp_path / "list.txt").write_text(f"{name}\n")

    assert list(read_path_list(tmp_path / "list.txt").paths) == [name]


HINTS = [
    ("https://example.org/a.jpg", "a web address: download the images"),
    ('{"path": "a.jpg"}', "JSON: give a path a line"),
    ("photos/*.jpg", "a pattern: list the files"),
    (r"C:\photos\a.jpg", "a path of Windows"),
    ("a/b/c 0", "a path with something behind it"),
    ("0 a.jpg", "a path with something before it"),
    ("gone.jpg", "relative to the list's folder"),
]


@pytest.mark.parametrize(("line", "hint"), HINTS)
def test_a_list_that_names_no_file_is_refused_with_its_first_line(tmp_path, line, hint):
    (tmp_path / "list.txt").write_text(f"{line}\nother\n")

    with pytest.raises(ImagesError, match="None of the 2 lines of .*names a file") as refused:
        find_images(tmp_path / "list.txt")

    assert hint in str(refused.value)


def test_what_stands_behind_paths_is_counted_in_a_note(tmp_path):
    (tmp_path / "a.jpg").touch()
    (tmp_path / "list.txt").write_text("a.jpg 0\na.jpg\na.jpg 1\n")

    (note,) = find_images(tmp_path / "list.txt").notes

    assert "behind the path in 2 of 3 lines is not read" in note


NAMES = st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"])).filter(
    lambda name: "\0" not in name and name.strip() == name
)


@settings(deadline=None, max_examples=200)
@given(st.lists(NAMES, min_size=1))
def test_a_written_list_is_read_as_the_same(tmp_path_factory, paths):
    file = tmp_path_factory.mktemp("list") / "list.txt"
    file.write_bytes(encode_path_list(paths))

    assert list(read_path_list(file).paths) == paths
