"""Gold units: one rule says which answers to them are right."""

from itertools import product

import pytest

from annotator.concept_words import word_forms
from annotator.models import KnownAnswer

CONCEPTS = ["dog", "brown Dogs", "Hound", "cat", "hot dog stand", "", "traffic-light", "dogma"]
GROUPS = [None, 4, 5]


def is_right_slowly(names, right_group, concept, group, second_group):
    """The rule of docs/annotators.md, word by word."""
    named = not names
    for name in names:
        missing = [word for word in word_forms(name) if word not in word_forms(concept)]
        named = named or not missing
    return named and (right_group is None or group == right_group or second_group == right_group)


@pytest.mark.parametrize(
    ("concept", "group", "right"),
    [
        ("brown dogs", 5, True),
        ("Hound", 5, True),
        ("dog", 4, False),
        ("cat", 5, False),
        ("hot dog stand", 5, True),  # a word of its own: names are what the requester lists
    ],
)
def test_right_is_a_listed_name_in_any_form_with_its_group(concept, group, right):
    known = KnownAnswer(concepts=["dog", "hound"], group=5)

    assert known.is_right(concept, group) is right


def test_a_second_choice_of_the_group_is_right():
    known = KnownAnswer(concepts=["dog"], group=5)

    assert known.is_right("dog", 4, 5)


def test_what_is_left_empty_is_not_asked():
    assert KnownAnswer(concepts=[], group=5).is_right("anything", 5)
    assert KnownAnswer(concepts=["dog"], group=None).is_right("dogs", 2)


def test_nothing_in_common_is_never_right():
    for known in (KnownAnswer(concepts=["dog"]), KnownAnswer(concepts=[], group=5)):
        assert not known.is_right("", None)


def test_a_name_without_words_is_not_the_name_of_everything():
    assert not KnownAnswer(concepts=["???"]).is_right("dog", 5)


def test_agrees_with_its_definition():
    for names, right_group in product([[], ["dog"], ["dog", "traffic lights"]], GROUPS):
        known = KnownAnswer(concepts=names, group=right_group)
        for concept, group, second in product(CONCEPTS, GROUPS, GROUPS):
            slowly = is_right_slowly(names, right_group, concept, group, second)
            assert known.is_right(concept, group, second) is slowly
