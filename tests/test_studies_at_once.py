"""Studies, runs and networks that several requests add at the same moment."""

import pytest

from annotator.job_queue import enqueue_run
from annotator.job_requests import RunRequest
from annotator.models import Network, Run, Study
from tests.crowd.concurrency import run_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]

REQUEST = RunRequest(network="n", layers=["a"], images="/pictures", top=7)


def test_requests_that_make_one_study_at_once_make_one_and_share_its_run():
    runs = run_at_once(*[lambda: enqueue_run("rooms", REQUEST)] * 8)

    assert Study.objects.get().top_count == 7
    assert {run.pk for run in runs} == {Run.objects.get().pk}


def test_a_study_that_another_request_has_made_meanwhile_is_found():
    studies = run_at_once(*[lambda: Study.get_or_add("rooms", top_count=9)] * 8)

    assert {study.pk for study in studies} == {Study.objects.get().pk}


def add_network(study):
    from django.db import transaction

    with transaction.atomic():
        position = study.next_position()
        return Network.objects.create(
            study=study, name=f"net {position}", spec="n", position=position, weights_sha256=""
        )


def test_positions_of_networks_differ_after_one_was_deleted():
    study = Study.objects.create(name="rooms")
    first, second, third = (add_network(study) for _ in range(3))
    second.delete()

    assert add_network(study).position == third.position + 1


def test_networks_that_are_added_at_once_get_positions_of_their_own():
    study = Study.objects.create(name="rooms")

    networks = run_at_once(*[lambda: add_network(study)] * 6)

    assert sorted(network.position for network in networks) == list(range(6))
