"""A dissected study becomes a report through pages alone, and by commands with the same rows."""

import re

import pytest
from django.core.management import call_command
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from playwright.sync_api import expect

from annotator.job_queue import do_next_job
from annotator.models import (
    Answer,
    Assignment,
    CompletionCode,
    Hit,
    Invitation,
    LedgerEntry,
    PayoutBatch,
    Place,
    Study,
)
from annotator.pay import payment_files, payouts
from annotator.pay.budget import spent_cents
from tests.crowd.consents import ANSWERED, POSTED, with_consent
from tests.crowd.markets import NUMBER, prolific_link
from tests.folder_storage import use_folder
from tests.publishing.dissections import dissected_study
from tests.views.annotator.prolific import SESSION_NUMBER, STUDY_NUMBER, Prolific, Visitor

STUDY = "/studies/small/"
PASSWORD = "correct horse battery"
DECISIONS = [(0, "Approve this answer", "approved"), (1, "Soft-reject", "soft-rejected")]
HIT_PAGE = re.compile(r"/hits/[\w-]+/$")


@pytest.fixture
def study(tmp_path, settings):
    """Three units, dissected and not published."""
    use_folder(settings, tmp_path)
    return dissected_study(worker_share=1, assignments_wanted=2)


@pytest.fixture
def new_page(browser):
    """Opens a page in a browser of its own; a script error on one fails the test."""
    contexts, errors = [], []

    def open_page():
        contexts.append(browser.new_context())
        page = contexts[-1].new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not errors


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


class Tab:
    """A person in a browser of their own."""

    def __init__(self, new_page, address):
        self.page, self.address = new_page(), address

    def open(self, path):
        self.page.goto(path if path.startswith("http") else self.address + path)

    def click(self, name, role="button"):
        self.page.get_by_role(role, name=name).first.click()

    def fill(self, **fields):
        for name, value in fields.items():
            self.page.locator(f"[name={name}]").fill(value)

    def copied(self, label):
        """The text in a field with a Copy button."""
        return self.page.get_by_role("textbox", name=label, exact=True).first.input_value()

    def label_all(self, link):
        """Enter by a link, agree, and label every set that there is."""
        self.open(link)
        self.page.get_by_label("I am 18 years old or older.").check()
        self.page.get_by_label("Yes, together with the random number").check()
        self.click("I agree")
        self.click(re.compile("next set|[Ss]tart"))
        for _ in range(3):
            expect(self.page.get_by_role("button", name="Submit and continue")).to_be_visible()
            before = self.page.url
            self.fill(concept="grass")
            self.page.locator("#group-4").check(force=True)
            self.click("Submit and continue")
            self.page.wait_for_url(lambda url, before=before: url != before)


class ByPages(Tab):
    """A requester in a browser, and the people whom the links bring."""

    def __init__(self, new_page, address):
        super().__init__(new_page, address)
        self.new_page = new_page

    def consent(self):
        self.open(f"{STUDY}publish/")
        self.click("Fill in the consent text", role="link")
        self.fill(**ANSWERED)
        self.click("Save changes")
        expect(self.page.get_by_text("Your changes were saved.")).to_be_visible()

    def publish(self):
        self.open(f"{STUDY}publish/")
        expect(
            self.page.get_by_alt_text("Ten tiles, from the least to the most lit")
        ).to_be_visible()
        expect(self.page.get_by_role("button", name="Publish for $5.20")).to_be_visible()
        self.page.get_by_label("A pilot of").check()
        self.page.get_by_label("Answers per unit").fill("1")
        self.click("Update price")
        self.click("Publish for $2.60")
        self._publication()
        self.open(f"{STUDY}publish/?assignments=2")
        self.click("Publish for $2.80")
        self._publication()

    def _publication(self):
        expect(self.page.get_by_text("Waiting for a worker process")).to_be_visible()
        work_off_jobs()
        expect(self.page.get_by_text("Published on")).to_be_visible()

    def recruit(self):
        self.open(f"{STUDY}recruit/")
        self.click("Create invite link")
        invite_link = self.copied("annotator")
        self.page.get_by_label("Role").select_option("reviewer")
        self.click("Create invite link")
        self.reviewer_link = self.copied("reviewer")
        self.fill(market="prolific")
        self.click("Create market link")
        template = self.copied("Address of the study")
        filled = {"PROLIFIC_PID": NUMBER, "STUDY_ID": STUDY_NUMBER, "SESSION_ID": SESSION_NUMBER}
        entry_link = re.sub(r"\{\{%(\w+)%\}\}", lambda name: filled[name[1]], template)
        return invite_link, entry_link

    def label(self):
        invite_link, entry_link = self.recruit()
        Tab(self.new_page, self.address).label_all(invite_link)
        participant = Tab(self.new_page, self.address)
        participant.label_all(entry_link)
        code = CompletionCode.objects.get(outcome="completed").code
        expect(participant.page.locator("input.code")).to_have_value(code)

    def review(self):
        """A reviewer with an account of their own decides two answers of who was invited."""
        reviewer = Tab(self.new_page, self.address)
        reviewer.open(self.reviewer_link)
        reviewer.click("Create account", role="link")
        reviewer.fill(username="rex", password1=PASSWORD, password2=PASSWORD)
        reviewer.click("Create account")
        reviewer.click(re.compile("^Accept|^Join|^Continue"))
        for number, button, state in DECISIONS:
            reviewer.open(f"{STUDY}review/{answer_about(number).key}/")
            reviewer.click(button)
            reviewer.open(f"{STUDY}review/{answer_about(number).key}/")
            expect(reviewer.page.get_by_text(state, exact=True).first).to_be_visible()

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
    """The same requester at a terminal; people come over HTTP."""

    def consent(self):
        with_consent(Study.objects.get())

    def publish(self):
        call_command("publish", "small", "--pilot", "--assignments", "1", "--yes")
        call_command("publish", "small", "--assignments", "2", "--yes")

    def label(self):
        link = prolific_link(Study.objects.get())
        own = Invitation.objects.exclude(pk=link.pk).get()
        label_all(reverse("enter", args=[own.token]))
        label_all(Prolific(link).address())

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
    requester.consent()
    requester.publish()
    requester.label()
    assert Answer.objects.count() == 6
    requester.review()
    requester.pay()
    requester.report()
    assert payouts.totals(study).difference == 0
    assert {name: sorted(each) for name, each in rows(study).items()} == {
        name: sorted(each) for name, each in EXPECTED.items()
    }


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_from_a_dissected_study_to_its_report_through_pages_only(
    new_page, live_server, study, settings
):
    settings.PUBLIC_URL = live_server.url
    run(study, ByPages(new_page, live_server.url))


@pytest.mark.django_db
def test_the_same_by_commands_gives_the_same_rows(study):
    run(study, ByCommands())
