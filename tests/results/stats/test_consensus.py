"""What a unit is called, and how precise it is under that name."""

from collections import Counter

from hypothesis import given

from annotator.concept_words import normalised
from annotator.results.stats.consensus import unit_consensus
from tests.results.rows import answer, many_answers


def test_words_that_differ_in_case_spacing_and_plural_are_one_concept():
    rows = [answer(concept="Dogs"), answer(concept=" dOG "), answer(concept="brown  dogs")]

    consensus = unit_consensus(rows)

    assert consensus.votes == (("dog", 2), ("brown dog", 1))
    assert consensus.consensus == consensus.concept == "dog"


def test_precision_under_the_consensus_is_of_those_answers_alone():
    rows = [answer(fitting=40), answer(fitting=50), answer(concept="car", fitting=1)]

    assert unit_consensus(rows).precision == (40 / 57 + 50 / 57) / 2


def test_half_is_no_consensus():
    consensus = unit_consensus([answer(concept="dog"), answer(concept="cat")] * 2)

    assert consensus.consensus is consensus.concept is consensus.precision is None


def test_one_answer_names_a_unit_without_a_consensus():
    consensus = unit_consensus([answer(concept="dog")])

    assert consensus.concept == "dog"
    assert consensus.consensus is None


def test_nothing_in_common_stands_in_the_way_of_a_consensus():
    rows = [answer(concept="dog")] * 2 + [answer(says="nothing")] * 2

    assert unit_consensus(rows).consensus is None


def test_a_unit_of_which_nobody_named_anything_has_no_concept():
    consensus = unit_consensus([answer(says="nothing")])

    assert consensus.votes == ()
    assert consensus.concept is None


def test_letters_written_in_two_ways_are_one():
    assert normalised("cafe\u0301") == normalised("CAF\u00c9")


@given(many_answers(units=1))
def test_a_consensus_is_shared_by_two_and_more_than_half(rows):
    words = Counter(row.concept.lower() for row in rows if row.says != "nothing")
    expected = [word for word, n in words.items() if n >= 2 and n > len(rows) / 2]

    consensus = unit_consensus(rows)

    assert [consensus.consensus] == (expected or [None])
    assert dict(consensus.votes) == words
