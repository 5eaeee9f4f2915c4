"""Signals: reasons for a reviewer to look at an answer, from plain rows."""

from dataclasses import replace

import pytest

from annotator.crowd.quality.answer_rows import QualityRow, WorkTrace
from annotator.crowd.quality.baseline import bad_catch_images
from annotator.crowd.quality.signals import BLIND, SIGNALS, signals
from annotator.models import KnownAnswer
from annotator.models.answer import Group

PLAIN = QualityRow(
    assignment=1,
    worker="ana",
    unit=7,
    concept="wheel",
    group=Group.PART,
    shown=57,
    fitting=50,
    judged=60,
    mark_count=10,
    catch=frozenset({70, 71, 72}),
    seconds=200.0,
)
LOOKED = WorkTrace(200.0, 0, 0, {str(slot): 900 for slot in range(60)}, ("region",))


def others(count=12, **fields):
    """Answers of other workers about other units, each by the median's time."""
    return [
        replace(
            PLAIN, assignment=100 + n, worker=f"w{n}", unit=100 + n, catch=frozenset(), **fields
        )
        for n in range(count)
    ]


def reasons(row, other_rows=()):
    return dict(signals([row, *other_rows]).get(row.assignment, []))


def test_an_ordinary_answer_gives_no_reason():
    assert reasons(replace(PLAIN, trace=LOOKED), others()) == {}


@pytest.mark.parametrize(
    ("key", "change", "reason"),
    [
        ("catch", {"catch_kept": frozenset({70})}, "left 1 of 3 catch images at first submit"),
        (
            "repeats",
            {"repeat_shown": 3, "repeat_marked": 2},
            "marked 2 of 3 repeats of the unit's best images",
        ),
        ("fast", {"seconds": 66.0}, "took 66 s where the study's median is 200 s"),
        ("share", {"mark_count": 0}, "marked none of 60 pictures"),
        ("share", {"mark_count": 55}, "marked 55 of 60 pictures, above 90%"),
        ("share", {"mark_count": 60}, "marked all 60 pictures"),
        ("pasted", {"trace": replace(LOOKED, paste_count=1)}, "pasted into the concept once"),
        (
            "away",
            {"trace": replace(LOOKED, focus_lost_count=4)},
            "left the page 4 times while at work",
        ),
        (
            "unseen",
            {"trace": replace(LOOKED, seen_ms={str(slot): 250 for slot in range(53)})},
            "7 of 60 pictures were in view for less than a quarter of a second",
        ),
        ("hidden", {"judged": 53, "hidden": 7}, "hid 7 of 60 pictures"),
        (
            "known",
            {"known": KnownAnswer(concepts=["face"], group=None)},
            "control unit: 'wheel' is not its known answer",
        ),
        (
            "known",
            {"known": KnownAnswer(concepts=["Wheel"], group=Group.OBJECT)},
            "control unit: 'wheel' is not its known answer",
        ),
    ],
)
def test_what_gives_a_reason_says_what_it_rests_on(key, change, reason):
    assert reasons(replace(PLAIN, **change), others()) == {key: reason}


@pytest.mark.parametrize(
    "change",
    [
        {"seconds": 67.0},
        {"seconds": None},
        {"judged": 54, "hidden": 6},
        {"mark_count": 54},
        {"says": "nothing", "group": None, "concept": "", "mark_count": 60, "catch": frozenset()},
        {"trace": replace(LOOKED, focus_lost_count=3)},
        {"trace": replace(LOOKED, seen_ms={str(slot): 250 for slot in range(54)})},
        {"trace": replace(LOOKED, seen_ms={})},
        {"known": KnownAnswer(concepts=["face", "WHEEL"], group=Group.PART)},
        {"known": KnownAnswer(concepts=["wheels"])},
        {"known": KnownAnswer(concepts=[], group=Group.PART)},
        {"known": KnownAnswer(concepts=["wheel"], group=4), "group": 5, "second_group": 4},
        {"repeat_shown": 3},
    ],
)
def test_up_to_its_bound_nothing_gives_a_reason(change):
    assert reasons(replace(PLAIN, **change), others()) == {}


