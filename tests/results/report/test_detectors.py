"""A unit detects an object: consensus, group Objects, precision under it above the threshold."""

from annotator.results.report.detectors import detectors
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

    found = detectors(units, 0.75)

    assert found.unit_count == 3
    assert found.classes == (("dog", 2), ("lamp", 1))


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
