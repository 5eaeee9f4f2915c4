"""Merges of words, made by hand, in versions that can all be made again."""

import pytest

from annotator.results.concepts.merges import MergeRow, concept_map

MERGES = [
    MergeRow(1, ("automobile", "auto"), "car"),
    MergeRow(2, ("car", "truck"), "vehicle", undone_version=3),
    MergeRow(4, ("car",), "motor car"),
]


@pytest.mark.parametrize(
    ("version", "concept"),
    [(0, "auto"), (1, "car"), (2, "vehicle"), (3, "car"), (4, "motor car"), (None, "motor car")],
)
def test_every_version_can_be_made_again(version, concept):
    assert concept_map(MERGES, version).concept("Autos") == concept


def test_the_newest_version_counts_merges_and_undoings():
    assert concept_map([]).version == 0
    assert concept_map(MERGES[:2]).version == 3
    assert concept_map(MERGES).version == 4


def test_a_merge_back_ends():
    there_and_back = [MergeRow(1, ("a",), "b"), MergeRow(2, ("b",), "a")]

    assert concept_map(there_and_back).concept("b") == "a"
