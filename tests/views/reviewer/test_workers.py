"""The reviewers' pages about workers: progress, quality, exclusion and bonuses."""

import re

import pytest

from annotator.crowd.scheduling import leases
from annotator.models import (
    KnownAnswer,
    LedgerEntry,
    Unit,
    Worker,
)
from tests.crowd.studies import add_verification, workers
from tests.views.reviewer.reviewed import WORKERS, answer, text

pytestmark = pytest.mark.django_db


def test_workers_are_listed_with_their_progress_and_quality(client, study, answers):
    (ben,) = workers(study, "ben")
    leases.give_back(leases.accept(ben, answers[0].hit), "too hard")

    page = text(client.get(WORKERS))

    assert "0 of&nbsp;6" in page
    assert "marked 0 of 6 catch images at first submit" in page
    assert page.index(">ana<") < page.index(">zoe<") < page.index(">ben<")
    assert "“<bdi>too hard</bdi>”" in text(client.get(WORKERS + "ben/"))


def test_a_workers_page_lists_their_assignments(client, study):
    (ben,) = workers(study, "ben")
    _first, second, third = Unit.objects.order_by("number")
    KnownAnswer.objects.create(unit=third, concepts=["wheel"], for_qualification=True)
    answer(ben, third, "cat")
    Worker.objects.update(qualification_score=0)
    leases.accept(ben, add_verification(study))  # of the first unit
    leases.accept(ben, second.hit)

    page = text(client.get(WORKERS + "ben/"))
    states = re.findall(r'class="state[^>]*>(\w+)<', page)

    assert states == ["accepted", "accepted", "verification", "waiting", "qualification"]
    assert "not qualified" in text(client.get(WORKERS))


def test_where_workers_are_excluded_neither_concept_nor_precision_shows(client, answers):
    for path in (WORKERS, WORKERS + "zoe/", WORKERS + "ana/"):
        page = text(client.get(path))
        assert "wheel" not in page
        assert "thing 0" not in page
        assert "3 of 4" not in page


def test_a_worker_is_excluded_and_included_and_gets_a_bonus_once(client, answers):
    url, zoe = WORKERS + "zoe/", Worker.objects.get(key="zoe")

    client.post(url, {"exclude": "yes", "why": ""})
    assert not Worker.objects.filter(excluded_at__isnull=False).exists()
    client.post(url, {"exclude": "yes", "why": "catch images"})
    assert Worker.objects.get(excluded_at__isnull=False) == zoe
    assert "Excluded from results" in text(client.get(url))
    client.post(url, {"include": "yes"})
    assert not Worker.objects.filter(excluded_at__isnull=False).exists()
    sent, bonus = {"worker": "zoe", "bonus": "0.50", "why": "Thanks"}, "/studies/rooms/bonus/"
    assert "Give 1 worker $0.50?" in text(client.post(bonus, sent))
    assert not LedgerEntry.objects.filter(kind="bonus").exists()
    for _ in range(2):
        client.post(bonus, sent | {"confirmed": "yes", "token": "a"})
    assert "such as 0.80" in text(client.post(bonus, sent | {"bonus": "x"}, follow=True))

    assert LedgerEntry.objects.get(kind="bonus").cents == 50
    assert "$0.50: <bdi>Thanks</bdi>" in text(client.get(url))


def test_worker_keys_can_contain_slashes(client, study):
    workers(study, "simulated 0/1", kind=Worker.Kind.SIMULATED)

    page = text(client.get(WORKERS + "simulated 0/1/"))

    assert "Simulated workers: no person answered this study." in page


def test_several_workers_get_a_bonus_after_a_question(client, answers):
    sent = {"worker": ["ana", "zoe"], "bonus": "1", "why": "Thanks"}

    page = text(client.post("/studies/rooms/bonus/", sent))
    assert "Give 2 workers $1.00 each, $2.00 in all?" in page
    client.post("/studies/rooms/bonus/", sent | {"confirmed": "yes", "token": "t"})

    assert LedgerEntry.objects.filter(kind="bonus").count() == 2


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"worker": []}, "Select at least one worker"),
        ({"worker": ["nobody"]}, "Select at least one worker"),
        ({"bonus": "0"}, "at least a cent"),
        ({"why": " "}, "needs a reason"),
    ],
)
def test_a_bonus_that_cannot_be_is_refused_before_the_question(client, answers, sent, sentence):
    chosen = {"worker": ["ana"], "bonus": "1", "why": "Thanks"} | sent

    assert sentence in text(client.post("/studies/rooms/bonus/", chosen, follow=True))
    assert not LedgerEntry.objects.filter(kind="bonus").exists()


def test_agreement_is_hidden_until_the_planned_answers_are_in(client, study, answers):
    pages = [text(client.get(path)) for path in (WORKERS, f"{WORKERS}ana/")]
    assert all("hidden until the planned answers are in" in page for page in pages)

    client.post("/studies/rooms/look/", {"what": "agreement"})

    pages = [text(client.get(path)) for path in (WORKERS, f"{WORKERS}ana/")]
    assert not any("hidden until the planned answers are in" in page for page in pages)


def test_a_bonus_is_offered_only_where_there_are_people(client, study, answers):
    title = "Give the selected workers a bonus"

    assert title in text(client.get(WORKERS))
    Worker.objects.update(kind=Worker.Kind.SIMULATED)
    assert title not in text(client.get(WORKERS))
