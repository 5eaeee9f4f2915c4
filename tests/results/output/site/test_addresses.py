"""Addresses of a site: every name gets a folder of its own that any file system can hold."""

import re

from hypothesis import given
from hypothesis import strategies as st

from annotator.results.output.site.addresses import folder_names, root_of


def test_names_that_are_safe_keep_their_letters():
    assert folder_names(["alexnet", "_blocks.10"]) == {
        "alexnet": "alexnet",
        "_blocks.10": "_blocks.10",
    }


def test_names_that_would_share_a_folder_get_different_ones():
    folders = folder_names(["a:b", "a/b", "A-B", "c"])

    assert len({folder.casefold() for folder in folders.values()}) == 4
    assert folders["c"] == "c"


@given(st.lists(st.text(min_size=1), unique=True))
def test_every_list_of_names_gets_different_harmless_folders(names):
    folders = folder_names(names)

    assert list(folders) == names
    assert len({folder.casefold() for folder in folders.values()}) == len(names)
    for folder in folders.values():
        assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", folder)


def test_the_root_is_as_many_folders_up_as_the_page_is_down():
    assert [root_of(page) for page in ("a.html", "b/a.html", "c/b/a.html")] == ["", "../", "../../"]
