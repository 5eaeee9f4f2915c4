"""A dissected study becomes a report through pages: priced, published, labelled, paid."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from annotator.job_queue import do_next_job
from annotator.models import Answer, Assignment, Hit, Invitation, LedgerEntry, Worker
from annotator.pay.budget import spent_cents
from tests.crowd.consents import POSTED, with_consent
from tests.crowd.markets import prolific_link
from tests.folder_storage import use_folder
from tests.publishing.dissections import dissected_study
from tests.views.annotator.prolific import Prolific, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


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
    while page.redirect_chain and re.match(r"/hits/[\w-]+/$", page.redirect_chain[-1][0]):
        page = visitor.label(page)
        if not re.match(r"/hits/[\w-]+/$", page.redirect_chain[-1][0]):
            page = visitor.next()


def publish_in_the_browser(page, address):
    """The requester looks at tiles and price, publishes a pilot, and then the rest."""
    page.goto(f"{address}/studies/small/publish/")
    expect(page.get_by_alt_text("Ten tiles, from the least to the most lit")).to_be_visible()
    expect(page.get_by_role("button", name="Publish for $4.80")).to_be_visible()
    page.get_by_label("A pilot of").check()
    page.get_by_label("Answers per unit").fill("1")
    page.get_by_role("button", name="Update price").click()
    page.get_by_role("button", name="Publish for $2.40").click()
    expect(page.get_by_text("Waiting for a worker process")).to_be_visible()
    work_off_jobs()
    expect(page.get_by_text("Published on")).to_be_visible()
    page.goto(f"{address}/studies/small/publish/?assignments=2")
    page.get_by_role("button", name="Publish for $2.40").click()
    work_off_jobs()
    expect(page.get_by_text("Published on")).to_be_visible()


def pay_all(client):
    """Every market's batch is prepared, exported, marked as sent, and confirmed."""
    for market in ("local", "prolific"):
        batch = client.post("/studies/small/pay/", {"market": market}).url
        assert client.get(f"{batch.rstrip('/')}.csv").status_code == 200
        client.post(batch, {"step": "sent", "reference": market})
        client.post(batch, {"step": "confirmed"})


def test_from_a_dissected_study_to_its_report(browser_page, live_server, client, study):
    publish_in_the_browser(browser_page, live_server.url)
    assert Hit.objects.count() == 3

    client.post("/studies/small/invite/", {"label": "lab"})
    invitation = Invitation.objects.get(label="lab")
    label_all(reverse("enter", args=[invitation.token]))
    label_all(Prolific(prolific_link(study)).address())
    assert Answer.objects.count() == 6
    assert Worker.objects.count() == 2

    first, second = Assignment.objects.order_by("pk")[:2]
    client.post(
        f"/studies/small/review/{first.key}/", {"assignment": first.key, "decision": "approve"}
    )
    client.post(
        f"/studies/small/review/{second.key}/",
        {"assignment": second.key, "decision": "soft-reject"},
    )
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.status, second.status) == ("approved", "soft-rejected")

    pay_all(client)
    states = set(LedgerEntry.objects.values_list("state", flat=True))
    assert states == {"confirmed"}
    assert sum(LedgerEntry.objects.values_list("cents", flat=True)) == spent_cents(study)
    assert (
        "agrees with the answers to the cent" in client.get("/studies/small/pay/").content.decode()
    )
    browser_page.goto(f"{live_server.url}/results/small/")
    expect(browser_page.get_by_role("heading", level=1)).to_be_visible()
    assert Client().get("/results/small/").status_code == 200