def test_nothing_is_fast_before_there_are_ten_times_to_hold_it_against():
    assert reasons(replace(PLAIN, seconds=1.0), others(8)) == {}
    assert "fast" in reasons(replace(PLAIN, seconds=1.0), others(9))


@pytest.mark.parametrize(
    ("groups", "is_apart"),
    [
        ([Group.OBJECT, Group.OBJECT], True),
        ([Group.OBJECT, Group.SCENE], False),
        ([Group.OBJECT], False),
        ([Group.OBJECT, Group.OBJECT, Group.PART], True),
        ([Group.OBJECT, Group.OBJECT, Group.PART, Group.PART], False),
        ([None, None], True),
        ([Group.PART, Group.PART], False),
    ],
)
def test_an_answer_is_apart_where_most_of_the_others_agree_on_another_group(groups, is_apart):
    other_rows = [
        replace(PLAIN, assignment=2 + n, worker=f"w{n}", group=group, concept=f"thing {n}")
        for n, group in enumerate(groups)
    ]

    assert ("apart" in reasons(PLAIN, other_rows)) == is_apart


def test_what_a_reviewer_excluded_is_nobody_to_agree_with():
    other_rows = [
        replace(PLAIN, assignment=n, worker=f"w{n}", group=Group.OBJECT, is_counted=n < 3)
        for n in (2, 3)
    ]

    assert "apart" not in reasons(PLAIN, other_rows)


def test_the_same_words_again_and_again_are_a_reason_where_nobody_else_says_them():
    own = [
        replace(PLAIN, assignment=n, unit=n, concept=words)
        for n, words in enumerate(["shiny metal part", "Shiny part, metal", "part shiny metal"])
    ]
    too = replace(PLAIN, assignment=9, unit=1, worker="ben", concept="metal shiny part")

    assert [reasons(row, own).get("wording") for row in own] == [
        "named 3 units 'shiny metal part', which nobody else did",
        "named 3 units 'Shiny part, metal', which nobody else did",
        "named 3 units 'part shiny metal', which nobody else did",
    ]
    assert signals([*own, too]) == {}
    assert signals(own[:2]) == {}


def test_a_catch_image_that_more_than_a_third_of_its_workers_keep_is_bad_and_leaves_scores():
    def shown_to(n, kept):
        return replace(PLAIN, assignment=n, worker=f"w{n}", catch_kept=frozenset(kept))

    rows = [shown_to(0, {70}), shown_to(1, {70, 71}), shown_to(2, {72}), shown_to(3, set())]

    assert [(bad.exemplar, bad.kept, bad.shown) for bad in bad_catch_images(rows)] == [(70, 2, 4)]
    assert {n: dict(reasons)["catch"] for n, reasons in signals(rows).items()} == {
        1: "left 1 of 2 catch images at first submit",
        2: "left 1 of 2 catch images at first submit",
    }


def test_one_of_three_is_no_more_than_a_third_and_two_workers_judge_no_image():
    def shown_to(n, kept):
        return replace(PLAIN, assignment=n, worker=f"w{n}", catch_kept=frozenset(kept))

    assert bad_catch_images([shown_to(0, {70}), shown_to(1, {}), shown_to(2, {})]) == []
    assert bad_catch_images([shown_to(0, {70}), shown_to(1, {70})]) == []


def test_random_images_never_score_a_worker():
    careless = replace(
        PLAIN,
        scores=False,
        mark_count=60,
        repeat_shown=3,
        repeat_marked=3,
        catch_kept=PLAIN.catch,
        group=Group.SCENE,
    )
    other_rows = [replace(PLAIN, assignment=n, worker=f"w{n}", scores=False) for n in (2, 3, 4)]

    assert reasons(careless, other_rows) == {}


def test_what_may_exclude_a_worker_knows_neither_concept_nor_precision():
    assert SIGNALS.keys() - BLIND == {"share", "apart", "wording"}
