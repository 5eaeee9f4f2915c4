"""The Pay page: whom to pay how much, batches, and who may see it."""

import pytest
from django.contrib.auth.models import User

from annotator.models import AuditRow, LedgerEntry, MarketLink, Membership, PayoutBatch, Study
from annotator.pay.ledger import Kind, owe
from tests.crowd.reviewing import answered
from tests.crowd.studies import published_study, workers
from tests.pay.test_payouts import market_link, participant

pytestmark = pytest.mark.django_db

PAY = "/studies/rooms/pay/"


@pytest.fixture
def study():
    return published_study()


@pytest.fixture
def ana(study):
    """Ana of Prolific has one answer and a bonus; Ben, of no market, one answer."""
    ana, ben = workers(study, "ana", "ben")
    participant(ana, "5f0c")
    answered(ana)
    answered(ben)
    owe(ana, Kind.BONUS, 100, "bonus a", "care")
    return ana


def text(response):
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_says_whom_to_pay_how_much_and_that_it_agrees_with_the_answers(client, ana):
    page = text(client.get(PAY))

    assert "Prepare a batch of $1.80" in page
    assert "Prepare a batch of $0.80" in page
    assert "$1.00 of it is bonuses" in page
    assert "agrees with the answers to the cent: those that are paid earned $1.60" in page


def test_a_ledger_that_does_not_agree_is_shown(client, ana):
    owe(ana, Kind.REWARD, 80, "reward of nothing", "a set")

    assert "The ledger has $2.40 for answers, but the answers earned $1.60" in text(client.get(PAY))


def test_each_link_of_a_market_has_a_batch_of_its_own(client, study, ana):
    other = market_link(study)
    (cem,) = workers(study, "cem")
    answered(participant(cem, "6a1d", link=other))
    assert text(client.get(PAY)).count(">Prolific ") == 2

    url = client.post(PAY, {"market": "prolific", "link": str(other.pk)}).url

    assert client.get(f"{url.rstrip('/')}.csv").content == b"6a1d,0.80\n"
    assert f"came by the market link Prolific {other.pk}" in text(client.get(url))
    MarketLink.objects.filter(pk=other.pk).update(study_number="5a1b")
    assert "took part in your study 5a1b at Prolific" in text(client.get(url))


@pytest.mark.parametrize("link", ["999999", "a", "-1", "9" * 30])
def test_a_link_that_is_not_there_prepares_nothing(client, ana, link):
    client.post(PAY, {"market": "prolific", "link": link})

    assert not PayoutBatch.objects.exists()


def test_a_batch_is_prepared_downloaded_sent_and_confirmed(client, ana):
    url = client.post(PAY, {"market": "prolific"}).url
    assert "Not sent yet" in text(client.get(url))
    assert client.get(f"{url.rstrip('/')}.csv").content == b"5f0c,1.80\n"
    client.post(url, {"step": "sent", "reference": "bulk 7"})
    assert "bulk 7" in text(client.get(url))
    client.post(url, {"step": "confirmed"})

    assert set(LedgerEntry.objects.filter(worker=ana).values_list("state", flat=True)) == {
        "confirmed"
    }
    assert "Settled" in text(client.get(url))
    assert "settled" in text(client.get(PAY))
    assert AuditRow.objects.filter(action="payments confirmed").exists()


def test_the_second_of_two_who_press_at_once_prepares_nothing(client, ana):
    client.post(PAY, {"market": "prolific"})

    page = text(client.post(PAY, {"market": "prolific"}, follow=True))

    assert "Nothing waits to be paid there any more." in page
    assert PayoutBatch.objects.count() == 1


def test_who_is_paid_by_hand_is_in_a_batch_that_says_so(client, ana):
    page = text(client.get(client.post(PAY, {"market": "local"}).url))

    assert "1 payment by hand, $0.80 in all." in page
    assert "Who entered by an open link has no account here" in page


def test_without_a_promised_time_the_page_says_that_answers_wait(client, study):
    Study.objects.update(approval_days=None)  # as studies of earlier versions have it
    assert "No time is promised so far: answers wait" in text(client.get(PAY))

    client.post(f"{PAY}approval/", {"days": "7"})

    assert "Annotators are promised this time before they begin." in text(client.get(PAY))


def test_one_row_of_a_batch_fails_and_waits_again(client, ana):
    url = client.post(PAY, {"market": "prolific"}).url
    client.post(url, {"step": "sent"})
    client.post(url, {"step": "failed", "worker": "ana"})

    assert "Prepare a batch of $1.80" in text(client.get(PAY))


@pytest.mark.parametrize("worker", ["nobody", "", "\0"])
def test_a_row_of_nobody_changes_nothing(client, ana, worker):
    url = client.post(PAY, {"market": "prolific"}).url
    client.post(url, {"step": "sent"})
    client.post(url, {"step": "failed", "worker": worker})

    assert not LedgerEntry.objects.filter(state="failed").exists()


@pytest.mark.parametrize("step", ["confirmed", "failed"])
def test_a_batch_that_is_not_sent_cannot_be_settled(client, ana, step):
    url = client.post(PAY, {"market": "prolific"}).url

    assert "is not sent yet" in text(client.post(url, {"step": step}, follow=True))


def test_a_batch_that_is_sent_cannot_be_canceled_and_one_that_is_not_can(client, ana):
    url = client.post(PAY, {"market": "prolific"}).url
    assert client.post(url, {"step": "cancel"}).url == PAY
    url = client.post(PAY, {"market": "prolific"}).url
    client.post(url, {"step": "sent"})

    assert "is sent" in text(client.post(url, {"step": "cancel"}, follow=True))


@pytest.mark.parametrize("market", ["", "none-such", "\0", "'; --"])
def test_a_market_that_is_not_there_prepares_nothing(client, ana, market):
    client.post(PAY, {"market": market})

    assert not PayoutBatch.objects.exists()


def test_another_study_has_not_the_batch(client, ana):
    pk = PayoutBatch.objects.create(study=published_study("streets"), market="local").pk

    assert client.get(f"{PAY}{pk}/").status_code == 404
    assert client.get(f"{PAY}{pk}.csv").status_code == 404


@pytest.mark.parametrize("role", ["requester", "reviewer", "reader", "annotator", None])
@pytest.mark.parametrize("path", ["", "{pk}/", "{pk}.csv"])
def test_only_requesters_see_and_change_payments(client, settings, study, ana, role, path):
    settings.EMBEDDED = False
    pk = PayoutBatch.objects.create(study=study, market="local").pk
    user = User.objects.create_user("rita")
    if role:
        Membership.objects.create(user=user, study=study, role=role)
    client.force_login(user)
    expected = 200 if role == "requester" else 403

    assert client.get(PAY + path.format(pk=pk)).status_code == expected
    if not path.endswith(".csv") and role != "requester":
        assert client.post(PAY + path.format(pk=pk), {"market": "local"}).status_code == 403
        assert PayoutBatch.objects.count() == 1


def test_the_page_takes_as_many_queries_however_many_are_paid(
    client, study, ana, django_assert_max_num_queries
):
    for number, worker in enumerate(workers(study, *map(str, range(120)))):
        owe(worker, Kind.BONUS, 5, f"bonus {number}", "care")

    with django_assert_max_num_queries(18):
        page = text(client.get(PAY))

    assert "The first 100 of 121" in page
