"""Simulated participants over HTTP: reloads, returns, lost cookies, double submits and pauses.

Some share no single answers, some stop early, some take their answers back. However they behave,
each is one worker, everything that was done is paid once, the ledger is what is owed, and the
budget holds.
"""

import random
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from django.db import connection
from django.db.models import Count, Sum
from django.db.models.functions import Now

from annotator.crowd.audit import COMMAND
from annotator.crowd.review import payout_batches
from annotator.models import (
    Assignment,
    Hit,
    LedgerEntry,
    MarketSession,
    PayoutBatch,
    Study,
    Worker,
)
from annotator.pay import payouts
from annotator.pay.budget import spent_cents
from tests.crowd.concurrency import run_at_once
from tests.crowd.consents import POSTED, with_consent
from tests.crowd.markets import prolific_link
from tests.crowd.studies import published_study

pytestmark = pytest.mark.both_databases

FEE_PERCENT, REWARD_CENTS, WANTED_SETS = 25, 80, 4
WAITS = 60  # of a participant for the end of a pause


class Person:
    """A participant with a browser, who comes by the market's link."""

    def __init__(self, address, token, number):
        self.address = address
        query = f"PROLIFIC_PID={number}&STUDY_ID={'a' * 24}&SESSION_ID={number}"
        self.entry = f"{address}/enter/{token}/?{query}"
        self.draw = random.Random(number)
        self.enter()

    def enter(self):
        """Open the link in a browser that knows nothing, and agree if one is asked.

        `is_in` is False for somebody new whom the study does not take any more.
        """
        self.browser = requests.Session()
        choice = {"shares": "no" if self.happens(0.3) else "yes"}
        for _ in range(WAITS):
            page = self.browser.get(self.entry)
            if "is_adult" in page.text:
                page = self.post(self.entry, POSTED | choice)
            if "This study is paused, so nobody new" not in page.text:
                break
            time.sleep(0.05)
        self.is_in = page.status_code == 200
        assert self.is_in or "so nobody new can start" in page.text, page.status_code

    def post(self, url, data):
        token = {"csrfmiddlewaretoken": self.browser.cookies.get("csrftoken", "")}
        return self.browser.post(url, data | token)

    def happens(self, share):
        return self.draw.random() < share

    def next_set(self):
        """The address of the next set; None where the study hands out none."""
        for _ in range(WAITS):
            page = self.post(f"{self.address}/hits/next/", {})
            assert page.status_code == 200, page.status_code
            if page.url.rstrip("/") != f"{self.address}/hits":
                return page.url if "/hits/" in page.url else None
            if "paused" not in page.text:
                return None
            time.sleep(0.05)
        return None

    def submit(self, url):
        """Submit a set, sometimes by two presses at once, sometimes again later."""
        form = {"concept": "sky", "group": "3", "says": "concept"}
        if self.happens(0.3):
            with ThreadPoolExecutor(2) as presses:
                list(presses.map(lambda _: self.post(url, form), range(2)))
        self.post(url, form)

    def work(self):
        """Do sets until the study has none, or this person has enough or stops."""
        for _ in range(WANTED_SETS if self.is_in else 0):
            if self.happens(0.2):
                self.enter()
            url = self.next_set()
            if url is None:
                return
            for _ in range(self.draw.randrange(3)):
                assert self.browser.get(url).status_code == 200
            if self.happens(0.15):
                self.post(f"{url}return/", {"reason": "too hard"})
            else:
                self.submit(url)
            if self.happens(0.05):
                self.stop()
                break
        if self.is_in and self.happens(0.1):
            self.take_back()

    def stop(self):
        """Press the button to stop, twice, and read the page of the code."""
        for _ in range(2):
            page = self.post(f"{self.address}/stop/", {})
            assert "/finished/" in page.url, page.url

    def take_back(self):
        """Take all answers back by the link on the own page, twice, if there are any."""
        links = re.findall(
            r'href="(/take-back/[^"]+)"', self.browser.get(f"{self.address}/work/").text
        )
        for link in links[:1] * 2:
            assert self.post(f"{self.address}{link}", {}).status_code == 200


def pause_now_and_then(ended):
    """Pause the study for moments, as a requester would."""
    while not ended.wait(0.3):
        Study.objects.update(paused_at=Now())
        ended.wait(0.1)
        Study.objects.update(paused_at=None)
    Study.objects.update(paused_at=None)
    connection.close()


