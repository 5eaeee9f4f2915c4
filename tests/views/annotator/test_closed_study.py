"""A study that is closed says why, on the page with the next set and where one is asked for."""

import pytest
from django.urls import reverse

from annotator.crowd.audit import COMMAND
from annotator.crowd.scheduling import leases
from annotator.models import Answer, Assignment, Hit
from annotator.publishing import running_studies
from tests.crowd.studies import published_study, workers

pytestmark = pytest.mark.django_db

CLOSED = [  # how a study is closed, and the sentence; anybody can add a row
    (
        lambda study: running_studies.pause(study, COMMAND),
        "This study is paused, so there is nothing new",
    ),
    (
        lambda study: running_studies.set_budget(study, 0, COMMAND),
        "The budget of this study is used up",
    ),
    (
        lambda study: running_studies.set_budget(study, 79, COMMAND),
        "The budget of this study is used up",
    ),
]


@pytest.fixture
def study():
    return published_study(layers=(("n", "l", 3),), worker_share=1)


@pytest.fixture
def ana(client, study):
    (ana,) = workers(study, "ana")
    session = client.session
    session["worker"] = ana.pk
    session.save()
    return ana


@pytest.mark.parametrize(("close", "sentence"), CLOSED)
def test_a_closed_study_says_why_and_hands_out_nothing(client, study, ana, close, sentence):
    close(study)

    page = client.get(reverse("hits")).content.decode()
    asked = client.post(reverse("next_hit"), follow=True).content.decode()

    assert sentence in page
    assert "Your work so far is paid." in page
    assert reverse("next_hit") not in page
    assert sentence in asked
    assert not Assignment.objects.exists()


@pytest.mark.parametrize(("close", "sentence"), CLOSED)
def test_the_set_in_hand_is_finished_and_the_page_says_that_it_is_the_last(
    client, study, ana, close, sentence
):
    assignment = leases.accept(ana, Hit.objects.first())
    close(study)

    page = client.get(reverse("hits")).content.decode()
    assert "Continue where you left off" in page
    assert sentence in page
    form = {"concept": "grass", "group": "4", "says": "concept", "then": "next"}
    after = client.post(reverse("hit", args=[assignment.key]), form, follow=True)

    assert Answer.objects.get().assignment == assignment
    assert sentence in after.content.decode()
