"""A dissected study becomes a report through pages alone, and by commands with the same rows."""

import re

import pytest
from django.core.management import call_command
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from playwright.sync_api import expect

from annotator.job_queue import do_next_job
from annotator.models import Answer, Assignment, Hit, Invitation, LedgerEntry, PayoutBatch, Place
from annotator.pay import payment_files, payouts
from annotator.pay.budget import spent_cents
from tests.crowd.consents import POSTED, with_consent
from tests.crowd.markets import NUMBER, prolific_link
from tests.folder_storage import use_folder
from tests.publishing.dissections import dissected_study
from tests.views.annotator.prolific import Prolific, Visitor

STUDY = "/studies/small/"
HIT_PAGE = re.compile(r"/hits/[\w-]+/$")


@pytest.fixture
def study(tmp_path, settings):
    """Three units, dissected and not published, whose consent text is filled in."""
    use_folder(settings, tmp_path)
    return with_consent(dissected_study(worker_share=1, assignments_wanted=2))


def work_off_jobs():
    while do_next_job():
        pass


def label_all(address):
    """Somebody enters by a link, agrees, and labels every set that they are given."""
    visitor = Visitor(address)
    visitor.open()
    visitor.client.post(address, POSTED, follow=True)
    page = visitor.next()
    while page.redirect_chain and HIT_PAGE.match(page.redirect_chain[-1][0]):
        page = visitor.label(page)
        if not HIT_PAGE.match(page.redirect_chain[-1][0]):
            page = visitor.next()


def label_by_both_links(study):
    """One annotator comes by an invite link, one by the entry link of Prolific."""
    link = prolific_link(study)
    own = Invitation.objects.exclude(pk=link.pk).get()
    label_all(reverse("enter", args=[own.token]))
    label_all(Prolific(link).address())
    assert Answer.objects.count() == 6


def answer_about(number):
    """The answer about a unit by the annotator whom no market sent."""
    return Assignment.objects.get(unit__number=number, worker__participant=None)


def rows(study):
    """What is stored of the study's run, without keys and times."""
    market = Coalesce("worker__participant__market", Value(""))
    study.refresh_from_db()
    settings = (study.assignments_wanted, study.hourly_cents, spent_cents(study))
    return {
        "hits": Hit.objects.values_list("unit__number", "kind", "status", "hit_type__reward_cents"),
        "places": Place.objects.values_list("hit__unit__number", "number", "is_filled"),
        "answers": Assignment.objects.values_list("unit__number", market, "status"),
        "ledger": LedgerEntry.objects.order_by().values_list(
            market, "kind", "cents", "state", "batch__market"
        ),
        "files": [
            (
                row.market,
                row.reference,
                payment_files.as_csv(row.market, payouts.batch_payments(row)),
            )
            for row in PayoutBatch.objects.filter(market="prolific")
        ],
        "settings": [settings],
    }


class ByPages:
    """A requester in a browser."""

    def __init__(self, page, address):
        self.page, self.address = page, address

    def open(self, path):
        self.page.goto(self.address + path)

    def click(self, name):
        self.page.get_by_role("button", name=name).first.click()

    def publish(self):
        self.open(f"{STUDY}publish/")
        expect(
            self.page.get_by_alt_text("Ten tiles, from the least to the most lit")
        ).to_be_visible()
        expect(self.page.get_by_role("button", name="Publish for $4.80")).to_be_visible()
        self.page.get_by_label("A pilot of").check()
        self.page.get_by_label("Answers per unit").fill("1")
        self.click("Update price")
        self.click("Publish for $2.40")
        self._publication()
        self.open(f"{STUDY}publish/?assignments=2")
        self.click("Publish for $2.40")
        self._publication()
        self.open(f"{STUDY}recruit/")
        self.click("Create invite link")
        expect(self.page.get_by_role("button", name="Revoke link")).to_be_visible()

    def _publication(self):
        expect(self.page.get_by_text("Waiting for a worker process")).to_be_visible()
        work_off_jobs()
        expect(self.page.get_by_text("Published on")).to_be_visible()

    def decide(self, key, button, state):
        self.open(f"{STUDY}review/{key}/")
        self.click(button)
        self.open(f"{STUDY}review/{key}/")
        expect(self.page.get_by_text(state, exact=True).first).to_be_visible()

    def review(self):
        self.decide(answer_about(0).key, "Approve", "approved")
        self.decide(answer_about(1).key, "Soft-reject", "soft-rejected")

    def pay(self):
        for _ in range(2):  # the market's, and by hand
            self.open(f"{STUDY}pay/")
            self.click("Prepare a batch of")
            with self.page.expect_download():
                self.page.get_by_role("link", name="Download CSV").click()
            self.page.get_by_label("Reference of the payment").fill("A 1")
            self.click("Mark as sent")
            self.click("Confirm 1 payment")
            expect(self.page.get_by_text("Settled")).to_be_visible()
        self.open(f"{STUDY}pay/")
        expect(self.page.get_by_text("agrees with the answers to the cent")).to_be_visible()
        expect(self.page.get_by_text("Nothing waits to be paid.")).to_be_visible()

    def report(self):
        self.open("/results/small/")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(re.compile("small"))
        expect(self.page.get_by_text("hidden until the planned answers")).to_have_count(0)


class ByCommands:
    """The same requester at a terminal."""

    def publish(self):
        call_command("publish", "small", "--pilot", "--assignments", "1", "--yes")
        call_command("publish", "small", "--assignments", "2", "--yes")

    def review(self):
        call_command("review", "small", "approve", "--assignment", answer_about(0).key)
        call_command("review", "small", "soft-reject", "--assignment", answer_about(1).key)

    def pay(self):
        for market in ("local", "prolific"):
            call_command("pay", "small", "create", "--market", market)
            batch = str(PayoutBatch.objects.latest("pk").pk)
            call_command("pay", "small", "sent", "--batch", batch, "--reference", "A 1")
            call_command("pay", "small", "confirmed", "--batch", batch)

    def report(self):
        call_command("results", "small")


EXPECTED = {
    "hits": [(0, "naming", "reviewing", 80), (1, "naming", "reviewing", 80)]
    + [(2, "naming", "reviewable", 80)],
    "places": [(unit, number, True) for unit in range(3) for number in (1, 2)],
    "answers": [(0, "", "approved"), (1, "", "soft-rejected"), (2, "", "submitted")]
    + [(unit, "prolific", "submitted") for unit in range(3)],
    "ledger": 3 * [("", "reward", 80, "confirmed", "local")]
    + 3 * [("prolific", "reward", 80, "confirmed", "prolific")]
    + [("prolific", "debriefing", 20, "confirmed", "prolific")],
    "files": [("prolific", "A 1", f"{NUMBER},2.60\n")],
    "settings": [(2, 1200, 500)],
}


def run(study, requester):
    """The way from a dissected study to its report, whoever goes it."""
    requester.publish()
    label_by_both_links(study)
    requester.review()
    requester.pay()
    requester.report()
    assert payouts.totals(study).difference == 0
    assert {name: sorted(each) for name, each in rows(study).items()} == {
        name: sorted(each) for name, each in EXPECTED.items()
    }


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_a_dissected_study_to_its_report_through_pages_only(browser_page, live_server, study):
    run(study, ByPages(browser_page, live_server.url))


@pytest.mark.django_db
def test_the_same_by_commands_gives_the_same_rows(study):
    run(study, ByCommands())