def take_part(live_server, people, units, places, threads, budget_cents):
    study = published_study(
        layers=(("net", "conv", units),), places=places, worker_share=1, budget_cents=budget_cents
    )
    link = prolific_link(with_consent(study), fee_percent=FEE_PERCENT)
    token = link.invitation.token
    ended = threading.Event()
    requester = threading.Thread(target=pause_now_and_then, args=(ended,))
    requester.start()
    try:
        with ThreadPoolExecutor(threads) as at_once:
            numbers = [f"{number:024x}" for number in range(1, people + 1)]
            came = list(at_once.map(lambda n: came_and_worked(live_server.url, token, n), numbers))
    finally:
        ended.set()
        requester.join()
    return study, sum(came)


def came_and_worked(address, token, number):
    """Let a person take part; whether the study took them."""
    person = Person(address, token, number)
    person.work()
    return person.is_in


def everybody_is_paid_once(study, people):
    assert Worker.objects.filter(study=study).count() == people
    answered = Assignment.objects.filter(worker__study=study, status__in=Assignment.DONE)
    assert answered.count() > people
    for row in answered:
        assert hasattr(row, "answer") == (row.status != Assignment.Status.WITHDRAWN)
    rewards = LedgerEntry.objects.filter(study=study, kind="reward")
    assert set(rewards.values_list("assignment", flat=True)) == set(
        answered.values_list("pk", flat=True)
    )
    assert rewards.count() == answered.count()
    assert payouts.totals(study).difference == 0
    # The budget holds to the cent: what was in hand at the stop had its place in it.
    assert spent_cents(study) <= study.budget_cents

    batches = run_at_once(*[lambda: payout_batches.create_batch(study, "prolific", COMMAND)] * 3)
    assert len(list(filter(None, batches))) == 1
    batch = PayoutBatch.objects.get()
    run_at_once(*[lambda: payout_batches.mark_sent(batch, COMMAND)] * 3)
    payout_batches.settle(batch, "confirmed", COMMAND)

    debriefed = LedgerEntry.objects.filter(study=study, kind="debriefing")
    assert debriefed.count() == debriefed.values("worker").distinct().count()
    ended = MarketSession.objects.exclude(outcome="").values("participant__worker")
    assert set(debriefed.values_list("worker", flat=True)) == set(
        answered.filter(worker__in=ended).values_list("worker", flat=True)
    )

    counts = dict(answered.values_list("worker").annotate(Count("pk")))
    entries = LedgerEntry.objects.filter(study=study)
    paid = entries.filter(state="confirmed", kind="reward").values_list("worker")
    assert dict(paid.annotate(Sum("cents"))) == {
        worker: REWARD_CENTS * count for worker, count in counts.items()
    }
    assert not entries.exclude(state="confirmed").exists()
    totals = payouts.totals(study)
    assert (
        totals.confirmed
        == totals.total
        == sum(payment.cents for payment in payouts.payments(batch.entries.all()))
    )


def sets_worth(count):
    """A budget with room for some sets, fees included."""
    return count * REWARD_CENTS * (100 + FEE_PERCENT) // 100


@pytest.mark.django_db(transaction=True)
def test_a_dozen_participants_are_one_worker_each_and_paid_once(live_server):
    study, came = take_part(
        live_server, people=12, units=8, places=9, threads=3, budget_cents=sets_worth(30)
    )

    assert 5 <= came <= 12
    everybody_is_paid_once(study, came)
    assert Assignment.objects.filter(status__in=Assignment.DONE).count() <= 30
    assert Hit.objects.count() == 8


@pytest.mark.thorough
@pytest.mark.django_db(transaction=True)
def test_five_hundred_participants_are_one_worker_each_and_paid_once(live_server):
    study, came = take_part(
        live_server, people=500, units=60, places=30, threads=8, budget_cents=sets_worth(1600)
    )

    everybody_is_paid_once(study, came)
    kinds = LedgerEntry.objects.order_by().values_list("kind").annotate(Count("pk"), Sum("cents"))
    print(f"{came} came in, {spent_cents(study)} of {study.budget_cents} cents: {list(kinds)}")
    assert came >= 400
