"""The rule for words: what differs in writing alone is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.concept_words import normalised, word_forms


@pytest.mark.parametrize(
    ("raw", "concept"),
    [
        ("The Brown  Dogs", "brown dog"),
        ("a grey cat", "gray cat"),
        ("Tyres", "tire"),
        ("traffic-lights", "traffic light"),
        ("leaves", "leaf"),
        ("People", "person"),
        ("dog's head", "dog's head"),
        ("a", "a"),
        ("???", "???"),
    ],
)
def test_words_that_differ_in_writing_alone_are_one_concept(raw, concept):
    assert normalised(raw) == concept


@given(st.text(max_size=30))
def test_a_normalised_word_stays_what_it_is(raw):
    assert normalised(normalised(raw)) == normalised(raw) or not raw.isascii()


@pytest.mark.parametrize(
    ("concept", "forms"),
    [
        ("The two brown Dogs", {"two", "brown", "dog"}),
        ("traffic-lights", {"traffic", "light"}),
        ("tyres of grey cars", {"tire", "of", "gray", "car"}),
        ("the", {"the"}),
        ("???", set()),
    ],
)
def test_word_forms_are_dictionary_forms_in_one_spelling(concept, forms):
    assert word_forms(concept) == forms


@given(st.text(max_size=30))
def test_words_that_reports_merge_have_the_same_forms(raw):
    assert word_forms(normalised(raw)) == word_forms(raw) or not raw.isascii()
