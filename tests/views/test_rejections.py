"""A rejection on pages: proposed by a reviewer, replied to by the worker, confirmed by another."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.test import Client

from annotator.models import Invitation, Membership, ProposedRejection, Study
from tests.crowd.reviewing import answered, now
from tests.crowd.studies import published_study, workers
from tests.views.annotator.test_my_work import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return published_study()


@pytest.fixture
def answer(study):
    return answered(workers(study, "ana")[0])


@pytest.fixture
def reviewers(study, settings):
    settings.EMBEDDED = False
    clients = []
    for name in ("mia", "noa"):
        user = User.objects.create_user(name)
        Membership.objects.create(user=user, study=study, role="reviewer")
        clients.append(Client())
        clients[-1].force_login(user)
    return clients


def test_a_rejection_goes_from_one_reviewer_by_the_worker_to_another(answer, reviewers, client):
    mia, noa = reviewers
    url = f"/studies/rooms/review/{answer.key}/"
    chosen = {"assignment": answer.key, "decision": "reject", "feedback": "Nothing was done."}
    page = mia.post(url, chosen, follow=True).content.decode()
    assert "1 rejections are proposed" in page

    ana = sign_in(client, answer.worker)
    assert "A reviewer wants to reject your set" in ana.get("/work/").content.decode()
    ana.post(f"/work/{answer.key}/reply/", {"reply": "I <b>did</b> look."})

    assert "I &lt;b&gt;did&lt;/b&gt; look." in noa.get(url).content.decode()
    assert "Confirm rejection" not in noa.get(url).content.decode()
    page = noa.post(url, {"proposal": "confirm"}, follow=True).content.decode()
    assert "may reply until" in page
    ProposedRejection.objects.update(proposed_at=F("proposed_at") - timedelta(days=7))
    assert "Confirm rejection" in noa.get(url).content.decode()
    page = mia.post(url, {"proposal": "confirm"}, follow=True).content.decode()
    assert "another reviewer confirms it" in page
    noa.post(url, {"proposal": "confirm"})

    assert now(answer).status == "rejected"
    assert "$0.00" in ana.get("/work/").content.decode()


def test_a_worker_replies_only_about_their_own_sets(client, study, answer):
    (ben,) = workers(study, "ben")

    response = sign_in(client, ben).post(f"/work/{answer.key}/reply/", {"reply": "Why?"})

    assert response.status_code == 404


def test_the_promised_time_is_set_and_stands_where_people_enter(client, study):
    client.post("/studies/rooms/pay/approval/", {"days": "5"})
    assert Study.objects.get().approval_days == 5
    link = Invitation.objects.create(study=study)

    page = client.get(f"/enter/{link.token}/").content.decode()

    assert "Every set is approved after 5 days at the latest." in page


@pytest.mark.parametrize("days", ["", "soon", "0", "31", "9" * 40])
def test_a_promise_that_cannot_be_is_refused(client, study, days):
    page = client.post("/studies/rooms/pay/approval/", {"days": days}, follow=True)

    assert "1 to 30 days" in page.content.decode()
    assert Study.objects.get().approval_days == 14


def test_rejections_are_counted_on_the_studys_page(client, study, answer):
    page = client.get("/studies/rooms/").content.decode()

    assert "Rejections: 0 proposed, 0 confirmed" in page
