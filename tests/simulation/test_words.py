"""How simulated workers word a label: as varied as people do, and still recognisable."""

import doctest

import numpy as np
import pytest

from annotator.concept_words import word_forms
from annotator.simulation import words
from annotator.simulation.words import OTHER_WORDS, labels_named, worded
from tests.simulation.worlds import LEVELS


def test_examples_hold():
    assert doctest.testmod(words).failed == 0


@pytest.mark.parametrize("name", ["dog", "striped cloth", "horizontal lines", "wheel"])
def test_a_wording_names_the_label_in_at_most_five_words(name):
    random = np.random.default_rng(0)

    wordings = {worded(name, plain=0.3, random=random) for _ in range(300)}

    assert len(wordings) > 10
    synonyms = [word_forms(word) for word in (name, *OTHER_WORDS.get(name, []))]
    for wording in wordings:
        assert len(wording.split()) <= 5
        assert any(synonym <= word_forms(wording) for synonym in synonyms), wording


def test_a_plain_worker_uses_the_labels_name():
    assert worded("dog", plain=1, random=np.random.default_rng(0)) == "dog"


def test_a_concept_names_every_label_whose_words_it_has():
    labels = ["", *(name for _, members in LEVELS.values() for name in members)]

    def named(concept):
        return [labels[number] for number in labels_named(concept, labels)]

    assert named("Dogs") == named("a small puppy") == ["dog"]
    assert named("red cars") == ["red", "car"]
    assert named("happiness") == named("") == []
