"""Answers as plain rows: who gave them, and which of them count."""

from datetime import UTC, datetime

import pytest

from annotator.models import Answer
from annotator.results.loading.answers import (
    EXCLUSIONS,
    by_unit,
    counted,
    load_answer_rows,
    load_answers,
)
from annotator.results.loading.people import pseudonym
from tests.results.rows import answer, verification
from tests.results.studies import answered_study, get_unit, store_answer

EXCLUDED_AT = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.mark.parametrize("row_of", [answer, verification])
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"status": "approved"}, None),
        ({"status": "soft-rejected"}, "soft-rejected"),
        ({"is_surplus": True, "status": "rejected"}, "surplus"),
        ({"worker_excluded_at": EXCLUDED_AT}, "worker excluded"),
        ({"shown": 0, "fitting": 0}, "nothing shown"),
    ],
)
def test_one_rule_says_which_answers_of_either_round_count(row_of, changes, reason):
    assert row_of(**changes).exclusion == reason
    assert reason is None or reason in EXCLUSIONS


def test_precision_is_the_share_of_shown_pictures_that_fit():
    assert answer(fitting=43, shown=57).precision == 43 / 57
    assert verification(fitting=48).precision == 48 / 60


def test_units_of_the_same_number_in_two_layers_are_two_units():
    rows = [answer(unit=7), answer(unit=7, layer="conv4"), answer(unit=7, network="vgg")]

    assert len(by_unit(rows)) == 3


def test_rows_and_the_database_count_the_same_answers(db):
    study = answered_study()
    unit = get_unit(study)
    store_answer(study, unit, "dora", status="soft-rejected")
    store_answer(study, unit, "eve", is_surplus=True)
    study.workers.filter(key="cleo").update(excluded_at=EXCLUDED_AT)

    rows = load_answer_rows(Answer.objects.all())

    assert {row.answer for row in counted(rows)} == {
        answer.pk for answer in Answer.objects.counted()
    }


def test_loaded_answers_stand_under_pseudonyms_and_know_who_is_flagged(db):
    study = answered_study()

    rows = load_answers(study, flagged={"ben"})

    assert [row.answer for row in rows] == sorted(row.answer for row in rows)
    assert {row.worker for row in rows if row.is_flagged} == {pseudonym(study.key, "ben")}
    first = rows[0]
    assert (*first.unit_name, first.concept, first.group) == ("scenes", "conv1", 0, "Wheel", 4)
    assert (first.shown, first.fitting, first.kind, first.status) == (4, 4, "person", "submitted")
