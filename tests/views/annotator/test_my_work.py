"""What annotators read about their own work, and what they cannot open."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.utils.timezone import now

from annotator.crowd.answers import pictures
from annotator.crowd.answers.submission import submit
from annotator.crowd.answers.validation import AnswerForm
from annotator.crowd.audit import COMMAND
from annotator.crowd.review.bonuses import give_bonus
from annotator.crowd.review.decisions import approve, reject, soft_reject
from annotator.crowd.scheduling import leases
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import Assignment, KnownAnswer, Trace, Unit, Worker
from annotator.pay.earnings import earnings_of
from annotator.pay.rewards import planned_reward
from annotator.pay.work_time import MIN_PILOT_ANSWERS, measured_minutes
from tests.crowd.studies import published_study, workers

pytestmark = pytest.mark.django_db

SKY = AnswerForm(concept="sky", group=3, marked=frozenset())


@pytest.fixture
def study():
    return published_study(layers=(("n", "l", 8),), worker_share=1)


@pytest.fixture
def ana(study):
    return workers(study, "ana")[0]


def answered(worker, minutes, active_minutes=0):
    """An answer that took this many minutes from accepting to submitting."""
    assignment = take_next(worker)
    submit(assignment, SKY)
    end = now()
    start = end - timedelta(minutes=minutes)
    Assignment.objects.filter(pk=assignment.pk).update(accepted_at=start, submitted_at=end)
    if active_minutes:
        Trace.objects.create(assignment=assignment, active_seconds=60 * active_minutes)
    assignment.refresh_from_db()
    return assignment


def sign_in(client, worker):
    session = client.session
    session["worker"] = worker.pk
    session.save()
    return client


def test_what_is_submitted_is_earned_unless_it_is_rejected(ana):
    approve(answered(ana, 4), COMMAND, feedback="Well seen.")
    soft_reject(answered(ana, 4), COMMAND)
    reject(answered(ana, 4), COMMAND, feedback="Every picture is marked.")
    answered(ana, 4)
    leases.give_back(take_next(ana))
    give_bonus(ana, 50, "care", COMMAND)

    earned = earnings_of(ana)

    assert (earned.done, earned.accepted, earned.waiting, earned.rejected) == (4, 2, 1, 1)
    assert earned.returned == 1
    assert (earned.owed_cents, earned.bonus_cents, earned.total_cents) == (290, 50, 290)
    assert sorted(row.cents for row in earned.sets) == [0, 0, 80, 80, 80]
    assert {one.text for one in earned.feedback} == {"Well seen.", "Every picture is marked."}


def test_an_hours_pay_is_the_median_by_time_in_use_where_it_is_known(ana):
    answered(ana, 60, active_minutes=2)
    answered(ana, 4)
    answered(ana, 60, active_minutes=8)

    assert earnings_of(ana).hourly_cents == 80 * 60 / 4


def test_the_page_says_it_and_nothing_of_the_study(client, ana):
    approve(answered(ana, 4), COMMAND, feedback="Well seen.")
    give_bonus(ana, 50, "For exact names.", COMMAND)

    page = sign_in(client, ana).get("/work/").content.decode()

    assert "$1.30" in page
    assert "$0.50 of it is from bonuses" in page
    assert "For exact names." in page
    assert "$12.00" in page
    assert "Well seen." in page
    assert "rooms" not in page


def test_a_reward_rests_on_the_measured_median_as_soon_as_there_is_a_pilot(study, ana):
    (robot,) = workers(published_study("streets"), "robot", kind=Worker.Kind.SIMULATED)
    answered(robot, 1)
    for _ in range(MIN_PILOT_ANSWERS - 1):
        answered(ana, 6)
    assert planned_reward(study)[0] == 80  # 4 minutes assumed at 12.00 an hour
    answered(ana, 9)

    assert measured_minutes(study) == 6
    assert planned_reward(study) == (120, " (6.0 minutes measured at $12.00 an hour)")
    assert measured_minutes(robot.study) is None


def test_feedback_on_what_is_known_is_for_training_alone(client, study, ana):
    for unit, use in zip(Unit.objects.all(), ("for_training", "for_control"), strict=False):
        KnownAnswer.objects.create(unit=unit, concepts=["zebra"], group=5, **{use: True})
    sign_in(client, ana)
    training, *others = [answered(ana, 1) for _ in range(4)]

    assert "zebra" in client.get(f"/hits/{training.key}/feedback/").content.decode()
    assert any(hasattr(one.unit, "known") for one in others)
    for one in others:
        assert client.get(f"/hits/{one.key}/feedback/").status_code == 404


def test_feedback_counts_every_picture_that_was_to_be_judged(client, study, ana):
    unit = Unit.objects.first()
    KnownAnswer.objects.create(unit=unit, concepts=["zebra"], for_training=True)
    unit.exemplars.filter(rank=4).update(role="repeat", rank=None)
    assignment = take_next(ana)
    pictures.hide(assignment, 0)
    submit(assignment, AnswerForm("horse", 5, frozenset({1, 4})))

    page = sign_in(client, ana).get(f"/hits/{assignment.key}/feedback/").content.decode()

    assert "You marked 2 of 5 pictures." in page


def test_an_account_finds_all_its_studies_and_nobody_elses(client, study, ana):
    user = User.objects.create_user("ana", password="a horse, correct")
    far = workers(published_study("streets"), "ana there")[0]
    ben = workers(study, "ben")[0]
    Worker.objects.filter(pk__in=[ana.pk, far.pk]).update(user=user)
    credentials = {"username": "ana", "password": "a horse, correct"}

    assert client.post("/sign-in/", credentials).url == "/hits/"
    assert client.session["worker"] == far.pk
    assert f"/work/{ana.pk}/" in client.get("/work/").content.decode()
    client.post(f"/work/{ana.pk}/")
    assert client.session["worker"] == ana.pk
    assert client.post(f"/work/{ben.pk}/").status_code == 404
    client.post("/sign-out/")
    assert client.get("/hits/").status_code == 403


def test_the_password_is_changed_by_who_knows_it(client):
    user = User.objects.create_user("ana", password="a horse, correct")
    client.force_login(user)
    new = {"new_password1": "another, correct", "new_password2": "another, correct"}

    assert client.post("/password/", new | {"old_password": "wrong"}).status_code == 200
    assert client.post("/password/", new | {"old_password": "a horse, correct"}).url == "/"
    user.refresh_from_db()
    assert user.check_password("another, correct")


@pytest.mark.parametrize(("path", "most"), [("/hits/", 12), ("/work/", 12), ("hit", 12)])
def test_a_page_takes_at_most_twelve_queries(
    client, study, ana, django_assert_max_num_queries, path, most
):
    for unit, use in zip(Unit.objects.all(), ("for_training", "for_control"), strict=False):
        KnownAnswer.objects.create(unit=unit, concepts=["zebra"], group=5, **{use: True})
    sign_in(client, ana)
    path = f"/hits/{take_next(ana).key}/" if path == "hit" else path

    with django_assert_max_num_queries(most):
        assert client.get(path).status_code == 200
