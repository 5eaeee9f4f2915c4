"""What reviewers' pages cost: at most twelve queries, and no more rows of a larger study."""

import pytest
from django.contrib.auth.models import User

from annotator.crowd.review import quality_index
from annotator.models import Assignment, Membership, Unit
from annotator.views.reviewer import workers as workers_page
from tests.crowd.scheduling.test_queue import rows_read
from tests.crowd.studies import published_study, workers
from tests.views.reviewer.reviewed import answer, text

pytestmark = pytest.mark.django_db

MAX_QUERIES = 12
PAGES = {
    "studies": "/review/",
    "answers": "/studies/{study}/review/",
    "answers with a signal": "/studies/{study}/review/?status=any&signal=catch&order=reasons",
    "answers of a worker": "/studies/{study}/review/?worker=w0",
    "answer": "/studies/{study}/review/{key}/",
    "workers": "/studies/{study}/workers/",
    "worker": "/studies/{study}/workers/w0/",
}


@pytest.fixture
def reviewer(client, settings):
    """A reviewer who is signed in."""
    settings.EMBEDDED = False
    mia = User.objects.create(username="mia")
    client.force_login(mia)
    return mia


def reviewed_study(name, units, people, reviewer):
    """A study in which every worker has answered every unit, half of them without care."""
    study = published_study(name, layers=[("net", "conv", units)], places=people, worker_share=1)
    Membership.objects.create(user=reviewer, study=study, role="reviewer")
    rows = list(Unit.objects.filter(layer__network__study=study).prefetch_related("hits"))
    for number, worker in enumerate(workers(study, *(f"w{n}" for n in range(people)))):
        for unit in rows:
            answer(worker, unit, marked=(0, 4, 5) if number % 2 else (0,))
    return study


def cost(client, study, page):
    """The rows of each query that a page of a study makes, after the first time."""
    key = Assignment.objects.filter(worker__study=study).order_by("pk").first().key
    url = PAGES[page].format(study=study, key=key)
    text(client.get(url))
    return rows_read(lambda: text(client.get(url)))


@pytest.mark.parametrize("max_computed", [500, 0])
@pytest.mark.parametrize("page", PAGES)
def test_no_page_costs_more_than_twelve_queries(client, reviewer, page, max_computed, monkeypatch):
    monkeypatch.setattr(quality_index, "MAX_COMPUTED", max_computed)
    study = reviewed_study("rooms", 3, 3, reviewer)
    quality_index.store_quality(study)

    assert len(cost(client, study, page)) <= MAX_QUERIES


def test_no_page_reads_more_rows_of_a_large_study_than_of_a_small_one(
    client, reviewer, monkeypatch
):
    monkeypatch.setattr(quality_index, "MAX_COMPUTED", 0)
    monkeypatch.setattr("annotator.views.reviewer.answers.ANSWERS_PER_PAGE", 4)
    monkeypatch.setattr(workers_page, "WORKERS_PER_PAGE", 3)
    monkeypatch.setattr(workers_page, "ASSIGNMENTS_PER_PAGE", 3)
    monkeypatch.setattr(quality_index, "MAX_BAD_CATCH", 2)
    small = reviewed_study("small", 5, 4, reviewer)
    large = reviewed_study("large", 15, 4, reviewer)
    for study in (small, large):
        quality_index.store_quality(study)

    for page in PAGES:
        costs = [cost(client, study, page) for study in (small, large)]
        assert sum(costs[1]) <= sum(costs[0]), (page, costs)
