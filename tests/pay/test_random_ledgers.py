"""Random lives of a ledger, compared with a slow definition of what is owed and paid."""

import secrets
from collections import defaultdict
from datetime import timedelta
from math import ceil
from statistics import median

import pytest
from django.db.models import Sum
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule
from hypothesis.strategies import booleans, integers, lists, sampled_from, tuples

from annotator.crowd.answers.submission import AnswerForm, submit
from annotator.crowd.audit import COMMAND
from annotator.crowd.review import decisions, payout_batches
from annotator.crowd.review.bonuses import give_bonus
from annotator.crowd.scheduling import leases
from annotator.models import (
    Assignment,
    Hit,
    Invitation,
    KnownAnswer,
    LedgerEntry,
    MarketLink,
    Participant,
    PayoutBatch,
)
from annotator.pay import payouts
from annotator.pay.top_up import owe_shortfalls
from tests.crowd.hit_model import walk
from tests.crowd.studies import published_study, workers
from tests.pay.decided import rejected

FORM = AnswerForm("thing", 5, frozenset())
MINUTES = [1, 4, 6, 9, 30]
MARKETS = ["local", "prolific"]
HAPPENINGS = ["submit"] * 4 + ["submit_again", "reject", "undo", "approve", "bonus", "top_up"]
HAPPENINGS += ["batch"] * 2 + ["send"] * 2 + ["confirm", "fail", "fail_one", "cancel"]
PAID, NOT_PAID = True, False


