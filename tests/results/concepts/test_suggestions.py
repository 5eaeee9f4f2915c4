"""Words that may be one concept are suggested, with a reason, and blind to all but words."""

import pytest

from annotator.results.concepts.suggestions import suggestions


def test_near_duplicates_are_suggested_with_a_reason():
    counts = {"street light": 5, "streetlight": 1, "stripe pattern": 2, "pattern of stripe": 1}
    counts |= {"window": 4, "windwo": 1, "cat": 3, "car": 3, "bicycle wheel": 2}

    suggested = {(one.words, one.why) for one in suggestions(counts)}

    assert suggested == {
        (("street light", "streetlight"), "the same letters"),
        (("stripe pattern", "pattern of stripe"), "the same words"),
        (("window", "windwo"), "one letter apart"),
    }


@pytest.mark.parametrize(
    ("one", "two", "near"),
    [
        ("wheel", "whel", True),
        ("wheel", "wheal", True),
        ("wheel", "wehel", True),
        ("wheel", "wheels", True),
        ("wheel", "whale", False),
        ("horse", "house", True),
        ("sky", "ski", False),  # too short to be a slip
    ],
)
def test_one_letter_apart_is_one_edit(one, two, near):
    assert bool(suggestions({one: 1, two: 1})) is near


def test_words_kept_apart_are_suggested_no_more_but_with_another_they_are():
    counts = {"horse": 2, "house": 3, "houses of stone": 1, "stone house": 1, "stone horse": 1}
    apart = {frozenset({"horse", "house"})}

    assert ("house", "horse") in {one.words for one in suggestions(counts)}
    assert ("house", "horse") not in {one.words for one in suggestions(counts, apart)}
    assert suggestions({"a b": 1, "ab": 1, "b a": 1}, {frozenset({"a b", "ab"})})[0].words == (
        "a b",
        "b a",
    )
