"""Market sessions: a bundle of sets, how it ends, and what its code is."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from annotator.crowd.access import attention_checks, market_entry, sessions
from annotator.crowd.access.market_links import outcome_counts
from annotator.crowd.errors import CheckDue, SessionEnded
from annotator.crowd.scheduling import scheduler
from annotator.models import Assignment, AttentionCheck, MarketSession, Outcome
from tests.crowd.markets import participant_of, prolific_link
from tests.crowd.studies import published_study, workers

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return published_study(layers=(("squeezenet", "conv10", 12),), worker_share=1)


def answer_next(worker):
    """Take the next HIT and submit it, as far as sessions look."""
    assignment = scheduler.take_next(worker)
    Assignment.objects.filter(pk=assignment.pk).update(status="submitted", submitted_at=now())


def session_of(participant):
    return MarketSession.objects.get(participant=participant)


@pytest.mark.parametrize(
    ("minutes", "session_minutes", "sets"),
    [(None, 20, 5), (None, 15, 4), (2.0, 30, 15), (7.4, 15, 2), (45.0, 20, 1), (0.001, 20, 100)],
)
def test_a_session_is_filled_with_sets_by_their_measured_minutes(
    study, monkeypatch, minutes, session_minutes, sets
):
    monkeypatch.setattr(sessions, "measured_minutes", lambda study: minutes)

    assert sessions.planned_sets(study, session_minutes) == sets


def test_after_the_last_set_of_a_session_it_is_completed_and_no_other_comes(study):
    ana = participant_of(prolific_link(study), sets=2).worker
    for _ in range(2):
        answer_next(ana)

    for _ in range(2):
        with pytest.raises(SessionEnded):
            scheduler.take_next(ana)

    assert sessions.current_session(ana).outcome == Outcome.COMPLETED
    assert ana.assignments.count() == 2


def test_a_session_for_which_no_set_is_left_is_completed():
    ana = participant_of(prolific_link(published_study(worker_share=1)), sets=5).worker
    answer_next(ana)

    with pytest.raises(SessionEnded):
        scheduler.take_next(ana)

    assert sessions.current_session(ana).outcome == Outcome.COMPLETED


def test_who_fails_the_qualification_is_screened_out(study):
    ana = participant_of(prolific_link(study)).worker
    ana.qualification_score = 0.2
    ana.save()

    with pytest.raises(SessionEnded):
        sessions.end_without_sets(ana, sessions.current_session(ana))

    assert sessions.current_session(ana).outcome == Outcome.SCREENED_OUT


def test_the_first_outcome_stays(study):
    session = session_of(participant_of(prolific_link(study)))

    ended = sessions.end_session(session, Outcome.STOPPED)
    again = sessions.end_session(ended, Outcome.COMPLETED)

    assert (again.outcome, again.ended_at) == (Outcome.STOPPED, ended.ended_at)


def test_a_session_ends_when_its_time_is_over(study):
    participant = participant_of(prolific_link(study, max_minutes=60))
    MarketSession.objects.update(started_at=now() - timedelta(minutes=61))

    assert sessions.current_session(participant.worker).outcome == Outcome.TIMED_OUT


def test_sessions_whose_time_is_over_end_by_themselves_and_no_others(study):
    link = prolific_link(study, max_minutes=60)
    late, early = participant_of(link), participant_of(link, "ab" * 12, "ben")
    minutes_ago = now() - timedelta(minutes=61)
    MarketSession.objects.filter(participant=late).update(started_at=minutes_ago)

    assert [sessions.expire_sessions(study), sessions.expire_sessions(study)] == [1, 0]
    assert session_of(late).outcome == Outcome.TIMED_OUT
    assert session_of(early).outcome == ""


def test_another_submission_begins_another_session_and_stops_an_open_one(study):
    participant = participant_of(prolific_link(study))

    new = sessions.start_session(participant, participant.link, "another")
    same = sessions.start_session(participant, participant.link, "another")

    assert new == same == sessions.current_session(participant.worker)
    assert participant.sessions.get(number=f"s{participant.number}").outcome == Outcome.STOPPED


def test_a_session_keeps_the_link_by_which_it_began(study):
    """A person who did a pilot at the market comes back by the link of the main study."""
    pilot = prolific_link(study, max_minutes=60, return_url="https://m.test/pilot?cc={code}")
    main = prolific_link(study, max_minutes=90, return_url="https://m.test/main?cc={code}")
    participant = participant_of(pilot)
    sessions.end_session(session_of(participant), Outcome.COMPLETED)

    arrival = market_entry.Arrival(participant.number, "second")
    second = market_entry.enter(main, arrival, agreed_to=None)
    first = participant.sessions.get(number=f"s{participant.number}")

    assert [sessions.entry_link(each) for each in (first, second)] == [pilot, main]
    assert sessions.completion(first)[1] == "https://m.test/pilot?cc=CODE-COMPLETED"
    assert [outcome_counts(link) for link in (pilot, main)] == [{"completed": 1}, {"": 1}]


@pytest.mark.parametrize(
    ("return_url", "outcome", "expected"),
    [
        ("https://m.test/?cc={code}", "completed", "https://m.test/?cc=CODE-COMPLETED"),
        ("https://m.test/?cc={code}", "stopped", "https://m.test/?cc=CODE-STOPPED"),
        ("https://m.test/done", "completed", "https://m.test/done"),
        ("https://m.test/done", "timed out", ""),
        ("", "completed", ""),
    ],
)
def test_each_outcome_has_its_code_and_leads_back(study, return_url, outcome, expected):
    session = session_of(participant_of(prolific_link(study, return_url=return_url)))
    ended = sessions.end_session(session, outcome)

    code = f"CODE-{outcome.upper().replace(' ', '-')}"
    assert sessions.completion(ended) == (code, expected)


@pytest.mark.parametrize(
    ("set_count", "places"), [(1, [0, 0]), (2, [0, 1]), (3, [1, 2]), (5, [1, 3]), (9, [3, 6])]
)
def test_checks_come_after_a_third_and_two_thirds_of_the_sets(study, set_count, places):
    link = prolific_link(study, has_attention_checks=True)
    session = session_of(participant_of(link, sets=set_count))
    due_after = []
    for done in range(set_count):
        while number := attention_checks.due_check(session, done):
            due_after.append(done)
            AttentionCheck.objects.create(session=session, number=number, asked=1, chosen=1)

    assert due_after == places


def test_a_check_comes_before_the_next_set_only_where_the_link_has_checks(study):
    ana = participant_of(prolific_link(study, has_attention_checks=True), sets=3).worker
    ben = participant_of(prolific_link(study), "ab" * 12, "ben", sets=3).worker
    answer_next(ana)
    answer_next(ben)

    with pytest.raises(CheckDue):
        scheduler.take_next(ana)
    assert scheduler.take_next(ben)


def test_people_whom_no_market_sent_have_no_session(study):
    (cleo,) = workers(study, "cleo")

    assert sessions.current_session(cleo) is None
    assert scheduler.take_next(cleo)
