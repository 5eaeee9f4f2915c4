"""Bonuses are given once, exclusions say why: by a person, each written down."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from annotator.crowd.audit import COMMAND
from annotator.crowd.errors import BonusError, ReasonMissing, ReviewError
from annotator.crowd.review import bonuses, decisions
from annotator.models import LedgerEntry, Worker
from tests.crowd.reviewing import answered, audit, now
from tests.crowd.studies import published_study, workers

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


@pytest.fixture
def ana():
    return workers(published_study(places=2), "ana")[0]


def test_a_bonus_is_given_once_a_token(ana):
    answer = answered(ana)
    first, is_new = bonuses.give_bonus(ana, 50, "Ten HITs", COMMAND, "ten", answer)
    again, is_new_again = bonuses.give_bonus(ana, 50, "Ten HITs", COMMAND, "ten", answer)
    other, _ = bonuses.give_bonus(ana, 50, "Ten HITs", COMMAND, "twenty")

    assert (first, is_new, is_new_again) == (again, True, False)
    assert other != first
    assert [row[1] for row in audit()] == ["bonus", "bonus"]


def test_without_a_token_the_same_bonus_is_given_once(ana):
    bonuses.give_bonus(ana, 50, "Ten HITs", COMMAND)
    bonuses.give_bonus(ana, 50, "Ten  HITs", COMMAND)
    bonuses.give_bonus(ana, 50, "Twenty HITs", COMMAND)

    assert LedgerEntry.objects.filter(kind="bonus").count() == 2


@pytest.mark.parametrize(
    ("cents", "reason", "token"),
    [(0, "Good", "t"), (-5, "Good", "t"), (5, " ", "t"), (7, "x", "t"), (5, "x", "t" * 65)],
)
def test_what_is_no_bonus_or_another_one_is_refused(ana, cents, reason, token):
    bonuses.give_bonus(ana, 50, "Ten HITs", COMMAND, "t")

    with pytest.raises(ReviewError):
        bonuses.give_bonus(ana, cents, reason, COMMAND, token)

    assert LedgerEntry.objects.get().cents == 50


@pytest.mark.parametrize("kind", [Worker.Kind.SIMULATED, Worker.Kind.IMPORTED])
def test_only_people_get_a_bonus(ana, kind):
    (robot,) = workers(ana.study, "robot", kind=kind)

    with pytest.raises(BonusError, match="only people are paid"):
        bonuses.give_bonus(robot, 5, "Good", COMMAND)


def test_a_bonus_is_in_the_audit_log_in_words(ana):
    bonuses.give_bonus(ana, 50, "Ten HITs", COMMAND)

    assert audit() == [("command", "bonus", {"words": "$0.50 to worker ana: Ten HITs"})]


def test_a_bonus_is_not_given_for_anothers_answer(ana):
    (ben,) = workers(ana.study, "ben")

    with pytest.raises(BonusError, match="not worker ben's"):
        bonuses.give_bonus(ben, 5, "Good", COMMAND, assignment=answered(ana))


def test_an_exclusion_says_why_and_is_taken_back_with_a_row_each(ana):
    assert decisions.exclude(ana, "catch images", COMMAND)
    at = now(ana).excluded_at
    assert not decisions.exclude(ana, "catch images", COMMAND)
    assert decisions.exclude(ana, "catch images, twice", COMMAND)
    assert (now(ana).excluded_why, ana.excluded_at) == ("catch images, twice", at)
    assert decisions.include(ana, COMMAND)
    assert not decisions.include(ana, COMMAND)

    assert (now(ana).excluded_at, ana.excluded_why) == (None, "")
    assert [(action, detail["excluded_why"]) for _, action, detail in audit()] == [
        ("exclude", [None, "catch images"]),
        ("exclude", ["catch images", "catch images, twice"]),
        ("include", ["catch images, twice", None]),
    ]
    with pytest.raises(ReasonMissing):
        decisions.exclude(ana, " ", COMMAND)


def test_the_bonus_command_pays_once_however_often_it_is_run(ana):
    messages = []
    for _ in range(2):
        out = StringIO()
        call_command(
            "bonus", "rooms", "ana", "--amount=0.50", "--reason=Ten HITs", "--yes", stderr=out
        )
        messages.append(out.getvalue().strip())

    assert messages == [
        "Gave worker ana a bonus of $0.50.",
        "Had already given worker ana a bonus of $0.50.",
    ]
    with pytest.raises(CommandError, match="no worker 'ben'"):
        call_command("bonus", "rooms", "ben", "--amount=0.50", "--reason=Ten HITs", "--yes")


def test_the_command_asks_before_it_gives_money(ana):
    with pytest.raises(CommandError, match=r"Give 1 worker \$0.50\? There is no terminal"):
        call_command("bonus", "rooms", "ana", "--amount=0.50", "--reason=Ten HITs")

    assert not LedgerEntry.objects.exists()


@pytest.mark.parametrize(
    ("count", "cents", "sentence"),
    [
        (1, 50, "Give 1 worker $0.50?"),
        (5, 100, "Give 5 workers $1.00 each, $5.00 in all?"),
        (2, 123_456, "Give 2 workers $1,234.56 each, $2,469.12 in all?"),
    ],
)
def test_the_question_says_how_many_get_what_and_what_it_costs(count, cents, sentence):
    assert bonuses.question(count, cents) == sentence


def test_several_get_a_bonus_all_or_none_and_once(ana):
    ben, robot = workers(ana.study, "ben")[0], workers(ana.study, "r", kind="simulated")[0]
    with pytest.raises(BonusError):
        bonuses.give_bonuses([ana, ben, robot], 100, "Care", COMMAND, "t")
    assert not LedgerEntry.objects.exists()

    assert [bonuses.give_bonuses([ana, ben], 100, "Care", COMMAND, "t") for _ in "12"] == [2, 0]
    assert audit()[-1][2] == {"words": "2 workers $1.00 each, $2.00 in all: Care"}
