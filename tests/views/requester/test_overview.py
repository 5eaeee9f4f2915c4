"""The overview of a study: what its requester sees when it is empty, running, paused, finished."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from annotator.crowd.review import quality_index
from annotator.models import AuditRow, Membership, Study, Unit
from tests.crowd.studies import published_study, workers
from tests.views.reviewer.reviewed import answer

pytestmark = pytest.mark.django_db

MAX_QUERIES = 34
PAGE = "/studies/rooms/"


def text(client):
    response = client.get(PAGE)
    assert response.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def running(name="rooms", units=3, people=2, places=3):
    """A study whose every unit has been answered by some people."""
    study = published_study(name, layers=(("net", "conv", units),), places=places, worker_share=1)
    rows = list(Unit.objects.filter(layer__network__study=study).prefetch_related("hits"))
    for worker in workers(study, *(f"w{number}" for number in range(people))):
        for unit in rows:
            answer(worker, unit)
    return study


def test_an_empty_study_says_what_to_do_first(client):
    Study.objects.create(name="rooms", image_source="photos", image_count=100)

    page = text(client)

    assert "Next step See the dissection" in page
    assert "Nothing is published yet" in page
    assert "Active annotators" not in page


def test_a_running_study_shows_how_it_goes(client):
    running()

    page = text(client)

    assert "Next step Review 6 answers" in page
    assert "Answers 6 of 9" in page
    assert "Active annotators 2 in the last hour, 2 in a day" in page
    assert "Time for a HIT 90 s median" in page
    assert "Pay per hour $32.00 median" in page
    assert "Spent $4.80 no budget set" in page
    assert "Catch images marked 100.0 % 12 of 12" in page
    assert "Returned 0 0.0 %" in page
    assert "Flags 0 annotators, 0 answers" in page
    assert "net, conv 6 9" in page


def test_a_paused_study_says_since_when(client):
    study = running()
    Study.objects.filter(pk=study.pk).update(paused_at=now(), budget_cents=5000)

    page = text(client)

    assert "Paused since" in page
    assert "Estimated finish paused" in page
    assert "of $50.00" in page


def test_a_finished_study_is_done_and_shows_its_numbers(client):
    running(people=3)
    client.get("/results/rooms/")

    page = text(client)

    assert "Estimated finish done" in page
    assert "Mean precision" in page
    assert "Open the results before" not in page


def test_precision_and_agreement_are_hidden_until_the_planned_answers_are_in(client):
    running()

    page = text(client)

    assert "hidden until the planned answers are in (6 of 9 so far)" in page
    assert "Mean precision" not in page


def test_they_are_shown_to_who_asks_and_that_is_logged(client):
    study = running()
    quality_index.store_quality(study)

    response = client.post(f"{PAGE}look/", {"what": "agreement"}, follow=True)

    assert "Your look was logged" in response.content.decode()
    assert "Open the results before" not in response.content.decode()
    look = AuditRow.objects.get(action="look")
    assert look.detail == {"what": "agreement", "answers": 6, "is_early": True}


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_a_look_leads_nowhere_else(client, back):
    running()

    response = client.post(f"{PAGE}look/", {"what": "report", "next": back})

    assert response["Location"] == PAGE


def test_a_look_at_complete_results_is_none(client):
    running(people=3)

    client.post(f"{PAGE}look/", {"what": "report"})

    assert not AuditRow.objects.filter(action="look").exists()


@pytest.mark.parametrize("max_computed", [500, 0])
def test_the_page_takes_as_many_queries_however_large_the_study(client, monkeypatch, max_computed):
    monkeypatch.setattr(quality_index, "MAX_COMPUTED", max_computed)
    counts = []
    for name, units, people in (("rooms", 2, 2), ("large", 6, 5)):
        quality_index.store_quality(running(name, units, people, places=6))
        client.get(f"/studies/{name}/")
        with CaptureQueriesContext(connection) as captured:
            client.get(f"/studies/{name}/")
        counts.append(len(captured))

    assert counts[0] == counts[1] <= MAX_QUERIES


def test_numbers_of_a_large_study_are_stored_ones_and_say_when(client, monkeypatch):
    monkeypatch.setattr(quality_index, "MAX_COMPUTED", 0)
    study = running()
    assert "are not computed yet" in text(client)

    quality_index.store_quality(study)

    page = text(client)
    assert "Time for a HIT 90 s median" in page
    assert "computed in the background" in page


def test_totals_of_an_earlier_version_are_not_computed_yet(client, monkeypatch):
    monkeypatch.setattr(quality_index, "MAX_COMPUTED", 0)
    study = running()
    quality_index.store_quality(study)
    study.review.totals = {"seconds": 3}
    study.review.save()

    assert "are not computed yet" in text(client)


def test_only_a_requester_looks(client, django_user_model, settings):
    settings.EMBEDDED = False
    study = running()
    rex = django_user_model.objects.create(username="rex")
    Membership.objects.create(user=rex, study=study, role="reviewer")
    client.force_login(rex)

    assert client.post(f"{PAGE}look/", {"what": "report"}).status_code == 403
    assert not AuditRow.objects.filter(action="look").exists()