class Ledger(RuleBasedStateMachine):
    """What may happen to the pay of three people; a list of amounts says what is owed."""

    @initialize(minimum=sampled_from([0, 800, 2000]))
    def publish(self, minimum):
        self.study = published_study(
            secrets.token_hex(8),
            layers=(("net", "conv", 12),),
            places=3,
            worker_share=1,
            min_hourly_cents=minimum,
        )
        hits = Hit.objects.filter(unit__layer__network__study=self.study)
        self.hits = list(hits.select_related("hit_type", "unit").order_by("pk"))
        KnownAnswer.objects.create(unit=self.hits[0].unit, concepts=["x"], for_training=True)
        self.people = workers(self.study, "ana", "ben", "cem")
        link = MarketLink.objects.create(
            invitation=Invitation.objects.create(study=self.study), market="prolific"
        )
        cem = self.people[2]
        Participant.objects.create(
            study=self.study, link=link, market="prolific", number="5f0c", worker=cem
        )
        self.market = dict(zip(self.people, ["local", "local", "prolific"], strict=True))
        self.answers = {}  # assignment: [worker, is it paid?, seconds, is it practice?]
        self.extra = defaultdict(int)  # worker: cents of bonuses
        self.topped = defaultdict(int)  # worker: cents of top-ups
        self.bonuses = set()
        self.batches = {}  # pk: {"state", "rows": {worker: [cents, state]}}

    @rule(
        happenings=lists(tuples(sampled_from(HAPPENINGS), integers(0, 8), booleans()), min_size=20)
    )
    def happen(self, happenings):
        for what, which, again in happenings:
            getattr(self, what)(which)
            if again:
                getattr(self, f"{what}_twice", lambda which: None)(which)
        self.check()

    def earned(self, worker):
        rewards = sum(80 for owner, paid, *_ in self.answers.values() if owner == worker and paid)
        return rewards + self.extra[worker] + self.topped[worker]

    def sent_on(self, worker, *states):
        rows = [batch["rows"].get(worker) for batch in self.batches.values()]
        return sum(cents for cents, state in filter(None, rows) if not states or state in states)

    def check(self):
        """What the ledger says is what happened, and nobody was paid more than they earned."""
        for worker in self.people:
            entries = worker.ledger.all()
            sums = dict(entries.order_by().values_list("state").annotate(Sum("cents")))
            assert sum(sums.values()) == self.earned(worker)
            assert sums.get("sent", 0) == self.sent_on(worker, "sent")
            assert sums.get("confirmed", 0) == self.sent_on(worker, "confirmed")
        totals = payouts.totals(self.study)
        assert totals.total == sum(map(self.earned, self.people))
        assert totals.difference == 0
        for pk, batch in self.batches.items():
            entries = LedgerEntry.objects.filter(batch=pk).exclude(state="failed")
            due = {row.worker: row.cents for row in payouts.payments(entries)}
            assert due == {
                w.pk: cents for w, (cents, state) in batch["rows"].items() if state != "failed"
            }

    def submit(self, which):
        worker = self.people[which % 3]
        taken = sum(owner == worker for owner, *_ in self.answers.values())
        if taken == len(self.hits):
            return
        hit = self.hits[taken]
        assignment = leases.accept(worker, hit)
        submit(assignment, FORM)
        seconds = 60 * MINUTES[which % len(MINUTES)]
        assignment.refresh_from_db()
        start = assignment.submitted_at - timedelta(seconds=seconds)
        Assignment.objects.filter(pk=assignment.pk).update(accepted_at=start)
        self.answers[assignment] = [worker, PAID, seconds, hit == self.hits[0]]

    def one(self, which):
        return list(self.answers)[which % len(self.answers)] if self.answers else None

    def submit_again(self, which):
        if assignment := self.one(which):
            submit(assignment, FORM)

    submit_again_twice = submit_again

    def reject(self, which):
        if assignment := self.one(which):
            rejected(assignment)
            self.answers[assignment][1] = NOT_PAID

    reject_twice = reject

    def undo(self, which):
        if assignment := self.one(which):
            decisions.soft_reject(assignment, COMMAND)
            self.answers[assignment][1] = PAID

    undo_twice = undo

    def approve(self, which):
        if assignment := self.one(which):
            decisions.approve(assignment, COMMAND)
            self.answers[assignment][1] = PAID

    def bonus(self, which):
        worker, token = self.people[which % 3], f"t{which}"
        give_bonus(worker, 7 + which, "Good", COMMAND, token)
        if (worker, token) not in self.bonuses:
            self.bonuses.add((worker, token))
            self.extra[worker] += 7 + which

    bonus_twice = bonus

    def top_up(self, which):
        self.expect_top_ups()
        owe_shortfalls(self.study)

    top_up_twice = top_up

    def expect_top_ups(self):
        """By definition: the minimum for the time of what is paid, less what was paid for it."""
        times = [seconds for _, _, seconds, is_practice in self.answers.values() if not is_practice]
        longest = 3 * (median(times) if len(times) >= 5 else 240)
        for worker in self.people:
            own = [row for row in self.answers.values() if row[0] == worker and row[1] == PAID]
            hours = sum(min(seconds, longest) for _, _, seconds, _ in own) / 3600
            least = ceil(round(self.study.min_hourly_cents * hours, 6))
            self.topped[worker] += max(0, least - 80 * len(own) - self.topped[worker])

    def batch(self, which):
        market = MARKETS[which % 2]
        self.expect_top_ups()
        due = {}
        for worker in self.people:
            unpaid = self.earned(worker) - self.sent_on(worker, "owed", "sent", "confirmed")
            if self.market[worker] == market and unpaid > 0:
                due[worker] = [unpaid, "owed"]
        made = payout_batches.create_batch(self.study, market, COMMAND)
        assert (made is not None) == bool(due)
        if made:
            for batch in self.batches.values():  # what failed has moved on
                for worker in due:
                    if batch["rows"].get(worker, [0, ""])[1] == "failed":
                        del batch["rows"][worker]
            self.batches[made.pk] = {"state": "prepared", "rows": due}

    def batch_twice(self, which):
        assert payout_batches.create_batch(self.study, MARKETS[which % 2], COMMAND) is None

    def chosen(self, which, *states):
        pks = [pk for pk, batch in self.batches.items() if batch["state"] in states]
        return PayoutBatch.objects.get(pk=pks[which % len(pks)]) if pks else None

    def send(self, which):
        if batch := self.chosen(which, "prepared"):
            assert payout_batches.mark_sent(batch, COMMAND, "bank 7")
            assert not payout_batches.mark_sent(batch, COMMAND, "bank 8")
            self.batches[batch.pk]["state"] = "sent"
            self.settled(batch, "owed", "sent")

    def settled(self, batch, before, after, only=None):
        for worker, row in self.batches[batch.pk]["rows"].items():
            if row[1] == before and only in (None, worker):
                row[1] = after

    def confirm(self, which):
        if batch := self.chosen(which, "sent"):
            payout_batches.settle(batch, "confirmed", COMMAND)
            self.settled(batch, "sent", "confirmed")
            assert payout_batches.settle(batch, "failed", COMMAND) == 0

    confirm_twice = confirm

    def fail(self, which):
        if batch := self.chosen(which, "sent"):
            payout_batches.settle(batch, "failed", COMMAND)
            self.settled(batch, "sent", "failed")

    fail_twice = fail

    def fail_one(self, which):
        if batch := self.chosen(which, "sent"):
            worker = self.people[which % 3]
            payout_batches.settle(batch, "failed", COMMAND, [worker])
            self.settled(batch, "sent", "failed", only=worker)

    def cancel(self, which):
        if batch := self.chosen(which, "sent"):
            with pytest.raises(payout_batches.PayoutError, match="is sent"):
                payout_batches.cancel_batch(batch, COMMAND)
        if batch := self.chosen(which, "prepared"):
            del self.batches[batch.pk]
            payout_batches.cancel_batch(batch, COMMAND)

    def teardown(self):
        """In the end everybody has what they earned, to the cent, unless more was paid before."""
        for pk in [pk for pk, batch in self.batches.items() if batch["state"] == "prepared"]:
            payout_batches.mark_sent(PayoutBatch.objects.get(pk=pk), COMMAND)
        for market in MARKETS:
            self.expect_top_ups()
            if batch := payout_batches.create_batch(self.study, market, COMMAND):
                payout_batches.mark_sent(batch, COMMAND)
        for batch in PayoutBatch.objects.filter(study=self.study):
            payout_batches.settle(batch, "confirmed", COMMAND)
        for worker in self.people:
            paid = worker.ledger.filter(state="confirmed").aggregate(cents=Sum("cents", default=0))
            earned = self.earned(worker)
            owes = worker.ledger.filter(state="owed").aggregate(cents=Sum("cents", default=0))
            assert owes["cents"] <= 0
            assert paid["cents"] + owes["cents"] == earned


@pytest.mark.django_db
@pytest.mark.both_databases
def test_what_is_owed_is_what_happened_and_nothing_is_paid_twice():
    walk(Ledger, times=5)


@pytest.mark.thorough
@pytest.mark.django_db
@pytest.mark.both_databases
@pytest.mark.timeout(1800)
def test_nor_in_many_lives():
    walk(Ledger, times=150)
