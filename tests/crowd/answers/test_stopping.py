"""Stopping pays for what was begun, once, and opens the debriefing."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import F

from annotator.crowd.access.consent import agree
from annotator.crowd.access.invitations import enter, invite
from annotator.crowd.answers.drafts import save
from annotator.crowd.answers.stopping import stop, summary
from annotator.crowd.answers.submission import submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.scheduling.scheduler import take_next
from annotator.models import Assignment, KnownAnswer, LedgerEntry, Network, Unit
from annotator.pay.begun_sets import PART_SECONDS
from tests.crowd.answers.test_submission import form
from tests.crowd.consents import POSTED, agreed, with_consent
from tests.crowd.markets import participant_of, prolific_link
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db
DRAFT = {
    "concept": "", "group": None, "says": "concept", "marked": [1], "view": "whole", "views": [],
}  # fmt: skip
LAYERS = (("squeezenet", "conv10", 4),)


@pytest.fixture
def study():
    return with_consent(published_study(layers=LAYERS, worker_share=1))


@pytest.fixture
def ana(study):
    return enter(invite(study, COMMAND).token, agreed())


def begun(worker, seconds, entered=DRAFT):
    """An open assignment of a worker, taken some seconds ago, in which something was entered."""
    taken = take_next(worker)
    if entered is not None:
        save(taken, 0, entered)
    earlier = F("accepted_at") - timedelta(seconds=seconds)
    Assignment.objects.filter(pk=taken.pk).update(accepted_at=earlier)
    return taken


def paid(worker, *kinds):
    rows = LedgerEntry.objects.filter(worker=worker, kind__in=kinds).order_by("pk")
    return list(rows.values_list("kind", "cents"))


LONG, SHORT = PART_SECONDS + 5, 5
NOTHING = DRAFT | {"marked": [], "concept": "", "group": None, "remark": ""}
# How somebody came, what they entered (None: they never did), for how long, and the part's cents.
BEGUN = [
    ("by a market", DRAFT, LONG, [40]),
    ("with an account", DRAFT, LONG, [40]),
    ("by a personal link", DRAFT, LONG, [40]),
    ("after a set", DRAFT, LONG, [40]),
    ("after a set", DRAFT, SHORT, []),
    ("after a set", None, LONG, []),
    ("after a set", NOTHING, LONG, []),
    ("after a set", NOTHING | {"marked": [2]}, LONG, [40]),
    ("after a set", NOTHING | {"concept": "dog"}, LONG, [40]),
    ("by an open link", DRAFT, LONG, []),
]


def came(study, how):
    """A worker who came to a study in one of the ways of BEGUN."""
    if how == "by a market":
        return participant_of(prolific_link(study)).worker
    account = User.objects.create_user("ana") if how == "with an account" else None
    link = invite(study, COMMAND, is_personal=how == "by a personal link")
    worker = enter(link.token, agreed(), account)
    if how == "after a set":
        submit(take_next(worker), form())
    return worker


@pytest.mark.parametrize(("how", "entered", "seconds", "amounts"), BEGUN)
def test_a_begun_set_pays_half_if_it_was_worked_on(study, how, entered, seconds, amounts):
    worker = came(study, how)
    if how == "by a market":
        agree(worker, agreed())
    taken = begun(worker, seconds, entered)

    stop(worker)

    assert [cents for _kind, cents in paid(worker, "part")] == amounts
    taken.refresh_from_db()
    assert taken.status == Assignment.Status.RETURNED
    assert not taken.place.leased_until


def test_stopping_again_and_again_pays_once(study):
    ana = came(study, "by a personal link")
    for _ in range(3):
        begun(ana, 600)
        stop(ana)
        stop(ana)

    assert paid(ana, "part", "debriefing") == [("part", 40)]


def test_an_open_link_entered_again_and_again_pays_no_parts(study):
    token = invite(study, COMMAND).token
    for _ in range(4):
        ana = enter(token, agreed())
        begun(ana, 600)
        stop(ana)

    assert not LedgerEntry.objects.exists()


def test_the_debriefing_is_paid_once_to_who_submitted_a_set(ana):
    stop(ana)
    assert paid(ana, "debriefing") == []

    submit(take_next(ana), form())
    stop(ana)
    stop(ana)

    assert paid(ana, "debriefing") == [("debriefing", 20)]


def test_who_agreed_to_a_text_without_fields_is_promised_nothing():
    study = published_study("old", layers=LAYERS)
    ben = enter(study.invitations.create().token, 1)
    submit(take_next(ben), form())

    stop(ben)

    assert paid(ben, "debriefing") == []


def test_the_debriefing_counts_the_sets_that_were_not_what_they_seemed(study, ana):
    Network.objects.update(condition="random images")
    KnownAnswer.objects.create(unit=Unit.objects.first(), concepts=["dog"], for_control=True)
    while taken := take_next(ana):
        submit(taken, form())

    counts = summary(ana)

    assert (counts.of, counts.nothing_in_common, counts.known, counts.practice) == (4, 4, 1, 0)
    assert (counts.machine_names, counts.catch_images) == (0, 4)


def test_the_page_after_stopping_says_what_it_was_about(client, study):
    token = invite(study, COMMAND).token
    client.post(f"/enter/{token}/", POSTED)
    submit(take_next(study.workers.get()), form())

    assert client.post("/stop/").url == "/debriefing/"

    page = client.get("/debriefing/").content.decode()
    assert "<b>In 1 set pictures were added that do not fit.</b>" in page
    assert "For reading this page you get $0.20." in page
    assert "/take-back/" in page
    assert client.get("/stop/").status_code == 405
