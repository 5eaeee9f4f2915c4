"""Addresses of a site: every layer has a folder of its own on any file system."""

import re

from hypothesis import given
from hypothesis import strategies as st

from annotator.models.display_names import slug_of
from annotator.results.output.site.addresses import folder_names, root_of


def test_a_folder_has_the_name_of_its_slug():
    assert folder_names(["alexnet", "_blocks.10"]) == {
        "alexnet": "alexnet",
        "_blocks.10": "_blocks.10",
    }


def test_slugs_that_differ_in_case_alone_get_different_folders():
    folders = folder_names(["conv1", "Conv1", "conv2"])

    assert len({folder.casefold() for folder in folders.values()}) == 3
    assert folders["conv2"] == "conv2"


@given(st.lists(st.text(min_size=1), unique=True))
def test_networks_of_any_names_have_folders_that_every_file_system_can_hold(names):
    slugs: set[str] = set()
    for name in names:
        slugs.add(slug_of(name, "network", slugs))
    folders = folder_names(slugs)

    assert len({folder.casefold() for folder in folders.values()}) == len(names)
    for folder in folders.values():
        assert re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9._-]*", folder)


def test_the_root_is_as_many_folders_up_as_the_page_is_down():
    assert [root_of(page) for page in ("a.html", "b/a.html", "c/b/a.html")] == ["", "../", "../../"]
