"""The home page: each study once, with pictures, progress and the one next step by role."""

import re

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotator.models import Assignment, Membership, Role, Study, Worker
from annotator.views.next_step import next_step
from annotator.views.study_status import StudyProgress, progress_of
from tests.crowd.studies import published_study, workers
from tests.views.hits import pictured_study
from tests.views.reviewer.reviewed import answer, text

pytestmark = pytest.mark.django_db
PUBLISHED = {"networks": 1, "places": 9}


def cards(page):
    return re.findall(r'<li class="study-card">.*?</li>', page, re.DOTALL)


@pytest.mark.parametrize(
    ("role", "progress", "text", "page"),
    [
        (Role.REQUESTER, {}, "See the dissection", "study"),
        (Role.REQUESTER, {"networks": 1, "is_running": True}, "See the dissection", "study"),
        (Role.REQUESTER, {"networks": 1}, "Publish a pilot", "publish"),
        (Role.REQUESTER, PUBLISHED | {"filled": 5}, "Recruit annotators", "recruit"),
        (Role.REQUESTER, PUBLISHED | {"filled": 5, "is_paused": True}, "Resume the study",
         "publish"),
        (Role.REQUESTER, PUBLISHED | {"filled": 9, "owed_cents": 720}, "Pay $7.20", "pay"),
        (Role.REQUESTER, PUBLISHED | {"filled": 5, "waiting": 1}, "Review 1 answer", "review"),
        (Role.REVIEWER, PUBLISHED | {"waiting": 1416}, "Review 1,416 answers", "review"),
        (Role.REQUESTER, PUBLISHED | {"filled": 9}, "Read the report", "report"),
        (Role.REQUESTER, PUBLISHED | {"filled": 5, "is_simulated": True}, "Read the report",
         "report"),
        (Role.REVIEWER, PUBLISHED | {"filled": 5, "waiting": 5}, "Review 5 answers", "review"),
        (Role.REVIEWER, PUBLISHED | {"filled": 5}, "See the answers", "review"),
        (Role.REVIEWER, PUBLISHED, None, None),
        (Role.READER, PUBLISHED | {"filled": 5, "waiting": 5}, None, None),  # results are hidden
        (Role.READER, PUBLISHED | {"filled": 9, "waiting": 5}, "Read the report", "report"),
        (Role.READER, {"networks": 1}, None, None),
    ],
)  # fmt: skip
def test_the_next_step_follows_from_role_and_progress(role, progress, text, page):
    roles = {role, Role.REVIEWER, Role.READER} if role == Role.REQUESTER else {role}

    step = next_step("rooms", roles, StudyProgress(**progress))

    assert (step and step.text) == text
    if step:
        assert re.split("[?#]", step.url)[0] == reverse(page, args=["rooms"])


def test_progress_counts_places_and_answers_that_wait_for_review():
    study = published_study(layers=(("n", "l", 2), ("m", "l", 1)), worker_share=1)
    empty = Study.objects.create(name="empty")
    ana, ben = workers(study, "ana", "ben")
    unit = study.networks.first().layers.get().units.first()
    answer(ana, unit)
    Assignment.objects.update(status=Assignment.Status.APPROVED)
    answer(ben, unit)

    progress = progress_of([study, empty])

    counted = {"networks": 2, "places": 9, "filled": 2, "waiting": 1, "owed_cents": 160}
    assert progress[study.pk] == StudyProgress(**counted)
    assert progress[empty.pk] == StudyProgress()


def test_answers_of_simulated_workers_wait_for_nobody():
    study = published_study()
    simulated = workers(study, "s", kind=Worker.Kind.SIMULATED)[0]
    answer(simulated, study.networks.get().layers.get().units.get())

    progress = progress_of([study])[study.pk]

    assert (progress.waiting, progress.is_simulated) == (0, True)


def test_each_study_has_one_card_with_three_unit_pictures(client):
    pictured_study(layers=(("n", "shallow", 2), ("n", "deep", 9)))
    published_study(name="streets")

    page = text(client.get("/"))

    rooms, streets = sorted(cards(page), key=lambda card: "streets" in card)
    assert len(cards(page)) == 2
    assert rooms.count("<svg") == 3
    assert "0 of 33 answers" in rooms
    assert rooms.count("<a ") == streets.count("<a ") == 1
    assert "Recruit annotators" in rooms


def test_everybody_sees_only_studies_of_their_own_roles(client, settings):
    settings.EMBEDDED = False
    rooms, streets = published_study(), published_study(name="streets")
    published_study(name="secret")
    user = User.objects.create_user("rita")
    Membership.objects.create(user=user, study=rooms, role=Role.READER)
    Membership.objects.create(user=user, study=streets, role=Role.REVIEWER)
    Membership.objects.create(user=user, study=streets, role=Role.READER)
    client.force_login(user)

    page = text(client.get("/"))

    names = [re.search(r"<h2[^>]*>\s*(\w+)", card)[1] for card in cards(page)]
    assert sorted(names) == ["rooms", "streets"]


def test_more_studies_take_no_more_queries(client, django_assert_num_queries):
    pictured_study(layers=(("n", "l", 3),))
    with CaptureQueriesContext(connection) as one:
        client.get("/")
    for name in ("b", "c", "d"):
        pictured_study(name=name, layers=(("n", "l", 3), ("m", "l", 3)), seed=3)
    with django_assert_num_queries(len(one)):
        assert len(cards(text(client.get("/")))) == 4
    assert len(one) <= 12


def test_an_empty_installation_tells_the_two_commands_that_make_a_study(client):
    page = text(client.get("/"))

    assert "manage.py dissect" in page
    assert "manage.py publish" in page
    assert cards(page) == []


def test_a_stranger_is_told_what_this_is_and_where_to_sign_in(client, settings):
    settings.EMBEDDED = False
    published_study()

    page = text(client.get("/"))

    assert "What do the units of a vision network see?" in page
    assert reverse("sign_in") in page
    assert "rooms" not in page
