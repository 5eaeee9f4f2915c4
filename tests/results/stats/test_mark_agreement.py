"""Whether answers of one concept mark the same pictures, judged picture by picture."""

from itertools import permutations
from statistics import fmean

import krippendorff
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.concept_words import normalised
from annotator.models import PictureReport
from annotator.results.loading.answers import by_unit
from annotator.results.loading.marks import Marks, load_marks
from annotator.results.stats.agreement import agreement, agreement_intervals
from tests.results.rows import answer
from tests.results.studies import answered_study, get_unit, store_answer

SHOWN = 5


def pictures(bits):
    return {rank for rank in range(1, SHOWN + 1) if bits >> rank & 1}


@st.composite
def judgements(draw):
    """(rows, marks): answers about 2 units by 4 workers, some of whom hid pictures."""
    rows, marked, hidden = [], {}, {}
    for unit in range(2):
        for worker in range(draw(st.integers(0, 4))):
            number = len(rows)
            hidden[number] = draw(st.sampled_from([0, 0, 0b10, 0b110000]))
            marked[number] = draw(st.integers(0, 31)) << 1 & ~hidden[number]
            seen = SHOWN - hidden[number].bit_count()
            rows.append(
                answer(
                    unit,
                    seen - marked[number].bit_count(),
                    draw(st.sampled_from(["wheel", "Wheels", "car"])),
                    worker=f"w{worker}",
                    answer=number,
                    shown=seen,
                )
            )
    return rows, Marks(marked, hidden)


def items(rows, marks):
    """The judgments of every picture by two answers of one concept or more: True for marked."""
    judgements = []
    for answers in by_unit(rows).values():
        for concept in {normalised(row.concept) for row in answers}:
            for rank in range(1, SHOWN + 1):
                judged = [
                    rank in pictures(marks.marked[row.answer])
                    for row in answers
                    if normalised(row.concept) == concept
                    if rank not in pictures(marks.hidden[row.answer])
                ]
                if len(judged) > 1:
                    judgements.append(judged)
    return judgements


def alpha(judged):
    if len({mark for of_picture in judged for mark in of_picture}) < 2:
        return None
    counts = [[of_picture.count(False), of_picture.count(True)] for of_picture in judged]
    return krippendorff.alpha(value_counts=counts, level_of_measurement="nominal")


@given(judgements())
def test_agreement_on_marks_agrees_with_its_definitions(given_rows):
    rows, marks = given_rows
    judged = items(rows, marks)

    measures = agreement(list(by_unit(rows).values()), marks)

    if not judged:
        assert measures.marks_raw is measures.marks_alpha is measures.marks_ac1 is None
        return
    raw = fmean(fmean(a == b for a, b in permutations(marks, 2)) for marks in judged)
    share = fmean(fmean(marks) for marks in judged)
    chance = 2 * share * (1 - share)
    assert measures.marks_raw == pytest.approx(raw)
    assert measures.marks_ac1 == pytest.approx((raw - chance) / (1 - chance))
    assert measures.marks_alpha == pytest.approx(alpha(judged))


def test_who_sees_another_thing_is_not_compared():
    rows = [answer(0, 4, "wheel", answer=0, shown=5), answer(0, 1, "car", answer=1, shown=5)]

    measures = agreement([rows], Marks({0: 0b10, 1: 0b11110}))

    assert measures.marks_raw is None


def test_answers_of_another_campaign_have_no_marks_to_compare():
    rows = [answer(0, 4, answer=n, shown=5, kind="imported", worker=f"w{n}") for n in range(3)]

    assert agreement([rows]).marks_raw is None


def test_marks_are_read_by_rank_and_hidden_pictures_apart(db):
    study = answered_study()
    unit = get_unit(study)
    ben = unit.assignments.get(worker__key="ben")
    PictureReport.objects.create(assignment=ben, exemplar=unit.exemplars.get(rank=1))
    store_answer(study, unit, "eve", marked=[1])

    marks = load_marks(study)

    assert sorted(marks.marked.values()) == [0b10, 0b10000, 0b11000]
    assert marks.hidden == {ben.answer.pk: 0b10}


def test_its_interval_is_over_workers():
    rows = [
        answer(unit, 4, answer=10 * unit + w, shown=5, worker=f"w{w}")
        for unit in range(6)
        for w in range(4)
    ]
    marks = Marks({row.answer: 1 << (1 + row.answer % 2) for row in rows})

    intervals = agreement_intervals(list(by_unit(rows).values()), marks)["marks_raw"]

    assert intervals.low < agreement(list(by_unit(rows).values()), marks).marks_raw < intervals.high
