"""The remark on a HIT page, and the closing question, as an annotator meets them."""

import pytest
from django.urls import reverse

from annotator.crowd.scheduling import leases
from annotator.models import ClosingAnswer, Invitation, WorkerDetails
from tests.crowd.studies import workers

pytestmark = pytest.mark.django_db
COMPLETE = {"concept": "green ball", "group": "5", "says": "concept", "then": "stop"}


def submitted(client, assignment, **form):
    return client.post(reverse("hit", args=[assignment.key]), COMPLETE | form)


def test_who_stops_is_asked_once(as_ana, assignment, ana):
    assert submitted(as_ana, assignment).url == "/closing/"
    page = as_ana.get("/closing/").content.decode()
    assert "Did you use an AI tool" in page
    assert "No answer changes your pay" in page

    assert as_ana.post("/closing/", {"used_ai": "no"}).url == "/hits/"

    assert ClosingAnswer.objects.get(worker=ana).used_ai is False
    assert as_ana.get("/closing/").url == "/hits/"


def test_who_has_done_all_sets_is_asked_too(as_ana, assignment):
    assert "Did you use" not in as_ana.get("/hits/").content.decode()

    submitted(as_ana, assignment, then="next")

    assert "Did you use" in as_ana.get("/hits/").content.decode()
    as_ana.post("/closing/", {"used_ai": "not said"})
    assert "Did you use" not in as_ana.get("/hits/").content.decode()


@pytest.mark.parametrize("odd", ["", "maybe", "no!"])
def test_an_odd_answer_stores_nothing(as_ana, assignment, odd):
    submitted(as_ana, assignment)

    assert as_ana.post("/closing/", {"used_ai": odd}).status_code == 200
    assert not ClosingAnswer.objects.exists()


def test_the_first_answer_tells_the_kind_of_device_only_with_consent(as_ana, assignment, ana):
    submitted(as_ana, assignment)
    assert not WorkerDetails.objects.exists()  # Ana never agreed to a text


def test_a_phone_is_noted_at_the_first_answer_of_who_agreed(client, study):
    token = Invitation.objects.create(study=study).token
    phone = {"HTTP_USER_AGENT": "Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/120.0 Mobile"}
    client.post(f"/enter/{token}/", {"answer": "yes", "version": "1"}, **phone)
    page = client.post("/hits/next/").url
    assert not WorkerDetails.objects.exists()

    client.post(page, COMPLETE, **phone)

    assert WorkerDetails.objects.get().device == "phone"


def test_no_other_annotator_reads_a_remark(client, as_ana, assignment, ana, study):
    submitted(as_ana, assignment, remark="Upside down!")
    (ben,) = workers(study, "ben")
    other = leases.accept(ben, assignment.hit)
    session = client.session
    session["worker"] = ben.pk
    session.save()

    pages = [client.get(path) for path in (reverse("hit", args=[other.key]), "/hits/", "/work/")]

    assert all("Upside down!" not in page.content.decode() for page in pages)
