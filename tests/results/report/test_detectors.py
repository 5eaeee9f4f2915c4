"""Units that detect an object, and units that share a class."""

from annotator.results.report.detectors import (
    detectors,
    unit_pairs,
    units_by_class,
)
from annotator.results.report.unit import unit_result
from tests.results.rows import answer


def unit(number, *answers):
    return unit_result(number, list(answers), None)


def called(concept, fitting=50, group=5):
    return answer(concept=concept, fitting=fitting, group=group)


def test_detectors_are_counted_by_what_they_detect():
    units = [
        unit(0, called("dog"), called("dogs"), called("cat")),
        unit(1, called("dog"), called("dog"), called("dog")),
        unit(2, called("lamp"), called("lamp"), called("lamp")),
    ]

    counts = detectors(units, 0.75)

    assert counts.unit_count == 3
    assert counts.classes == (("dog", 2), ("lamp", 1))


def test_without_a_consensus_an_object_or_enough_precision_nothing_is_detected():
    units = [
        unit(0, called("dog"), called("cat"), called("lamp")),
        unit(1, called("head", group=4), called("head", group=4), called("head")),
        unit(2, called("dog", fitting=30), called("dog", fitting=40), called("cat", fitting=57)),
    ]

    assert detectors(units, 0.75).unit_count == 0


def test_precision_at_the_threshold_is_not_above_it():
    at = unit(0, answer(concept="dog", group=5, fitting=3, shown=4), called("dog", fitting=0))

    assert detectors([at], at.named.precision).unit_count == 0


def test_pairs_most_alike_come_first_with_the_correlation_that_was_measured():
    tops = {1: frozenset("ab"), 4: frozenset("bc"), 9: frozenset("ab")}

    pairs = unit_pairs([9, 1, 4], tops, {(1, 4): 0.25})

    assert [(one.units, one.overlap) for one in pairs][0] == ((1, 9), 1)
    assert {one.units: one.correlation for one in pairs}[1, 4] == 0.25
    assert {one.units: one.correlation for one in pairs}[1, 9] is None


def test_classes_hold_detectors_alone_or_every_unit_above_under_its_consensus():
    dogs = unit(0, called("dog"), called("dog")), unit(3, called("dogs", 57), called("dog", 57))
    red = unit(1, called("red", group=1), called("red", group=1))
    low = unit(2, called("lamp", fitting=9), called("lamp", fitting=9))
    units = [*dogs, red, low]

    assert {name: [one.unit for one in of] for name, of in units_by_class(units, 0.75).items()} == {
        "dog": [3, 0]  # the most precise first
    }
    assert list(units_by_class(units, 0.75, objects_only=False)) == ["dog", "red"]
    assert units_by_class([], 0.75) == {}
