"""Who answered: no count shows fewer than five people, and pay is what an hour of work earned."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotator.models import Assignment, ClosingAnswer, KnownAnswer, Trace, WorkerDetails
from annotator.pay.ledger import Kind, owe
from annotator.results.loading.data_fingerprint import data_fingerprint
from annotator.results.loading.people import (
    MIN_PEOPLE,
    NOT_KNOWN,
    OTHER,
    ClosingCounts,
    Pay,
    combined_counts,
    load_people,
    pay_of,
    pseudonym,
)
from annotator.results.output.snapshots.lifecycle import take
from annotator.results.output.snapshots.stored_reports import report_data_in
from tests.results.studies import answered_study, get_unit, store_answer

pytestmark = pytest.mark.both_databases
COUNTRIES = st.sampled_from(["Peru", "France", "Ghana", "Chile", "Other", ""])
NAMES = [f"w{number}" for number in range(6)]


@pytest.fixture
def study(db):
    """Six people have answered one unit."""
    study = answered_study()
    study.workers.filter(key__in=["ada", "ben", "cleo"]).update(kind="imported")
    for name in NAMES:
        store_answer(study, get_unit(study), name)
    return study


def details(study, **columns):
    """Details of the study's people: a list of values for each column."""
    for column, values in columns.items():
        for name, value in zip(NAMES, values, strict=False):
            worker = study.workers.get(key=name)
            WorkerDetails.objects.update_or_create(worker=worker, defaults={column: value})


@given(st.lists(COUNTRIES, max_size=60), st.booleans())
def test_no_number_is_of_fewer_than_five_people(values, by_value):
    counts = combined_counts(values, by_value)

    assert all(n >= MIN_PEOPLE for _, n in counts)
    # A cell that is shown by name is exact.
    exact = Counter(value or NOT_KNOWN for value in values)
    assert all(n == exact[value] for value, n in counts if value != OTHER)


@given(st.lists(COUNTRIES, max_size=60))
def test_nobody_is_left_alone_by_subtracting_what_is_shown(values):
    """Who knows how many people have a value, and subtracts the named cells, is left with many."""
    counts = dict(combined_counts(values))
    known = len([value for value in values if value])
    hidden = known - sum(n for value, n in counts.items() if value not in (OTHER, NOT_KNOWN))

    assert counts.get(OTHER, 0) == (hidden if counts else 0)
    assert not counts or hidden == 0 or hidden >= MIN_PEOPLE


def test_a_cell_joins_the_others_where_these_are_too_few():
    assert combined_counts(["Peru"] * 9 + ["France"] * 5 + ["Ghana"]) == (("Peru", 9), (OTHER, 6))
    assert combined_counts(["Peru"] * 5 + ["Ghana"]) == ((OTHER, 6),)


def test_bands_of_age_stand_in_order_and_those_not_known_last():
    ages = ["35-44"] * 8 + ["18-24"] * 5 + [""] * 6

    assert combined_counts(ages, by_value=True) == (("18-24", 5), ("35-44", 8), (NOT_KNOWN, 6))


@pytest.mark.parametrize("values", [["Peru"] * 4, [""] * 9, []])
def test_four_people_or_no_details_are_not_shown_at_all(values):
    assert combined_counts(values) == ()


def test_details_are_counted_over_people_who_answered(study):
    details(study, country=["Peru"] * 5 + ["Chile"], device=["phone"] * 5)
    WorkerDetails.objects.create(
        worker=study.workers.create(key="idle", kind="person"), country="Ghana"
    )

    people = load_people(study)

    assert people.count == 6
    assert people.details == {"country": ((OTHER, 6),), "device": (("phone", 5),)}


@pytest.mark.parametrize("kind", ["simulated", "imported"])
def test_simulated_and_imported_workers_are_nobody(db, kind):
    people = load_people(answered_study(kind=kind))

    assert (people.count, people.details, people.pay) == (0, {}, None)


def test_who_practised_only_did_not_answer(study):
    unit = get_unit(study, number=1)
    KnownAnswer.objects.create(unit=unit, concepts=["wheel"], for_training=True)
    store_answer(study, unit, "novice")

    assert load_people(study).count == 6


def worked(study, name, seconds, status="submitted"):
    """The only assignment of a worker takes some seconds, and pays 80 cents if it is paid."""
    assignment = Assignment.objects.get(worker__key=name, worker__study=study)
    assignment.submitted_at = assignment.accepted_at + timedelta(hours=5)
    assignment.status = status
    assignment.save()
    Trace.objects.create(assignment=assignment, active_seconds=seconds)
    if status in Assignment.PAID:
        owe(assignment.worker, Kind.REWARD, 80, f"reward {assignment.key}", "a set")


def test_pay_is_what_the_ledger_has_over_the_time_worked(study):
    for name in NAMES[:4]:
        worked(study, name, 240)  # 80 cents in 4 minutes: $12 an hour
    worked(study, "w4", 240, status="rejected")  # nothing
    worked(study, "w5", 480)  # $6, and $6 more by a bonus
    owe(study.workers.get(key="w5"), Kind.BONUS, 80, "bonus t", "care")

    # 5 % of the way from the least to the next: 0.25 of five steps.
    assert load_people(study).pay == Pay(low=300, median=1200, high=1200, people=6)


def test_pay_of_fewer_than_five_people_is_not_shown():
    assert pay_of([900.0] * 4) is None
    assert pay_of([900.0] * 5) == Pay(900, 900, 900, 5)


def test_every_answer_to_the_closing_question_is_counted(study):
    for name, used_ai in zip(NAMES, [True, False, False, None], strict=False):
        ClosingAnswer.objects.create(worker=study.workers.get(key=name), used_ai=used_ai)

    assert load_people(study).closing == ClosingCounts(yes=1, no=2, not_said=1, not_answered=2)


@pytest.mark.parametrize(
    "change",
    [
        lambda study: details(study, country=["Peru"]),
        lambda study: worked(study, "w0", 60),
        lambda study: ClosingAnswer.objects.create(worker=study.workers.last(), used_ai=True),
        lambda study: owe(study.workers.last(), Kind.BONUS, 5, "bonus t", "care"),
    ],
    ids=["details", "time", "closing answer", "bonus"],
)
def test_a_report_is_out_of_date_when_who_answered_changes(study, change):
    before = data_fingerprint(study)

    change(study)

    assert data_fingerprint(study) != before


def test_no_details_of_one_person_are_in_what_a_report_is_made_of(study):
    details(study, country=["Peru"] * 5 + ["Liechtenstein"], language=["Romansh"])

    assert b"Liechtenstein" not in report_data_in(take(study))
    assert b"Romansh" not in report_data_in(take(study))


def test_a_pseudonym_is_the_same_in_one_study_and_another_in_the_next():
    assert pseudonym("key", "ada") == pseudonym("key", "ada")
    assert len({pseudonym("key", "ada"), pseudonym("key", "ben"), pseudonym("other", "ada")}) == 3
