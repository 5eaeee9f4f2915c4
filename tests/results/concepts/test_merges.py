"""Researchers merge words by hand, in versions that can all be made again."""

import pytest

from annotator.results.concepts.merges import (
    MergeError,
    MergeRow,
    concept_map,
    keep_apart,
    load_concepts,
    load_merges,
    merge,
    pairs_kept_apart,
    undo,
)
from annotator.results.report.report import report_of
from tests.results.studies import answered_study, get_unit, store_answer

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


def test_words_merged_there_and_back_end_at_the_last_merge():
    there_and_back = [MergeRow(1, ("a",), "b"), MergeRow(2, ("b",), "a")]

    assert concept_map(there_and_back).concept("b") == "a"


def test_merged_words_are_used_by_every_consensus_and_undone_again(db):
    study = answered_study()
    unit = get_unit(study, number=1)
    for worker, word in (("ada", "car"), ("ben", "truck"), ("cleo", "sky")):
        store_answer(study, unit, worker, word)

    def named():
        return report_of(study).networks[0].layers[0].units[1].named.consensus

    assert named() is None
    merge(study, ["car", "truck"], "Vehicles", by="rita")
    assert named() == "vehicle"
    assert report_of(study).merge_version == 1
    undo(study, 1)
    assert named() is None
    assert report_of(study).merge_version == 2
    assert concept_map(load_merges(study), 1).concept("trucks") == "vehicle"
    assert {raw for one in load_concepts(study) for raw, _ in one.raw} >= {"car", "truck"}


def test_keeping_apart_is_a_version_that_merges_nothing_and_is_undone_again(db):
    study = answered_study()
    before = report_of(study)

    keep_apart(study, ["wheel", "car"], by="rita")

    kept = load_merges(study)
    assert pairs_kept_apart(kept) == {frozenset({"car", "wheel"})}
    assert report_of(study).networks == before.networks
    assert report_of(study).merge_version == 1
    undo(study, 1)
    assert pairs_kept_apart(load_merges(study)) == set()
    assert report_of(study).merge_version == 2


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["wheel", "wheel"], "Choose two words or more"),
        (["wheel", "sofa"], "No answer uses 'sofa'"),
    ],
)
def test_what_cannot_be_kept_apart_is_refused_with_a_sentence(db, words, sentence):
    with pytest.raises(MergeError, match=sentence):
        keep_apart(answered_study(), words, by="rita")


@pytest.mark.parametrize(
    ("words", "into", "sentence"),
    [
        (["wheel"], "wheel", "Choose two words or more"),
        (["wheel", "sofa"], "wheel", "No answer uses 'sofa' now"),
        (["wheel", "car"], " ", "A concept has 1 to 100 characters"),
    ],
)
def test_what_is_no_merge_is_refused_with_a_sentence(db, words, into, sentence):
    with pytest.raises(MergeError, match=sentence):
        merge(answered_study(), words, into, by="rita")
