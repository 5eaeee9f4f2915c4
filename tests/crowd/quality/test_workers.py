"""Worker quality, and the rules by which a worker is flagged."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db.models import F
from hypothesis import given as whatever
from hypothesis import strategies as st

from annotator.crowd.answers import pictures, traces
from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.quality.answer_rows import QualityRow, WorkTrace, quality_rows
from annotator.crowd.quality.workers import Share, flag_reasons, flagged_workers, worker_qualities
from annotator.crowd.scheduling import leases
from annotator.models import Assignment, Exemplar, KnownAnswer, Network, Unit, Worker
from tests.crowd.studies import published_study, workers

CAREFUL = QualityRow(
    assignment=0,
    worker="ana",
    unit=0,
    concept="wheel",
    group=4,
    judged=60,
    mark_count=10,
    repeat_shown=3,
    seconds=100.0,
    trace=WorkTrace(100.0, 0, 0, {str(slot): 900 for slot in range(60)}, ()),
    known=KnownAnswer(concepts=["wheel"], group=None),
)
HARDLY_SEEN = WorkTrace(100.0, 0, 0, {"0": 900}, ())


def with_zoe(kept=0, **changes):
    """Nine careful workers and Zoe, with three answers each about units of their own."""
    rows = []
    for n, worker in enumerate([*(f"w{n}" for n in range(9)), "zoe"]):
        for unit in range(10 * n, 10 * n + 3):
            catch = [1000 * unit + k for k in range(3)]
            row = replace(CAREFUL, worker=worker, assignment=unit, unit=unit)
            row = replace(row, catch=frozenset(catch))
            if worker == "zoe":
                row = replace(row, catch_kept=frozenset(catch[:kept]), **changes)
            rows.append(row)
    return rows


@pytest.mark.parametrize(
    ("careless", "why"),
    [
        ({"kept": 1}, []),
        ({"kept": 2}, ["marked 3 of 9 catch images at first submit"]),
        ({"repeat_marked": 1}, []),
        ({"repeat_marked": 2}, ["marked 6 of 9 repeats of the best images"]),
        ({"concept": "?!"}, ["got 0 of 3 control units right"]),
        ({"seconds": 34.0}, []),
        ({"seconds": 33.0}, ["3 of 3 answers took under a third of the median time"]),
        ({"trace": HARDLY_SEEN}, ["3 of 3 answers with pictures hardly in view"]),
        ({"mark_count": 60, "fitting": 0, "group": 6}, []),
    ],
)
def test_a_worker_is_flagged_by_rules_that_know_neither_concept_nor_precision(careless, why):
    flags = {
        worker: flag_reasons(each)
        for worker, each in worker_qualities(with_zoe(**careless)).items()
    }

    assert flags.pop("zoe") == why
    assert not any(flags.values())


def test_nobody_is_flagged_on_two_answers():
    rows = [row for row in with_zoe(kept=3, seconds=1.0) if row.worker != "zoe" or row.unit > 91]

    assert flag_reasons(worker_qualities(rows)["zoe"]) == []


@st.composite
def answers(draw):
    pairs = draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 4)), unique=True))
    return [
        replace(
            CAREFUL,
            assignment=n,
            worker=f"w{worker}",
            unit=unit,
            group=draw(st.sampled_from([None, 1, 2])),
            is_counted=draw(st.booleans()),
        )
        for n, (worker, unit) in enumerate(pairs)
    ]


@whatever(answers())
def test_agreement_is_the_mean_share_of_other_workers_who_choose_the_same_group(rows):
    for worker, quality in worker_qualities(rows).items():
        shares = []
        for own in (row for row in rows if row.worker == worker):
            others = [r for r in rows if r.unit == own.unit and r != own and r.is_counted]
            if others:
                shares.append(sum(other.group == own.group for other in others) / len(others))

        slowly = sum(shares) / len(shares) if shares else None
        assert quality.agreement == (slowly if slowly is None else pytest.approx(slowly))


def answer(worker, unit, marked=(), says="concept", concept="wheel", seconds=100, seen=None):
    hit = unit.hit
    assignment = leases.accept(worker, hit)
    earlier = assignment.accepted_at - timedelta(seconds=seconds)
    Assignment.objects.filter(pk=assignment.pk).update(accepted_at=earlier)
    if seen is not None:
        trace = {"active_seconds": 7.5, "paste_count": 1, "focus_lost_count": 0}
        trace |= {"seen_ms": seen, "mark_order": [], "views": ["whole"]}
        traces.save(assignment, trace)
    submit(
        assignment, AnswerForm(concept, None if says == "nothing" else 4, frozenset(marked), says)
    )
    Assignment.objects.filter(pk=assignment.pk).update(
        accepted_at=F("submitted_at") - timedelta(seconds=seconds)
    )
    return assignment


@pytest.fixture
def study(db):
    """Three units, of which each HIT shows four top images, and catch images in slots 4 and 5."""
    return published_study(layers=(("net", "conv", 3),))


def units(study):
    return list(Unit.objects.filter(layer__network__study=study).prefetch_related("hits"))


def test_rows_hold_what_was_asked_marked_and_told(study):
    first, second, third = units(study)
    ana, ben = workers(study, "ana", "ben")
    KnownAnswer.objects.create(unit=second, concepts=["wheel"], group=4, for_control=True)
    KnownAnswer.objects.create(unit=first, concepts=["car"], group=5, for_training=True)
    one = answer(ana, first, marked=[0, 4], seen={"0": 900, "5": 20})
    two = answer(ana, second, says="nothing", seconds=30)
    hiding = leases.accept(ben, first.hit)
    pictures.hide(hiding, 4)
    submit(hiding, AnswerForm("car", 5, frozenset({5})))

    rows = {row.assignment: row for row in quality_rows(study)}
    slots = dict(Exemplar.objects.filter(unit=first).values_list("slot", "pk"))

    assert rows[one.pk].catch == {slots[4], slots[5]}
    assert rows[one.pk].catch_kept == {slots[5]}
    assert (rows[hiding.pk].judged, rows[hiding.pk].hidden) == (5, 1)
    assert (rows[one.pk].shown, rows[one.pk].fitting, rows[one.pk].judged) == (4, 3, 6)
    assert (rows[one.pk].mark_count, rows[one.pk].seconds) == (2, 7.5)
    assert rows[one.pk].trace == WorkTrace(7.5, 1, 0, {"0": 900, "5": 20}, ("whole",))
    assert rows[one.pk].known is None
    assert (rows[two.pk].catch, rows[two.pk].seconds) == (frozenset(), 30)
    assert rows[two.pk].known.concepts == ["wheel"]
    assert (rows[two.pk].is_right, rows[one.pk].is_right) == (False, None)
    assert (rows[hiding.pk].catch, rows[hiding.pk].catch_kept) == ({slots[5]}, frozenset())


def test_what_was_marked_at_first_submit_is_judged_not_what_a_refusal_brought_out(db):
    from annotator.crowd.errors import AnswerRefused

    study = published_study(catch_policy="block")
    (unit,), (ana,) = units(study), workers(study, "ana")
    assignment = leases.accept(ana, unit.hit)
    with pytest.raises(AnswerRefused):
        submit(assignment, AnswerForm("wheel", 4, frozenset({4})))
    submit(assignment, AnswerForm("wheel", 4, frozenset({4, 5})))

    assert worker_qualities(quality_rows(study))["ana"].catch == Share(1, 2)


def test_random_images_score_nobody(study):
    (first, *_), (ana,) = units(study), workers(study, "ana")
    Network.objects.update(condition=Network.Condition.RANDOM_IMAGES)
    answer(ana, first)

    (row,) = quality_rows(study)
    assert not row.scores
    assert worker_qualities([row])["ana"].catch == Share(0, 0)


@pytest.mark.parametrize("kind", [Worker.Kind.SIMULATED, Worker.Kind.IMPORTED])
def test_where_nobody_sat_there_is_no_time(study, kind):
    (first, *_), (robot,) = units(study), workers(study, "robot", kind=kind)
    answer(robot, first)

    assert quality_rows(study)[0].seconds is None


def test_a_study_says_whom_a_rule_flags(study):
    ana, ben, cleo, zoe = workers(study, "ana", "ben", "cleo", "zoe")
    for unit in units(study):
        for careful in (ana, ben):
            answer(careful, unit, marked=[4, 5])
    for unit in units(study):
        answer(zoe, unit, marked=[])

    assert flagged_workers(study) == {"zoe": ["marked 0 of 6 catch images at first submit"]}


def test_all_of_a_study_takes_three_queries(study, django_assert_num_queries):
    for worker in workers(study, "ana", "ben"):
        for unit in units(study):
            answer(worker, unit)

    with django_assert_num_queries(3):
        rows = quality_rows(study)
    first = units(study)[0].pk
    assert quality_rows(study, units=[first]) == [row for row in rows if row.unit == first]
