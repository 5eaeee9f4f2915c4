"""Which answers are analyzed: six rules, all blind to concept and precision."""

from datetime import UTC, datetime, timedelta

import pytest

from annotator.models import PictureReport, Unit
from annotator.results.loading.answers import EXCLUSIONS
from annotator.results.loading.report_data import ReportData
from annotator.results.loading.variants import VARIANTS, default_crowd, split_answers
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.report.report import report_from
from annotator.views.reader.unit import unit_context
from tests.results.rows import LAYOUT, answer
from tests.results.studies import answered_study, get_unit

START = datetime(2026, 11, 1, tzinfo=UTC)


def answer_at(minute, **fields):
    return answer(answer=minute, given_at=START + timedelta(minutes=minute), **fields)


def analysed(rows, variant="", first=None):
    return [row.answer for row in split_answers(rows, first, variant).analysed]


ROWS = [
    answer_at(1),
    answer_at(2, is_flagged=True),
    answer_at(3, status="soft-rejected"),
    answer_at(4, worker_excluded_at=START, worker_excluded_why="one word for everything"),
    answer_at(5, is_surplus=True),
    answer_at(6, shown=0, fitting=0),
    answer_at(7, status="rejected", shown=0, fitting=0),
    answer_at(8, used_ai=True),
    answer_at(9, used_ai=False),
    answer_at(10, status="soft-rejected", decided_opened=True),
    answer_at(11, worker_excluded_at=START, worker_excluded_opened=True),
    answer_at(12, status="approved", decided_opened=True),
]


@pytest.mark.parametrize(
    ("variant", "expected"),
    [
        ("", [1, 2, 8, 9, 12]),
        ("without-flagged", [1, 8, 9, 12]),
        ("without-ai", [1, 2, 9, 12]),
        ("with-excluded", [1, 2, 3, 4, 8, 9, 10, 11, 12]),
        ("with-opened", [1, 2, 8, 9, 10, 11, 12]),
    ],
)
def test_each_variant_analyses_the_answers_that_its_name_says(variant, expected):
    assert analysed(ROWS, variant) == expected


def test_exclusions_that_were_not_blind_are_counted():
    assert split_answers(ROWS).opened_count == 2
    assert split_answers(ROWS, variant="with-opened").opened_count == 0


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_answer_is_analyzed_or_excluded_for_a_reason_that_has_words(variant):
    split = split_answers(ROWS, 1, variant)

    assert len(split.analysed) + sum(split.reasons.values()) == len(ROWS)
    assert split.reasons.keys() <= EXCLUSIONS.keys()


def test_which_answers_are_analyzed_does_not_depend_on_what_they_say():
    other = [
        answer(
            answer=row.answer,
            fitting=0,
            concept="something else",
            group=1,
            shown=row.shown,
            status=row.status,
            is_surplus=row.is_surplus,
            is_flagged=row.is_flagged,
            worker_excluded_at=row.worker_excluded_at,
            given_at=row.given_at,
        )
        for row in ROWS
    ]

    for variant in VARIANTS:
        assert analysed(ROWS, variant, 1) == analysed(other, variant, 1)


def test_an_adaptive_study_is_judged_by_each_units_first_answers():
    """Only units that disagree go on: their later answers would pull the mean of some units."""
    rows = [answer_at(5, fitting=57), *(answer_at(n, fitting=0, worker=f"w{n}") for n in (1, 2, 3))]
    data = ReportData("s", 0.75, tuple(LAYOUT), tuple(rows), first_answers=3)

    report = report_from(data)

    (unit,) = report.networks[0].layers[0].units
    assert (unit.precision, unit.answer_count, unit.later_count) == (0, 3, 1)
    assert report.excluded == {"later": 1}
    every = report_from(data, variant="every-answer")
    assert every.networks[0].layers[0].mean_precision == 0.25


def test_later_answers_help_to_decide_the_group_and_nothing_else():
    groups = [4, 5, 6, 5, 5]
    rows = [answer_at(n, worker=f"w{n}", group=group) for n, group in enumerate(groups)]

    report = report_from(ReportData("s", 0.75, tuple(LAYOUT), tuple(rows), first_answers=3))

    (unit,) = report.networks[0].layers[0].units
    assert unit.group is None
    assert unit.group_of_all == 5


def test_both_numbers_stand_in_every_report():
    rows = [answer_at(1, fitting=57), answer_at(2, fitting=19, worker="ben", is_flagged=True)]
    (layer,) = report_from(ReportData("s", 0.75, tuple(LAYOUT), tuple(rows))).networks[0].layers

    assert layer.mean_precision == layer.variants[""].mean_precision
    assert layer.variants["without-flagged"].mean_precision == 1
    assert layer.variants[""].mean_precision == pytest.approx(2 / 3)


def test_a_picture_is_not_judged_by_who_hid_it(db):
    study = answered_study()
    unit = Unit.objects.select_related("layer__network__study").get(pk=get_unit(study).pk)
    hidden = unit.exemplars.get(rank=1)
    ada = unit.assignments.get(worker__key="ada")
    PictureReport.objects.create(assignment=ada, exemplar=hidden)

    tiles = unit_context(unit, take(study))["tiles"]

    assert [(tile.fit_count, tile.fit_of) for tile in tiles] == [(2, 2), (3, 3), (2, 3), (1, 3)]


def test_a_report_is_about_people_as_soon_as_there_are_any():
    simulated = answer(kind="simulated")

    assert default_crowd([]) == "people"
    assert default_crowd([simulated]) == "simulated"
    assert default_crowd([simulated, answer(kind="imported")]) == "people"
