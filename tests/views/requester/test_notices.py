"""What stands above the Publish and Recruit pages: what is missing, what runs, what has stopped."""

import pytest

from annotator.crowd.audit import COMMAND
from annotator.job_queue import enqueue_publication
from annotator.models import Place, Publication
from annotator.publishing import PublishRequest, running_studies
from tests.crowd.consents import with_consent
from tests.crowd.studies import published_study

pytestmark = pytest.mark.django_db

PUBLISH, RECRUIT, OVERVIEW = (f"/studies/rooms/{page}" for page in ("publish/", "recruit/", ""))


@pytest.fixture
def study():
    return published_study(layers=(("n", "l", 2),))


def text(client, page):
    return " ".join(client.get(page).content.decode().split())


@pytest.mark.parametrize("page", [PUBLISH, RECRUIT])
def test_what_the_consent_text_lacks_is_named_with_the_way_to_fill_it_in(client, study, page):
    before = text(client, page)
    with_consent(study)
    after = text(client, page)

    assert "Nobody can be invited before the text says:" in before
    for heading in ("How long it is kept", "Legal basis", "Whom to ask", "Ethics approval"):
        assert f"<b>{heading}</b>" in before
    assert 'href="/studies/rooms/consent/">Fill in the consent text</a>' in before
    assert "Fill in the consent text" not in after


STATES = [  # what happens to a study, and what its Publish page says; anybody can add a row
    (lambda study: None, "<strong>Running:</strong> annotators get HITs as they ask"),
    (
        lambda study: running_studies.pause(study, COMMAND),
        "<strong>Paused:</strong> nobody gets another",
    ),
    (
        lambda study: Place.objects.update(is_filled=True),
        "<strong>Complete:</strong> every planned",
    ),
    (
        lambda study: running_studies.set_budget(study, 8000, COMMAND),
        "$0.00 of $80.00 is spent or in hand",
    ),
    (lambda study: running_studies.set_budget(study, None, COMMAND), "there is no budget"),
    (
        lambda study: enqueue_publication(study, PublishRequest(), COMMAND, 0),
        "Waiting for a worker process",
    ),
    (
        lambda study: Publication.objects.create(
            study=study, request={}, cents=0, status="failed", error="The disk is full."
        ),
        "The last publication ended early: The disk is full.",
    ),
]


@pytest.mark.parametrize(("happen", "sentence"), STATES)
def test_the_publish_page_says_what_state_the_study_is_in(client, study, happen, sentence):
    happen(study)

    assert sentence in text(client, PUBLISH)


def test_a_budget_that_more_answers_would_pass_is_told_before_they_are_published(client, study):
    running_studies.set_budget(study, 100, COMMAND)

    page = text(client, f"{PUBLISH}?assignments=4")

    assert "The budget of $1.00 is used up before everything is answered: $0.60 more" in page


def test_a_paused_study_says_so_on_its_overview_with_the_step_to_resume(client, study):
    running_studies.pause(study, COMMAND)

    page = text(client, OVERVIEW)

    assert "Paused since" in page
    assert 'href="/studies/rooms/publish/">Resume the study</a>' in page


def test_a_closed_link_stands_as_closed_on_the_recruit_page(client, study):
    with_consent(study)
    client.post("/studies/rooms/recruit/markets/", {"market": "prolific"})
    assert "Closed ·" not in text(client, RECRUIT)
    (pk,) = study.invitations.values_list("pk", flat=True)

    client.post(f"/studies/rooms/invitations/{pk}/")

    assert "Closed ·" in text(client, RECRUIT)
    assert '<span class="quiet">closed</span></h1>' in text(client, f"{RECRUIT}markets/{pk}/")


def test_a_personal_link_is_not_said_to_confuse_people(client, study):
    with_consent(study)
    client.post("/studies/rooms/recruit/mail/", {"addresses": "ana@example.org"})

    assert "1 use left · 0 people joined · for one person, on any device" in text(client, RECRUIT)
