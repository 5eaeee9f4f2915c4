"""What an annotator's requests cost: few queries, as many in a large study as in a small one."""

import json
from dataclasses import replace
from types import SimpleNamespace

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext, override_script_prefix
from django.urls import reverse
from django.utils import translation

from annotator.crowd.access.consent import agree, newest_text
from annotator.crowd.scheduling.scheduler import next_hit
from annotator.models import Assignment, Invitation, KnownAnswer, Worker, WorkerDetails
from annotator.templatetags.kept_html import include_kept
from annotator.templatetags.picture_grid import picture_grid
from annotator.views.annotator.hit_page import Picture
from tests.crowd.studies import published_study

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

DRAFT = {"concept": "ball", "group": 5, "says": "concept", "marked": [3], "view": "region",
         "views": ["region"]}  # fmt: skip
TRACE = {"part": "1", "active_seconds": 0, "paste_count": 0, "focus_lost_count": 0,
         "seen_ms": {}, "mark_order": [3], "views": ["region"]}  # fmt: skip
ANSWER = {"concept": "green ball", "group": "5", "says": "concept", "marked": "3", "then": "stop"}


def invited(client, study):
    """The client, in the session of a person who came by an invite link and agreed to the text."""
    invitation = Invitation.objects.create(study=study)
    worker = Worker.objects.create(study=study, invitation=invitation)
    agree(worker, newest_text(study).version)
    session = client.session
    session["worker"] = worker.pk
    session.save()
    return worker


def queries_of(send):
    """How many statements a request reads or writes with."""
    with CaptureQueriesContext(connection) as captured:
        response = send()
    assert response.status_code < 400
    return sum(
        query["sql"].split()[0] in ("SELECT", "INSERT", "UPDATE", "DELETE")
        for query in captured.captured_queries
    )


@pytest.mark.parametrize("units", [12, 60])
def test_no_request_of_an_answer_takes_more_than_its_share_of_queries(client, units):
    layers = (("net", "conv1", units // 2), ("net", "conv2", units // 2))
    study = published_study(layers=layers, places=3, worker_share=1)
    worker = invited(client, study)
    next_hit(worker)  # this process reads what all queues have in common

    taking = queries_of(lambda: client.post(reverse("next_hit")))
    key = Assignment.objects.get(worker=worker).key
    opening = queries_of(lambda: client.get(reverse("hit", args=[key])))
    ahead = queries_of(lambda: client.get(reverse("ahead", args=[key])))
    body = json.dumps({"revision": 0, "content": DRAFT, "trace": TRACE})
    saving = queries_of(
        lambda: client.post(reverse("draft", args=[key]), body, content_type="application/json")
    )
    form = ANSWER | {"trace": json.dumps(TRACE | {"part": "2"})}
    submitting = queries_of(lambda: client.post(reverse("hit", args=[key]), form))

    assert taking <= 8
    assert opening <= 10
    assert ahead <= 8
    assert saving <= 9
    assert submitting <= 23  # the first also keeps the kind of device


def test_after_the_first_answer_nobody_asks_whether_the_kind_of_device_is_kept(client):
    study = published_study(layers=(("net", "conv1", 12),), places=3, worker_share=1)
    worker = invited(client, study)

    def submit():
        client.post(reverse("next_hit"))
        key = worker.assignments.latest("pk").key
        with CaptureQueriesContext(connection) as captured:
            client.post(reverse("hit", args=[key]), ANSWER)
        return " ".join(query["sql"] for query in captured.captured_queries)

    assert "workerdetails" in submit()
    assert WorkerDetails.objects.get().device == "desktop"
    assert "workerdetails" not in submit()


@pytest.mark.parametrize("language", ["en", "de"])
def test_a_kept_include_is_what_its_template_renders(language):
    values = {"view": "outline", "has_masks": True, "marked_count": 3, "count": 62}
    with translation.override(language):
        once, again = (include_kept("annotator/_tools.html", **values) for _ in range(2))
        assert once == again == render_to_string("annotator/_tools.html", values)
    other = include_kept("annotator/_tools.html", **values | {"marked_count": 4})
    assert other != once


def test_kept_urls_are_below_the_path_of_the_service():
    def html():
        return include_kept("annotator/_notices.html", judged=63, least=32)

    plain = html()
    with override_script_prefix("/label/"):
        assert html() == plain.replace('href="/', 'href="/label/') != plain


def test_known_answers_cost_the_next_hit_at_most_two_queries(client):
    study = published_study(layers=(("net", "conv1", 12),), places=3, worker_share=1)
    unit = study.networks.get().layers.get().units.first()
    KnownAnswer.objects.create(unit=unit, concepts=["grass"], for_control=True)
    worker = invited(client, study)
    next_hit(worker)

    assert queries_of(lambda: client.post(reverse("next_hit"))) <= 10


PICTURE = Picture(1, 5, 2, 0, "aa.jpg", "bb.jpg", is_marked=False, is_hidden=False)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("is_cut", ["", "insets.png"])
def test_the_grid_is_what_its_template_renders_of_each_picture(language, is_cut):
    pictures = [
        PICTURE,
        replace(PICTURE, number=2, slot=14, is_marked=True),
        replace(PICTURE, number=3, slot=0, row=7, is_hidden=True),
        replace(PICTURE, number=4, tile="a<b>&'.jpg", zoom="ü.jpg"),
    ]

    with translation.override(language):
        grid = picture_grid(pictures, is_cut)
        slowly = [
            render_to_string(
                "annotator/_picture.html", {"picture": each, "is_cut": is_cut, "count": 4}
            )
            for each in pictures
        ]

    assert grid == "".join(slowly)


def test_a_picture_has_nothing_that_the_grid_leaves_out():
    every = {name: f"PLACE{name}" for name in Picture.__dataclass_fields__}
    every |= {"is_marked": False, "is_hidden": False}

    html = picture_grid([SimpleNamespace(**every)], "insets.png")

    used = [name for name in Picture.__dataclass_fields__ if f"PLACE{name}" in html]
    assert used == ["number", "slot", "column", "row", "tile", "zoom"]
