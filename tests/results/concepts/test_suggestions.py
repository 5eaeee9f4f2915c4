"""Words that may be one concept are suggested, with a reason, and blind to all but words."""

import random
from itertools import combinations

import pytest

from annotator.results.concepts.suggestions import MIN_LETTERS, suggestions


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
        ("abcde", "bcdea", False),  # one letter moved is two edits
        ("tree top", "treetop s", False),
        ("café noir", "cafe noir", True),
        ("𝔸rrow", "arrow", True),
        ("arrow", "arro", True),
        ("aaaaa", "aaaaaa", True),
        ("abcdef", "badcfe", False),
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


def edits_of(word, letters):
    """Every text that one edit makes of a word: by definition, one after the other."""
    for n in range(len(word) + 1):
        head, tail = word[:n], word[n:]
        yield from (head + letter + tail for letter in letters)
        yield from (head + letter + tail[1:] for letter in letters if tail)
        yield head + tail[1:]
        yield head + tail[1:2] + tail[:1] + tail[2:]


@pytest.mark.parametrize("seed", range(3))
def test_words_drawn_at_random_are_suggested_as_the_definition_of_an_edit_says(seed):
    draw, letters = random.Random(seed), "abé𝔸"
    words = {"".join(draw.choices(letters, k=draw.randint(4, 7))) for _ in range(250)}
    edits = {word: set(edits_of(word, letters)) for word in words}

    pairs = {
        frozenset(pair)
        for pair in combinations(words, 2)
        if max(map(len, pair)) >= MIN_LETTERS and pair[0] in edits[pair[1]]
    }

    suggested = suggestions(dict.fromkeys(words, 1))
    assert {frozenset(one.words) for one in suggested if one.why == "one letter apart"} == pairs
