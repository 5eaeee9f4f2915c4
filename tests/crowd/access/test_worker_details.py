"""Details of people: coarse, kept with consent alone, and gone with the worker."""

import pytest
from django.db import IntegrityError

from annotator.crowd.access.consent import agree, write_text
from annotator.crowd.access.invitations import enter
from annotator.crowd.access.worker_details import device_class, keep_device
from annotator.crowd.audit import COMMAND
from annotator.models import ClosingAnswer, Invitation, WorkerDetails
from annotator.models.worker_details import AgeBand, participant_hash
from tests.crowd.studies import published_study, workers

PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0 Mobile Safari"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) Version/17.0 Mobile/15E148 Safari"
TABLET = "Mozilla/5.0 (Linux; Android 13; SM-X906C) AppleWebKit/537.36 Chrome/120.0 Safari/537.36"
IPAD = "Mozilla/5.0 (iPad; CPU OS 12_5 like Mac OS X) Version/12.1 Mobile/15E148 Safari/604.1"
FIREFOX_TABLET = "Mozilla/5.0 (Android 13; Tablet; rv:121.0) Gecko/121.0 Firefox/121.0"
LAPTOP = "Mozilla/5.0 (X11; Linux x86_64; rv:121.0) Gecko/20100101 Firefox/121.0"

pytestmark = pytest.mark.django_db


@pytest.fixture
def study():
    return published_study()


def invited(study):
    return Invitation.objects.create(study=study).token


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (PHONE, "phone"),
        (IPHONE, "phone"),
        (TABLET, "tablet"),
        (IPAD, "tablet"),
        (FIREFOX_TABLET, "tablet"),
        (LAPTOP, "desktop"),
        ("", "desktop"),
    ],
)
def test_a_browser_belongs_to_one_of_three_classes(user_agent, device):
    assert device_class(user_agent) == device


def test_of_an_age_only_the_band_is_kept():
    bands = {age: AgeBand.of(age) for age in range(120)}

    assert (bands[17], bands[18], bands[24], bands[25]) == ("under 18", "18-24", "18-24", "25-34")
    assert (bands[64], bands[65], bands[119]) == ("55-64", "65 or older", "65 or older")
    assert set(bands.values()) == set(AgeBand)


def test_the_device_of_the_first_answer_stays(study):
    ana = enter(invited(study), 1)

    keep_device(ana, PHONE)
    keep_device(ana, LAPTOP)

    assert WorkerDetails.objects.get(worker=ana).device == "phone"


def test_without_consent_no_detail_is_kept(study):
    write_text(study, "We keep nothing of you.", COMMAND)
    ana = enter(invited(study), 2, participant="5e9088a8a4b6ed018b45ba7b")
    keep_device(ana, PHONE)
    assert not WorkerDetails.objects.exists()

    write_text(study, "We keep the kind of device.", COMMAND, covers_device=True)
    keep_device(ana, PHONE)
    assert not WorkerDetails.objects.exists(), "she has not agreed to the new text"
    agree(ana, 3)
    keep_device(ana, PHONE)
    assert WorkerDetails.objects.get().device == "phone"


def test_simulated_workers_have_no_device(study):
    (robot,) = workers(study, "robot", kind="simulated")

    keep_device(robot, PHONE)

    assert not WorkerDetails.objects.exists()


def test_of_a_participants_number_only_a_keyed_hash_is_kept(study, client):
    address = f"/enter/{invited(study)}/?PROLIFIC_PID=5e9088a8a4b6ed018b45ba7b"
    client.get(address)
    assert not WorkerDetails.objects.exists()

    client.post(address, {"answer": "yes", "version": "1"})

    (details,) = WorkerDetails.objects.all()
    assert details.participant == participant_hash(study, "5e9088a8a4b6ed018b45ba7b")
    assert "5e9088a8" not in details.participant
    other = published_study("other")
    assert participant_hash(other, "5e9088a8a4b6ed018b45ba7b") != details.participant


def test_details_and_the_closing_answer_go_with_the_worker(study):
    ana = enter(invited(study), 1)
    keep_device(ana, PHONE)
    ClosingAnswer.objects.create(worker=ana, used_ai=True)

    ana.delete()

    assert not WorkerDetails.objects.exists()
    assert not ClosingAnswer.objects.exists()


@pytest.mark.parametrize("wrong", [{"device": PHONE[:7]}, {"age_band": "24"}])
def test_the_database_takes_coarse_classes_alone(study, wrong):
    (ana,) = workers(study, "ana")

    with pytest.raises(IntegrityError):
        WorkerDetails.objects.create(worker=ana, **wrong)
